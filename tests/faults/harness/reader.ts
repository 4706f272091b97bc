import { print } from 'graphql';
import WebSocket from 'ws';
import { createParleyClient } from '../../../client/resume';
import type { ParleyClient } from '../../../client/resume';
import type { Guest } from '../../support/factories/stage';
import { OnChannelEventsDocument } from '../../support/generated/graphql';
import type { OnChannelEventsSubscription } from '../../support/generated/graphql';

type ChannelEvent = OnChannelEventsSubscription['channelEvents'];

const QUERY = print(OnChannelEventsDocument);
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 300;

/** Follows a channel with the helper that clients copy, which comes back by cursor whatever happens, and writes down what it gets. */
export class Reader {
  /** Ids of the messages, in order of arrival. */
  readonly messages: string[] = [];
  /** Openings, the first included: how often it came back. */
  openings = 0;
  gaps = 0;
  readonly errors: unknown[] = [];
  private readonly client: ParleyClient;

  constructor(guest: Guest, url: string, channelId: string) {
    this.client = createParleyClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      token: () => guest.api.token,
      backoff: () => SHORTEST_PAUSE_MS + Math.random() * LONGEST_PAUSE_MS,
      webSocketImpl: WebSocket,
    });
    void this.client.follow<ChannelEvent>(
      { query: QUERY, variables: { channelId }, field: 'channelEvents' },
      {
        onOpened: () => {
          this.openings += 1;
        },
        onReset: () => {
          this.gaps += 1;
        },
        onEvent: (event) => {
          if (event.__typename === 'MessageAdded') this.messages.push(event.message.id);
        },
        onError: (error) => {
          this.errors.push(error);
        },
      },
    );
  }

  close(): Promise<void> {
    return this.client.dispose();
  }
}
