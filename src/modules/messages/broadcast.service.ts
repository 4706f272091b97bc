import { DomainError } from '../../errors/domain-error';
import type { Viewer } from '../../lib/viewer';
import { failed, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { MessageRecord } from './message.repository';
import type { MessageService } from './message.service';

export interface Broadcast {
  readonly channelIds: readonly string[];
  readonly body: string;
  readonly clientId?: string | null;
}

/** What became of a broadcast in one channel. */
export interface Broadcasted {
  readonly channelId: string;
  readonly outcome: Outcome<MessageRecord>;
}

/** One text in many channels: in each of them a message like any other, by the rights, the rates and the order of that channel. */
export class BroadcastService {
  constructor(private readonly messages: Pick<MessageService, 'send'>) {}

  /** Each channel once, in the order named. What keeps it from one keeps it from none of the others; a retry with the same client id sends what is missing. */
  send(viewer: Viewer, { channelIds, body, clientId }: Broadcast): Promise<Broadcasted[]> {
    const sending = [...new Set(channelIds)].map(async (channelId) => {
      const outcome = await this.messages.send(viewer, { channelId, body, clientId }).then(succeeded, refusalOf);
      return { channelId, outcome };
    });
    return Promise.all(sending);
  }
}

function refusalOf(error: unknown): Outcome<never> {
  if (error instanceof DomainError) return failed(error);
  throw error;
}
