/**
 * What every server of `bench/request-path.ts` serves beside Parley: a trivial query and a page of 50 messages, from memory or, with
 * PAGE_DATABASE_URL, by one statement over `pg` from the channel that Parley serves.
 */
import { Pool } from 'pg';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly createdAt: string;
  readonly sender: { readonly id: string; readonly displayName: string };
}

export interface Page {
  readonly edges: readonly { readonly node: Message }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

export const SCHEMA = `
  type Query { channel(id: ID!): Channel }
  type Channel { id: ID! messages(first: Int!): MessageConnection! }
  type MessageConnection { edges: [MessageEdge!]! pageInfo: PageInfo! }
  type MessageEdge { node: Message! }
  type PageInfo { hasNextPage: Boolean! }
  type Message { id: ID! body: String! createdAt: String! sender: Sender! }
  type Sender { id: ID! displayName: String! }
`;

export const RESOLVERS = {
  Query: { channel: (_root: unknown, { id }: { id: string }) => ({ id }) },
  Channel: { messages: ({ id }: { id: string }, { first }: { first: number }) => pageOf(id, first) },
};

/** What was read from Parley before the measurement, so that all have the same to say. */
export const inMemory = JSON.parse(process.env.PAGE_MESSAGES ?? '[]') as readonly Message[];
const pool = process.env.PAGE_DATABASE_URL === undefined ? null : new Pool({ connectionString: process.env.PAGE_DATABASE_URL, max: 10 });

export async function pageOf(channelId: string, first: number): Promise<Page> {
  const messages = await messagesOf(channelId, first + 1);
  return { edges: messages.slice(0, first).map((node) => ({ node })), pageInfo: { hasNextPage: messages.length > first } };
}

async function messagesOf(channelId: string, limit: number): Promise<readonly Message[]> {
  return pool === null ? inMemory.slice(0, limit) : select(pool, channelId, limit);
}

interface Row {
  readonly id: string;
  readonly body: string;
  readonly created_at: Date;
  readonly sender_id: string;
  readonly sender_name: string;
}

async function select(from: Pool, channelId: string, limit: number): Promise<Message[]> {
  const { rows } = await from.query<Row>({
    name: 'page',
    text: 'SELECT id, body, created_at, sender_id, sender_name FROM messages WHERE channel_id = $1 ORDER BY "offset" LIMIT $2',
    values: [channelId, limit],
  });
  return rows.map(({ id, body, created_at, sender_id, sender_name }) => ({
    id,
    body,
    createdAt: created_at.toISOString(),
    sender: { id: sender_id, displayName: sender_name },
  }));
}

export function ready(address: string | object | null): void {
  process.stdout.write(`${JSON.stringify(address)}\n`);
}
