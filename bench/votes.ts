/**
 * Votes: people with a token and a socket each, on one question, durable (PostgreSQL's fsync is what the last line says).
 *
 *   npm run bench:votes -- [--quick] [--people 1000] [--seconds 10]
 *
 * *At once*: everybody votes for a new question at the same moment. *Stretch*: everybody votes, and when answered votes the other way, so
 * that every vote changes the tally. CPU is from /proc: of the server process, and of PostgreSQL's processes that serve it. After each run
 * the tally is compared with what was answered, with the vote rows and with the log of votes: all the same, or the program fails.
 */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { Caller } from './caller';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { backendsOf } from './database';
import { cpuOf, cpuSince, median, percentile } from './process-stats';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, people: { type: 'string', default: '1000' }, seconds: { type: 'string' } },
});
const PEOPLE = Number(flags.people);
const STRETCH_MS = 1_000 * Number(flags.seconds ?? (flags.quick ? 3 : 10));
const ROUNDS = flags.quick ? 1 : 3;
const OPENING_AT_ONCE = 50;

const ASK = 'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { id } } }';
const VOTE = 'mutation ($input: VoteQuestionInput!) { voteQuestion(input: $input) { question { id upvotes downvotes } } }';
const TALLY = `SELECT q.upvotes, q.downvotes,
  (SELECT count(*) FROM votes WHERE question_id = q.id AND value = 1)::int AS up,
  (SELECT count(*) FROM votes WHERE question_id = q.id AND value = -1)::int AS down,
  (SELECT count(*) FROM events WHERE stream_id = 'votes:' || q.session_id AND payload->>'questionId' = q.id)::int AS changes
  FROM questions q WHERE id = $1`;

type Vote = 'UP' | 'DOWN';

interface Figures {
  readonly votes: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly serverMs: number;
  readonly databaseMs: number;
}

/** What somebody's vote is, as the server has answered, and how often it has changed. */
interface Voter {
  readonly caller: Caller;
  vote: Vote | null;
  changes: number;
}

class Poll {
  constructor(
    private readonly url: string,
    private readonly hostToken: string,
    private readonly sessionId: string,
    private readonly database: Client,
    private readonly serverPid: number,
    private readonly people: readonly Caller[],
  ) {}

  /** Everybody votes on a new question, again and again until the time is up, and once at least. */
  async measure(milliseconds: number): Promise<Figures> {
    const { askQuestion } = await ask<{ askQuestion: { question: { id: string } } }>(this.url, this.hostToken, ASK, {
      input: { sessionId: this.sessionId, body: 'Shall we?' },
    });
    const questionId = askQuestion.question.id;
    const voters = this.people.map((caller): Voter => ({ caller, vote: null, changes: 0 }));
    const latencies: number[] = [];
    const [server, database] = [cpuOf([this.serverPid]), cpuOf(await backendsOf(this.database))];
    const started = performance.now();
    const lane = async (voter: Voter): Promise<void> => {
      do {
        const vote = voter.vote === 'UP' ? 'DOWN' : 'UP';
        const { sentAt, answeredAt } = await voter.caller.ask(VOTE, { input: { questionId, value: vote } });
        latencies.push(answeredAt - sentAt);
        Object.assign(voter, { vote, changes: voter.changes + 1 });
      } while (performance.now() - started < milliseconds);
    };
    await Promise.all(voters.map(lane));
    const seconds = (performance.now() - started) / 1_000;
    const serverCpu = cpuSince(server, cpuOf([this.serverPid]));
    const databaseCpu = cpuSince(database, cpuOf(await backendsOf(this.database)));
    await this.verify(questionId, voters);
    const votes = latencies.length;
    return {
      votes,
      seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      serverMs: (serverCpu * 1_000) / votes,
      databaseMs: (databaseCpu * 1_000) / votes,
    };
  }

  private async verify(questionId: string, voters: readonly Voter[]): Promise<void> {
    const [up, down] = (['UP', 'DOWN'] as const).map((vote) => voters.filter((voter) => voter.vote === vote).length);
    const changes = voters.reduce((sum, voter) => sum + voter.changes, 0);
    const { rows } = await this.database.query<object>(TALLY, [questionId]);
    const [found, answered] = [JSON.stringify(rows[0]), JSON.stringify({ upvotes: up, downvotes: down, up, down, changes })];
    if (found !== answered) throw new Error(`answered ${answered}, found ${found}`);
  }
}

async function openPeople(url: string, code: string): Promise<Caller[]> {
  const people: Caller[] = [];
  while (people.length < PEOPLE) {
    const some = Array.from({ length: Math.min(OPENING_AT_ONCE, PEOPLE - people.length) }, async (_, n) =>
      Caller.open(url, await joinAsGuest(url, code, `Voter ${people.length + n}`)),
    );
    people.push(...(await Promise.all(some)));
  }
  return people;
}

async function main(): Promise<void> {
  const { servers, databaseUrl, stop } = await startParleyServers(1);
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const database = new Client({ connectionString: databaseUrl });
  let people: readonly Caller[] = [];
  try {
    await database.connect();
    const { rows } = await database.query<{ fsync: string }>('SHOW fsync');
    const { hostToken, sessionId, code } = await openConference(server.url, PEOPLE);
    people = await openPeople(server.url, code);
    const poll = new Poll(server.url, hostToken, sessionId, database, server.pid, people);
    await poll.measure(0);
    const table = new Map<string, Figures[]>([
      ['at once', []],
      ['stretch', []],
    ]);
    for (let round = 0; round < ROUNDS; round += 1) {
      table.get('at once')?.push(await poll.measure(0));
      table.get('stretch')?.push(await poll.measure(STRETCH_MS));
    }
    print(table, rows[0]?.fsync ?? 'unknown');
  } finally {
    for (const person of people) person.close();
    await database.end();
    await stop();
  }
}

function print(table: Map<string, Figures[]>, fsync: string): void {
  process.stdout.write(
    `${PEOPLE} people, one question\n\n| votes | number | all in s | votes/s | p50 ms | p99 ms | server CPU ms per vote | PostgreSQL CPU ms per vote |\n|---|---|---|---|---|---|---|---|\n`,
  );
  for (const [name, figures] of table) {
    const of = (pick: (one: Figures) => number, digits: number): string => median(figures.map(pick)).toFixed(digits);
    const cells = [
      name,
      of((one) => one.votes, 0),
      of((one) => one.seconds, 2),
      of((one) => one.votes / one.seconds, 0),
      of((one) => one.p50, 0),
      of((one) => one.p99, 0),
      of((one) => one.serverMs, 3),
      of((one) => one.databaseMs, 3),
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
  process.stdout.write(`\nMedians of ${ROUNDS}; every tally exact; fsync is ${fsync}.\n`);
}

void main();
