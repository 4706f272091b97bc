/** Where the stock server keeps its messages, and finds how somebody voted on one: in PostgreSQL with DATABASE_URL, otherwise in memory. */
import { Pool } from 'pg';
import type { Message } from './chat';

export interface Store {
  /** Resolves in the order of the calls for a channel. */
  keep(channelId: string, message: Message): Promise<void>;
  /** How this viewer voted on the message: nobody has. */
  voteOf(viewer: string, messageId: string): Promise<string>;
}

/** What a database needs to have for it. */
export const TABLES = `
  CREATE TABLE messages (id text PRIMARY KEY, channel_id text NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL, sender_id text NOT NULL);
  CREATE TABLE votes (message_id text, viewer text, value text NOT NULL, PRIMARY KEY (message_id, viewer));
`;

const NO_VOTE = 'NONE';

export function openStore(databaseUrl: string | undefined): Store {
  return databaseUrl === undefined ? inMemory() : inDatabase(new Pool({ connectionString: databaseUrl, max: 10 }));
}

function inMemory(): Store {
  const kept: Message[] = [];
  const votes = new Map<string, string>();
  return {
    keep: (_channelId, message) => {
      kept.push(message);
      return Promise.resolve();
    },
    voteOf: (viewer, messageId) => Promise.resolve(votes.get(`${messageId} ${viewer}`) ?? NO_VOTE),
  };
}

function inDatabase(pool: Pool): Store {
  const last = new Map<string, Promise<unknown>>();
  const insert = (channelId: string, { id, body, createdAt, sender }: Message): Promise<unknown> =>
    pool.query({
      name: 'keep',
      text: 'INSERT INTO messages (id, channel_id, body, created_at, sender_id) VALUES ($1, $2, $3, $4, $5)',
      values: [id, channelId, body, createdAt, sender.id],
    });
  return {
    // One at a time in a channel: rows written at once would be answered, and published, in any order.
    keep: async (channelId, message) => {
      const turn = (last.get(channelId) ?? Promise.resolve()).then(() => insert(channelId, message));
      last.set(channelId, turn);
      await turn;
    },
    voteOf: async (viewer, messageId) => {
      const { rows } = await pool.query<{ value: string }>({
        name: 'vote',
        text: 'SELECT value FROM votes WHERE message_id = $1 AND viewer = $2',
        values: [messageId, viewer],
      });
      return rows[0]?.value ?? NO_VOTE;
    },
  };
}
