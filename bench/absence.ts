/**
 * Whether time tells "not yours" from "does not exist": the same question about a thing of somebody else and about one that nobody has.
 *
 *   npm run build && npm run bench:absence -- [--quick] [--only embedded]
 *
 * Somebody with an account of their own asks, in turn and one at a time, so that whatever else the machine does meets both alike. The
 * promise (A3) is that the medians differ by a millisecond at most over a thousand tries; a bigger difference ends the program with an error.
 */
import { parseArgs } from 'node:util';
import { ask, openConference, register, startEmbeddedServer, startParleyServers } from './parley';
import { hangUp, post } from './posting';
import { median } from './process-stats';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const TRIES = flags.quick ? 100 : 1_000;
const WARM_UP = 20;
const APART_MS = 1;

interface Question {
  readonly about: string;
  readonly query: string;
  readonly id: string;
}

async function questionsAbout(url: string): Promise<readonly Question[]> {
  const { hostToken, sessionId, channelId } = await openConference(url, 10);
  const { sendMessage } = await ask<{ sendMessage: { message: { id: string } } }>(
    url,
    hostToken,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }',
    { input: { channelId, body: 'Not yours.' } },
  );
  const { askQuestion } = await ask<{ askQuestion: { question: { id: string } } }>(
    url,
    hostToken,
    'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { id } } }',
    { input: { sessionId, body: 'Not yours?' } },
  );
  return [
    { about: 'session', query: 'query ($id: ID!) { session(id: $id) { id title } }', id: sessionId },
    { about: 'channel', query: 'query ($id: ID!) { channel(id: $id) { id } }', id: channelId },
    { about: 'node of a message', query: 'query ($id: ID!) { node(id: $id) { id } }', id: sendMessage.message.id },
    { about: 'sessionEvents', query: 'query ($id: ID!) { sessionEvents(sessionId: $id) { __typename } }', id: sessionId },
    { about: 'startSession', query: 'mutation ($id: ID!) { startSession(sessionId: $id) { __typename } }', id: sessionId },
    {
      about: 'voteQuestion',
      query: 'mutation ($id: ID!) { voteQuestion(input: { questionId: $id, value: UP }) { __typename } }',
      id: askQuestion.question.id,
    },
  ];
}

/** Well formed, and nobody's; another one each time, so that nothing remembers it. */
function nobodys(id: string, n: number): string {
  return `${id.slice(0, -6)}${n.toString(36).padStart(6, 'z')}`;
}

async function compare(url: string, backends: string): Promise<void> {
  const stranger = {
    name: 'Parley',
    pid: 0,
    port: Number(new URL(url).port),
    headers: { authorization: `Bearer ${await register(url, 'Eve')}` },
  };
  for (const { about, query, id } of await questionsAbout(url)) {
    const times: { theirs: number[]; none: number[] } = { theirs: [], none: [] };
    const timed = async (asked: string): Promise<{ ms: number; text: string }> => {
      const startedAt = performance.now();
      const text = await post(stranger, JSON.stringify({ query, variables: { id: asked } }));
      return { ms: performance.now() - startedAt, text: text.replace(/"requestId":"[^"]+"/, '') };
    };
    for (let n = -WARM_UP; n < TRIES; n += 1) {
      const [theirs, none] = [await timed(id), await timed(nobodys(id, n + WARM_UP))];
      if (theirs.text !== none.text) throw new Error(`${about}: ${theirs.text} is not ${none.text}`);
      if (n < 0) continue;
      times.theirs.push(theirs.ms);
      times.none.push(none.ms);
    }
    const [theirs, none] = [median(times.theirs), median(times.none)];
    if (Math.abs(theirs - none) > APART_MS) process.exitCode = 1;
    process.stdout.write(`| ${backends} | ${about} | ${theirs.toFixed(2)} | ${none.toFixed(2)} | ${(theirs - none).toFixed(2)} |\n`);
  }
}

async function main(): Promise<void> {
  process.stdout.write(`| backends | asked for | not yours, ms | nobody's, ms | difference |\n|---|---|---|---|---|\n`);
  if (flags.only !== 'postgres') {
    const server = await startEmbeddedServer();
    await compare(server.url, 'embedded').finally(() => server.stop());
  }
  if (flags.only !== 'embedded') {
    const { servers, stop } = await startParleyServers(1);
    await compare(servers[0]?.url ?? '', 'PostgreSQL, Redis').finally(() => stop());
  }
  hangUp();
}

void main();
