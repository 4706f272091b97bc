import { canPresent } from '../attendees';

/** Who may signal to all others at once: who may present. */
export const canSignalAll = canPresent;

/** Who may show their screen to anybody. */
export const canShareScreen = canPresent;
