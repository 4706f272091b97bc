import WebSocket from 'ws';
import { createParleyClient } from '../client/resume';
import type { ParleyClient, StreamItem } from '../client/resume';

const SUBSCRIPTION = `subscription ($channelId: ID!, $after: StreamCursor) { channelEvents(channelId: $channelId, after: $after) {
  ... on StreamOpened { cursor recovered } ... on MessageAdded { cursor message { body } } } }`;

interface Added extends StreamItem {
  readonly message: { readonly body: string };
}

/** A client that follows one channel with the reconnect helper, and can be cut off. */
export class Listener {
  readonly received: string[] = [];
  readonly latencies: number[] = [];
  /** Times the stream was opened, anew or again. */
  openings = 0;
  resets = 0;
  cuts = 0;
  private readonly stopping = new AbortController();
  private readonly client: ParleyClient;
  private socket: WebSocket | null = null;

  constructor(url: string, token: string, backoff?: (failures: number) => number) {
    const keep = (socket: WebSocket): void => {
      this.socket = socket;
    };
    class KeptSocket extends WebSocket {
      constructor(address: string, protocols?: string | string[]) {
        super(address, protocols);
        keep(this);
      }
    }
    this.client = createParleyClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      token: () => token,
      webSocketImpl: KeptSocket,
      ...(backoff && { backoff }),
    });
  }

  /** Resolves once the stream is open. */
  open(channelId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.client.follow<Added>(
        { query: SUBSCRIPTION, variables: { channelId }, field: 'channelEvents' },
        {
          signal: this.stopping.signal,
          onOpened: () => {
            this.openings += 1;
            resolve();
          },
          onReset: () => {
            this.resets += 1;
          },
          onEvent: ({ message }) => {
            this.received.push(message.body);
            this.latencies.push(Date.now() - Number(message.body.split(' ')[1]));
          },
          onError: reject,
        },
      );
    });
  }

  cut(): void {
    this.cuts += 1;
    this.socket?.terminate();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client.dispose();
  }
}
