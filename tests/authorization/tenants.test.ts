import 'reflect-metadata';
import { getNamedType, isEnumType, isLeafType, isRequiredArgument } from 'graphql';
import type { GraphQLArgument } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { ApiClient } from '../support/api-client';
import type { Follower } from '../support/api-client';
import { eachOf } from '../support/each-of';
import { joinSession, registerAccount } from '../support/factories/stage';
import type { Account, Guest } from '../support/factories/stage';
import * as operations from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { shareOfTier } from '../support/tier-share';
import { waitFor } from '../support/wait-for';
import type { Way } from './paths';
import { waysFrom } from './paths';
import { ask, enlist, homeOf, join, send } from './world';

const DEPTH = 6;
const AT_ONCE = 16;

/** An organization with a session and a channel, and its own canary in every text that is not public. */
interface Tenant {
  readonly canary: string;
  readonly owner: Account;
  readonly member: Account;
  readonly attendee: Account;
  readonly guest: Guest;
  readonly sessionId: string;
  readonly code: string;
  readonly channelId: string;
  /** By the type that has it. */
  readonly ids: Readonly<Record<string, string>>;
}

const { schema } = buildParleySchema();
const lines: string[] = [];
let app: TestApp;
let ours: Tenant;
let theirs: Tenant;

beforeAll(async () => {
  app = await startTestApp({ log: (line) => void lines.push(line) });
  ours = await buildTenant('canary-ours-4c1d');
  theirs = await buildTenant('canary-theirs-9b7e');
}, 120_000);

afterAll(() => app.close());

describe(`every way of at most ${DEPTH} fields, asked for what belongs to another organization`, () => {
  const ways = Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter((root) => !isLeafType(getNamedType(root.type)) && root.name !== 'sessionByCode')
    .flatMap((root) => waysFrom(schema, root, DEPTH).map((way) => ({ way, args: root.args.filter(isRequiredArgument) })));
  const textFor = ({ way, args }: (typeof ways)[number], tenant: Tenant): string => {
    const passed = args.map((arg) => `${arg.name}: ${literalOf(arg, way, tenant)}`);
    const [root = ''] = /^\w+/.exec(way.path) ?? [];
    return `{ ${root}${passed.length === 0 ? '' : `(${passed.join(', ')})`} ${way.selection} }`;
  };

  it('reaches every protected type', () => {
    const reached = new Set(ways.map(({ way }) => way.type));
    const types = ['User', 'Organization', 'Session', 'Attendee', 'Channel', 'Message', 'Question', 'Sender', 'Viewer', 'Signal'];
    expect(types.filter((type) => !reached.has(type))).toEqual([]);
    expect(ways.length).toBeGreaterThan(100);
  });

  it('holds its canaries for its own people', async () => {
    const answers: string[] = [];
    await eachOf(ways, AT_ONCE, async (way) => void answers.push(await answerTo(theirs.owner.api, textFor(way, theirs))));
    expect(answers.filter((answer) => answer.includes(theirs.canary)).length).toBeGreaterThan(20);
  });

  it.each([
    ['nobody', () => new ApiClient(app.url)],
    ['the owner', () => ours.owner.api],
    ['a member', () => ours.member.api],
    ['an attendee', () => ours.attendee.api],
    ['a guest', () => ours.guest.api],
  ])('shows %s of ours nothing of it', async (_who, api) => {
    const seen: string[] = [];
    await eachOf(shareOfTier(ways), AT_ONCE, async (way) => {
      const answer = await answerTo(api(), textFor(way, theirs));
      if (answer.includes(theirs.canary)) seen.push(`${way.way.path}: ${answer}`);
    });
    expect(seen).toEqual([]);
  });

  function literalOf({ name, type: argument }: GraphQLArgument, { path }: Way, tenant: Tenant): string {
    const of = getNamedType(argument);
    if (isEnumType(of)) return of.getValues()[0]?.name ?? '';
    const type = /^\w+<(\w+)>/.exec(path)?.[1] ?? '';
    const values: Readonly<Record<string, unknown>> = {
      id: /^nodes?</.test(path) ? (tenant.ids[type] ?? '') : path.startsWith('channel') ? tenant.channelId : tenant.sessionId,
      ids: [tenant.ids[type] ?? ''],
      sessionId: tenant.sessionId,
      channelId: tenant.channelId,
      peerId: 'a-device',
    };
    if (!(name in values)) throw new Error(`say what to pass as ${name} of ${path}`);
    return JSON.stringify(values[name]);
  }
});

describe('subscriptions', () => {
  it.each(['ws', 'sse'] as const)('over %s bring nothing of another organization, in frames or refusals', async (carrier) => {
    const readers = [ours.owner, ours.member, ours.attendee, ours.guest].map(({ api }) => api.over(carrier));
    const followers = readers.flatMap((api) => [...follow(api, ours), ...follow(api, theirs)]);
    const own = follow(ours.owner.api.over(carrier), ours);
    await waitFor(() => own.slice(0, 2).every(({ received }) => received.length > 0), { what: 'our own streams' });

    for (const tenant of [theirs, ours]) {
      await ask(tenant.attendee, tenant.sessionId, { body: `Later ${tenant.canary}?` });
      await send(tenant.attendee, tenant.channelId, `Later ${tenant.canary}.`);
    }
    await waitFor(() => own.slice(0, 2).every(({ received }) => JSON.stringify(received).includes(`Later ${ours.canary}`)), {
      what: 'our own events',
    });
    const seen = [...followers, ...own].map(({ received, errors }) => JSON.stringify([received, errors]));
    expect(seen.filter((text) => text.includes(theirs.canary))).toEqual([]);
    for (const follower of [...followers, ...own]) follower.stop();
    await Promise.all(readers.map((api) => api.close()));
  });

  function follow(api: ApiClient, { sessionId, channelId }: Tenant): Follower<unknown>[] {
    return [
      api.follow(operations.OnSessionEventsDocument, { sessionId }),
      api.follow(operations.OnChannelEventsDocument, { channelId }),
      api.follow(operations.OnSignalsDocument, { sessionId }),
      api.follow(operations.OnTypingDocument, { channelId }),
      api.follow(operations.OnQuestionTalliesDocument, { sessionId }),
    ];
  }
});

