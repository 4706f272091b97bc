import { defineEvent } from '../../realtime/event';
import type { StreamId } from '../../realtime/event';

/** What came in from one source, in the order it was kept in. For consumers: nobody subscribes to it. */
export function hooksStream(source: string): StreamId {
  return `hooks:${source}`;
}

export interface HookReceived {
  /** The sender's own id; what is sent again under it is not recorded again. */
  readonly messageId: string;
  /** The JSON text as it was signed. */
  readonly body: string;
}

export const hookReceived = defineEvent<HookReceived>('hook.received');
