/**
 * Search and history in a channel of a million messages, through the API, as a guest who reads it.
 *
 *   npm run build && npm run bench:search -- [--quick] [--messages 1000000] [--each 200]
 *
 * Words are drawn as in a language: few are in most texts, most in few. Questions are asked one after another, so that times are those of an
 * answer and not of a queue; on a busy machine the CPU of each is the figure to compare (from /proc, in steps of 10 ms over all of a kind).
 * Then the plans, as the role that serves, and as the function that searches.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { backendsOf } from './database';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { cpuOf, cpuSince, median, percentile } from './process-stats';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, messages: { type: 'string' }, each: { type: 'string' } },
});
const MESSAGES = Number(flags.messages ?? (flags.quick ? 100_000 : 1_000_000));
const EACH = Number(flags.each ?? (flags.quick ? 50 : 200));
const WARM_UP = 5;
const AT_ONCE = 100_000;
const WORDS = 20_000;
const SENDERS = 500;
const FIRST = Date.UTC(2026, 0, 1);
const APART_MS = 10_000;

const SEARCH = `query ($id: ID!, $query: String!, $senderId: ID, $since: DateTime, $until: DateTime, $after: String) { channel(id: $id) {
  found: search(query: $query, senderId: $senderId, since: $since, until: $until, after: $after) {
    edges { node { id body } } pageInfo { endCursor hasNextPage } } } }`;
const HISTORY = `query ($id: ID!, $after: String, $before: String) { channel(id: $id) {
  found: messages(after: $after, before: $before) { edges { node { id body } } pageInfo { endCursor hasNextPage } } } }`;

interface Found {
  readonly channel: { readonly found: { readonly edges: readonly unknown[]; readonly pageInfo: { readonly endCursor: string | null } } };
}

interface Question {
  readonly name: string;
  readonly text: string;
  readonly variables: () => object;
}

const between = (low: number, high: number): number => low + Math.floor(Math.random() * (high - low));
const rare = (): string => `w${between(WORDS / 2, WORDS)}`;
const usual = (): string => `w${between(100, 1_000)}`;
const common = (): string => `w${between(1, 10)}`;
const senderOf = (n: number): string => `usr_${String(n % SENDERS).padStart(26, '0')}`;
const dayOf = (n: number): object => {
  const since = FIRST + n * APART_MS;
  return { since: new Date(since).toISOString(), until: new Date(since + 86_400_000).toISOString() };
};
const placeOf = (offset: number): string => Buffer.from(`messages|${offset}`).toString('base64url');

const QUESTIONS: readonly Question[] = [
  { name: 'a rare word', text: SEARCH, variables: () => ({ query: rare() }) },
  { name: 'a usual word', text: SEARCH, variables: () => ({ query: usual() }) },
  { name: 'a word in every third message', text: SEARCH, variables: () => ({ query: common() }) },
  { name: 'two usual words', text: SEARCH, variables: () => ({ query: `${usual()} ${usual()}` }) },
  { name: 'a common and a rare word', text: SEARCH, variables: () => ({ query: `${common()} ${rare()}` }) },
  { name: 'a phrase of common words', text: SEARCH, variables: () => ({ query: `"${common()} ${common()}"` }) },
  { name: 'either of two, without a third', text: SEARCH, variables: () => ({ query: `${usual()} or ${rare()} -${common()}` }) },
  { name: 'a word that nobody wrote', text: SEARCH, variables: () => ({ query: 'nowhere' }) },
  { name: 'a common word of one sender', text: SEARCH, variables: () => ({ query: common(), senderId: senderOf(between(0, SENDERS)) }) },
  { name: 'a common word, one day long ago', text: SEARCH, variables: () => ({ query: common(), ...dayOf(between(0, MESSAGES / 2)) }) },
  { name: 'history, forward from anywhere', text: HISTORY, variables: () => ({ after: placeOf(between(0, MESSAGES)) }) },
  { name: 'history, back from anywhere', text: HISTORY, variables: () => ({ before: placeOf(between(0, MESSAGES)) }) },
];

async function fill(database: Client, channelId: string): Promise<void> {
  await database.query('DROP INDEX messages_terms_idx');
  for (let from = 0; from < MESSAGES; from += AT_ONCE) {
    await database.query(
      `INSERT INTO messages (id, channel_id, "offset", sender_id, sender_name, body, created_at)
       SELECT 'msg_' || lpad(n::text, 26, '0'), $1, n, 'usr_' || lpad((n % ${SENDERS})::text, 26, '0'), 'Somebody',
         (SELECT string_agg('w' || floor(${WORDS} ^ random())::int, ' ') FROM generate_series(1, 12 + n % 5)),
         $2::timestamptz + n * interval '${APART_MS} milliseconds'
       FROM generate_series($3::int8 + 1, $4::int8) AS n`,
      [channelId, new Date(FIRST), from, Math.min(from + AT_ONCE, MESSAGES)],
    );
    console.error(`${Math.min(from + AT_ONCE, MESSAGES)} messages`);
  }
  await database.query('CREATE INDEX messages_terms_idx ON messages USING gin (terms) WITH (gin_pending_list_limit = 256)');
  await database.query('VACUUM ANALYZE messages');
}

interface Place {
  readonly url: string;
  readonly pid: number;
  readonly token: string;
  readonly channelId: string;
}

async function measure({ url, pid, token, channelId }: Place, database: Client): Promise<void> {
  console.log(`\n${MESSAGES} messages in the channel, ${EACH} questions of each kind; load ${loadavg().map(Math.round).join(' ')}\n`);
  console.log('| asked for | rows | p50 ms | p99 ms | server CPU ms | PostgreSQL CPU ms |\n|---|---|---|---|---|---|');
  for (const { name, text, variables } of QUESTIONS) {
    const askOne = async (): Promise<number> => {
      const { channel } = await ask<Found>(url, token, text, { id: channelId, ...variables() });
      return channel.found.edges.length;
    };
    for (let n = 0; n < WARM_UP; n += 1) await askOne();
    const backends = await backendsOf(database);
    const before = [cpuOf([pid]), cpuOf(backends)] as const;
    const times: number[] = [];
    let rows = 0;
    for (let n = 0; n < EACH; n += 1) {
      const started = performance.now();
      rows += await askOne();
      times.push(performance.now() - started);
    }
    const cpu = [cpuSince(before[0], cpuOf([pid])), cpuSince(before[1], cpuOf(backends))];
    const figures = [rows / EACH, median(times), percentile(times, 0.99), ...cpu.map((seconds) => (seconds * 1_000) / EACH)];
    console.log(`| ${[name, ...figures.map((figure) => figure.toFixed(1))].join(' | ')} |`);
  }
}

/** `by`: the row viewer whom the application's role acts for; null: as the owner. */
async function explain(database: Client, title: string, by: string | null, statement: string): Promise<void> {
  await database.query('BEGIN');
  if (by !== null) {
    await database.query(`SELECT set_config('parley.viewer', $1, true)`, [`{${by}}`]);
    await database.query('SET LOCAL ROLE parley_app');
  }
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${statement}`);
  await database.query('ROLLBACK');
  console.log(`\n${title}\n\`\`\`\n${rows.map((row) => row['QUERY PLAN']).join('\n')}\n\`\`\``);
}

