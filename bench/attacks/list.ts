import type { Attack } from './attack';
import { DOCUMENT_ATTACKS } from './documents';
import { SLOW_ATTACKS } from './slow';
import { SOCKET_ATTACKS } from './sockets';

/** What every row is compared with: the same procedure while nobody attacks. What this says is the machine's. */
const NOBODY: Attack = {
  id: '–',
  what: 'nobody attacks',
  pace: '–',
  answers: /^nothing$/,
  run: async ({ until }, tally) => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now())));
    tally.add('nothing');
  },
};

/** In the order of the catalogue. What is not here needs a fault to be injected (D16) or has a bench of its own (D29: `bench:storm`). */
export const ATTACKS: readonly Attack[] = [
  NOBODY,
  ...[...DOCUMENT_ATTACKS, ...SOCKET_ATTACKS, ...SLOW_ATTACKS].sort((a, b) => parseInt(a.id.slice(1)) - parseInt(b.id.slice(1))),
];
