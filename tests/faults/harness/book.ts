import type { Database } from '../../../src/persistence/database';
import { createPgliteDatabase } from '../../../src/persistence/database.pglite';
import { createPostgresDatabase } from '../../../src/persistence/database.postgres';
import type { ChannelBook } from './audit';

export type ReadBook = (channelId: string) => Promise<ChannelBook>;

/** Reads channels past the instances, from the tables themselves. */
export function bookOf(databaseUrl: string): ReadBook {
  return (channelId) => read(createPostgresDatabase({ url: databaseUrl, poolSize: 1 }), channelId);
}

/** The same of a directory that nobody has open. */
export function bookIn(directory: string): ReadBook {
  return (channelId) => read(createPgliteDatabase({ dataDir: directory }), channelId);
}

async function read(opening: Promise<Database>, channelId: string): Promise<ChannelBook> {
  const database = await opening;
  try {
    const messages = await database
      .as('system')
      .sql<ChannelBook['messages'][number]>(
        'SELECT id, client_id AS "clientId", "offset"::int AS "offset" FROM messages WHERE channel_id = $1 ORDER BY messages."offset"',
        [channelId],
      );
    const events = await database.sql<ChannelBook['events'][number]>(
      `SELECT payload->'message'->>'id' AS "messageId", "offset"::int AS "offset" FROM events
       WHERE stream_id = 'channel:' || $1 AND type = 'message.added' ORDER BY events."offset"`,
      [channelId],
    );
    return { messages, events };
  } finally {
    await database.close();
  }
}