async function explainAll(database: Client, channelId: string, attendeeId: string): Promise<void> {
  const stretch = Math.floor(MESSAGES / 16_384) - 1;
  const words = `'w5'::tsquery`;
  await explain(
    database,
    'As the role that serves, `Channel.search`',
    attendeeId,
    `SELECT id, body, found.rank FROM (SELECT id AS found_id, place, rank FROM search_messages('${channelId}', ${words}, NULL, NULL, NULL, NULL, 500)
       ORDER BY rank DESC, place DESC LIMIT 26) AS found JOIN messages ON id = found_id ORDER BY found.rank DESC, found.place DESC`,
  );
  await explain(
    database,
    'One stretch, in the function',
    null,
    `SELECT id, "offset", ts_rank(terms, ${words}) FROM messages
     WHERE terms @@ ($$'${channelId} s${stretch}'$$::tsquery && ${words}) AND "offset" <= ${MESSAGES} AND deleted_at IS NULL
     ORDER BY "offset" DESC LIMIT 500`,
  );
  await explain(
    database,
    'The same stretch as the role, without the function: the index cannot be used before the policy was asked',
    attendeeId,
    `SELECT id FROM messages WHERE terms @@ ($$'${channelId} s${stretch}'$$::tsquery && 'w19999'::tsquery) ORDER BY "offset" DESC LIMIT 500`,
  );
  await explain(
    database,
    'As the role, a page of history',
    attendeeId,
    `SELECT id, body FROM messages WHERE channel_id = '${channelId}' AND "offset" < ${Math.floor(MESSAGES / 2)} ORDER BY "offset" DESC LIMIT 26`,
  );
}

async function main(): Promise<void> {
  const { servers, databaseUrl, stop } = await startParleyServers(1);
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const room = await openConference(server.url, 10);
    const token = await joinAsGuest(server.url, room.code, 'Reader');
    await fill(database, room.channelId);
    await measure({ url: server.url, pid: server.pid, token, channelId: room.channelId }, database);
    const { rows: readers } = await database.query<{ id: string }>(`SELECT id FROM attendees WHERE display_name = 'Reader'`);
    await explainAll(database, room.channelId, readers[0]?.id ?? '');
    const { rows } = await database.query<{ heap: string; terms: string; all: string }>(
      `SELECT pg_size_pretty(pg_relation_size('messages')) AS heap, pg_size_pretty(pg_relation_size('messages_terms_idx')) AS terms,
       pg_size_pretty(pg_indexes_size('messages')) AS all`,
    );
    console.log('\nSizes', rows[0]);
  } finally {
    await database.end();
    await stop();
  }
}

void main();
