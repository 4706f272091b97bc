import { connect } from 'node:net';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { malformedDates, malformedDocuments, malformedIds, malformedRequests } from '../support/malformed';
import type { Sent } from '../support/malformed';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

interface Answer {
  readonly status: number;
  readonly text: string;
}

const AT_ONCE = 20;
/** A stack, a path of ours, or the words of a library or the database. */
const INNER = /\n\s+at |node_modules|\/src\/|prisma|syntax error at or near|violates|SQLSTATE/i;

/**
 * The classes of bad input that no field is needed for, each by the hundred: typed refusals or plain answers, never a fault of ours, and
 * nothing of it stored. Every field with every boundary is in garbage.test.ts.
 */
describe('malformed input', () => {
  let app: TestApp;
  let stage: Stage;
  let before: object;
  beforeAll(async () => {
    app = await startTestApp();
    stage = await setStage(app.url);
    before = await stored();
  });
  afterAll(() => app.close());
  afterEach(async () => expect(await stored()).toEqual(before));

  async function stored(): Promise<object> {
    const [counts] = await app.database.sql(
      `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM messages) AS messages,
              (SELECT count(*) FROM attendees) AS attendees, (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM channels) AS channels`,
    );
    return counts ?? {};
  }

  async function send({ path, init }: Sent): Promise<Answer> {
    const own = init.method === 'POST' && { authorization: `Bearer ${stage.host.api.token ?? ''}` };
    const response = await fetch(`${app.url}${path}`, { ...init, headers: { ...own, ...init.headers } });
    return { status: response.status, text: await response.text() };
  }

  /** Sends them all, some at a time, and shows each that was answered as none should be. */
  async function expectRefused(cases: readonly Sent[], { mayAnswer = false } = {}): Promise<void> {
    const wrong: object[] = [];
    for (let n = 0; n < cases.length; n += AT_ONCE) {
      const answers = await Promise.all(cases.slice(n, n + AT_ONCE).map(send));
      wrong.push(
        ...answers.flatMap((answer, i) => (isRefusal(answer) || (mayAnswer && isAnswer(answer)) ? [] : [{ case: n + i, ...answer }])),
      );
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  }

  it('documents: 300', async () => {
    const cases = malformedDocuments();
    expect(cases.length).toBeGreaterThanOrEqual(300);
    await expectRefused(cases, { mayAnswer: true });
  });

  it('JSON and HTTP: 150', async () => {
    const cases = malformedRequests();
    expect(cases.length).toBeGreaterThanOrEqual(150);
    await expectRefused(cases);
  });

  it('HTTP that is none', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const requests = [
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET  /graphql HTTP/1.1\r\nhost: x\r\n\r\n',
      `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n{"a":1}`,
      `${head}content-length: -1\r\n\r\n`,
      `${head}content-length: 1e3\r\n\r\n{}`,
      `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
      `${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      `${head}transfer-encoding: nonsense\r\n\r\n{}`,
      `GET /graphql HTTP/1.1\r\nhost: x\r\n${Array.from({ length: 3_000 }, (_, n) => `x${n}: y\r\n`).join('')}\r\n`,
      `GET /graphql HTTP/1.1\r\nhost: x\r\nx: a\u0000b\r\n\r\n`,
      `GET /${'x'.repeat(10_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    ];
    for (const request of requests) expect(await raw(request)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('ids and cursors: 200', async () => {
    const cases = malformedIds({ sessionId: stage.session.id, channelId: stage.channelId, userId: stage.host.user.id });
    expect(cases.length).toBeGreaterThanOrEqual(200);
    await expectRefused(cases, { mayAnswer: true });
  });

  it('dates: 150', async () => {
    const cases = malformedDates();
    expect(cases.length).toBeGreaterThanOrEqual(150);
    await expectRefused(cases);
  });

  /** The first bytes of the answer, or nothing when the connection is ended without one. */
  function raw(text: string): Promise<string> {
    const { hostname, port } = new URL(app.url);
    return new Promise((resolve) => {
      let heard = '';
      const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
      socket.on('data', (data) => {
        heard += data.toString();
        socket.end();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(heard));
    });
  }
});

/** A refusal as every client can read it; a HEAD has no body, and a result may hold errors beside null. */
function isRefusal({ status, text }: Answer): boolean {
  if (status >= 500 || INNER.test(text)) return false;
  if (text === '') return status >= 400;
  const errors = errorsIn(text);
  return errors.length > 0 && errors.length <= 10 && errors.every(({ extensions }) => isTyped(extensions));
}

function isAnswer({ status, text }: Answer): boolean {
  return status === 200 && text.startsWith('{"data":') && errorsIn(text).length === 0 && !INNER.test(text);
}

function errorsIn(text: string): { extensions?: { code?: unknown; requestId?: unknown } }[] {
  const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
  return (JSON.parse(json) as { errors?: [] }).errors ?? [];
}

function isTyped(extensions: { code?: unknown; requestId?: unknown } = {}): boolean {
  return typeof extensions.code === 'string' && extensions.code !== 'INTERNAL_SERVER_ERROR' && typeof extensions.requestId === 'string';
}
