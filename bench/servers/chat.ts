/** What every GraphQL peer of `bench/fan-out.ts` serves: channels, messages, and the event that tells of one. */
import type { AddressInfo } from 'node:net';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly createdAt: string;
  readonly sender: { readonly id: string; readonly displayName: string };
}

export interface MessageAdded {
  readonly cursor: string;
  readonly message: Message;
}

export const SCHEMA = `
  type Query { count: Int! }
  type Mutation { sendMessage(channelId: ID! = "0", body: String!): Message! }
  type Subscription { channelEvents(channelId: ID! = "0"): MessageAdded! }
  type MessageAdded { cursor: String! message: Message! }
  type Message { id: ID! body: String! createdAt: String! sender: Sender! }
  type Sender { id: ID! displayName: String! }
`;

let count = 0;

export function countMessages(): number {
  return count;
}

export function createEvent(body: string): MessageAdded {
  count += 1;
  const sender = { id: 'usr_01jd0000000000000000000000', displayName: 'Publisher' };
  return {
    cursor: `cursor-cursor-${String(count).padStart(6, '0')}`,
    message: { id: `msg_${String(count).padStart(26, '0')}`, body, createdAt: new Date().toISOString(), sender },
  };
}

export function ready(address: string | AddressInfo | null): void {
  process.stdout.write(`${JSON.stringify(address)}\n`);
}
