import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';

/** Where it is told whose access has ended. One for all: every instance follows it, whoever is connected there. */
export const ACCESS_STREAM: StreamId = 'access:all';

/** What ended: sign-ins (by family), all that an account opens, or API keys. */
export type AccessKind = 'signIn' | 'user' | 'apiKey';

export const accessEnded = defineEvent<{ kind: AccessKind; ids: readonly string[] }>('access.ended');