describe('the audit log as a file', () => {
  // It never holds what people wrote: ids are what could give something away.
  const traces = ({ canary, ids, sessionId, owner, member, attendee }: Tenant): string[] => [
    canary,
    sessionId,
    ...Object.values(ids),
    ...[owner, member, attendee].map(({ user }) => user.id),
  ];
  const take = async (api: ApiClient, query: string): Promise<{ status: number; text: string }> => {
    const headers = { authorization: `Bearer ${api.token ?? ''}` };
    const response = await fetch(`${app.url}/exports/audit?${query}`, api.token === null ? {} : { headers });
    return { status: response.status, text: await response.text() };
  };
  const of = ({ ids }: Tenant): string => `organizationId=${ids.Organization ?? ''}`;

  it.each(['csv', 'jsonl'])('tells an owner of their own organization, and no trace of another, as %s', async (format) => {
    const { status, text } = await take(theirs.owner.api, `${of(theirs)}&format=${format}`);
    expect([status, traces(theirs).filter((trace) => text.includes(trace)).length > 1]).toEqual([200, true]);
    const own = await take(ours.owner.api, `${of(ours)}&format=${format}`);
    expect([own.status, traces(theirs).filter((trace) => own.text.includes(trace))]).toEqual([200, []]);
  });

  it.each([
    ['nobody', () => new ApiClient(app.url)],
    ['the owner', () => ours.owner.api],
    ['a member', () => ours.member.api],
    ['an attendee', () => ours.attendee.api],
    ['a guest', () => ours.guest.api],
  ])('is not there for %s of ours when it is theirs, whatever it is narrowed by', async (_who, api) => {
    for (const narrowed of ['', '&format=jsonl', `&actorId=${theirs.owner.user.id}`, `&targetId=${theirs.sessionId}`]) {
      const { status, text } = await take(api(), of(theirs) + narrowed);
      expect([status, traces(theirs).filter((trace) => text.includes(trace))]).toEqual([404, []]);
    }
  });

  it('holds nothing of theirs when ours is narrowed to their people and things', async () => {
    for (const narrowed of [`&actorId=${theirs.owner.user.id}`, `&targetId=${theirs.sessionId}`]) {
      const { status, text } = await take(ours.owner.api, `${of(ours)}${narrowed}&format=jsonl`);
      expect([status, text]).toEqual([200, '']);
    }
  });
});

describe('log lines', () => {
  it('tell of the operations, and hold no canary of anybody', () => {
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => /canary-(ours|theirs)/.test(line))).toEqual([]);
  });
});

async function answerTo(api: ApiClient, query: string): Promise<string> {
  const { json } = await api.post({ query });
  expect(JSON.stringify(json)).not.toContain('GRAPHQL_VALIDATION_FAILED');
  return JSON.stringify(json);
}

async function buildTenant(canary: string): Promise<Tenant> {
  // The names of people are for everybody who came in by some door: they hold no canary.
  const [owner, member, attendee] = await Promise.all([
    registerAccount(app.url, 'Owner'),
    registerAccount(app.url, 'Member'),
    registerAccount(app.url, 'Attendee'),
  ]);
  const organizationId = await homeOf(owner);
  await app.database.as('system').sql('UPDATE organizations SET name = $2 WHERE id = $1', [organizationId, canary]);
  await enlist(app, organizationId, member.user.id, 'MEMBER');
  const input = { title: `Title ${canary}`, description: `Description ${canary}` };
  const { session } = (await owner.api.run(operations.CreateSessionDocument, { input })).createSession;
  await owner.api.run(operations.StartSessionDocument, { sessionId: session.id });
  const attendeeId = await join(attendee, session.code);
  const guest = await joinSession(app.url, session.code, `Guest ${canary}`);
  const questionId = await ask(attendee, session.id, { body: `Question ${canary}?` });
  await owner.api.run(operations.AnswerQuestionDocument, { input: { questionId, answer: `Answer ${canary}.` } });
  await owner.api.run(operations.SendSignalDocument, {
    input: { sessionId: session.id, to: attendeeId, type: 'END', payload: { reason: canary } },
  });
  const messageId = await send(attendee, session.channel.id, `Message ${canary}.`);
  const created = await owner.api.run(operations.CreateChannelDocument, {
    input: { name: `${canary}:private:channel`, type: 'PRIVATE', memberIds: [member.user.id] },
  });
  await send(owner, created.createChannel.channel.id, `Private ${canary}.`);
  return {
    canary,
    owner,
    member,
    attendee,
    guest,
    sessionId: session.id,
    code: session.code,
    channelId: session.channel.id,
    ids: {
      User: owner.user.id,
      Organization: organizationId,
      Session: session.id,
      Attendee: guest.attendee.id,
      Channel: created.createChannel.channel.id,
      Message: messageId,
      Question: questionId,
      Invoice: session.id.replace('ses_', 'inv_'),
    },
  };
}
