import type { Scope } from '../../src/graphql/access';
import { ApiClient } from '../support/api-client';
import type { Follower } from '../support/api-client';
import * as operations from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { MODEL, readsHidden } from './model';
import { ROLES } from './roles';
import type { Role } from './roles';
import type { World } from './world';
import { ask, askForApproval, buildWorld, send } from './world';

const CARRIERS = ['ws', 'sse'] as const;

interface Reader {
  readonly role: Role;
  readonly carrier: (typeof CARRIERS)[number];
  readonly api: ApiClient;
  readonly session: Follower<operations.OnSessionEventsSubscription>;
  readonly channel: Follower<operations.OnChannelEventsSubscription>;
  readonly signals: Follower<operations.OnSignalsSubscription>;
  readonly tallies: Follower<operations.OnQuestionTalliesSubscription>;
}

/** What one reader should have seen of something, told from the model: a text, `null` for nothing of it. */
interface LiveCell {
  readonly event: string;
  readonly expected: (role: Role) => unknown;
  readonly seen: (reader: Reader) => unknown;
}

describe('what everybody is told while it happens', () => {
  let app: TestApp;
  let world: World;
  let readers: Reader[];
  const facts = { named: '', anonymous: '', pending: '', message: '', erased: '' };

  beforeAll(async () => {
    app = await startTestApp();
    world = await buildWorld(app);
    readers = await Promise.all(ROLES.flatMap((role) => CARRIERS.map((carrier) => readerOf(role, carrier))));
    await waitFor(() => readers.filter(({ role }) => isFollowing(role)).every(hasBegun), { what: 'all who may follow', timeoutMs: 30_000 });
    await happen();
    await waitFor(() => readers.filter(({ role }) => isFollowing(role)).every(hasSeenTheEnd), {
      what: 'the last events',
      timeoutMs: 30_000,
    });
  }, 180_000);

  afterAll(async () => {
    for (const { session, channel, signals, tallies, api } of readers) {
      for (const follower of [session, channel, signals, tallies]) follower.stop();
      // The client tells once more that the server closed a socket whose token was refused.
      await api.close().catch(() => undefined);
    }
    await app.close();
  });

  const CELLS: readonly LiveCell[] = [
    { event: 'an open question', expected: ifFollowing('A secret of the session?'), seen: (reader) => firstBody(reader, facts.named) },
    { event: 'who asked it by name', expected: ifFollowing('attendee'), seen: (reader) => askerOf(reader, facts.named) },
    { event: 'who asked anonymously', expected: () => undefined, seen: (reader) => askerOf(reader, facts.anonymous) ?? undefined },
    {
      event: 'a question that was hidden',
      expected: (role) => {
        if (!isFollowing(role)) return undefined;
        return readsHidden(role.conference, role) === 'allowed' ? 'A secret of the session?' : '';
      },
      seen: (reader) => questionsOf(reader, facts.named).find(({ status }) => status === 'HIDDEN')?.body,
    },
    {
      event: 'a question that waits for approval',
      expected: (role) => (isFollowing(role) && readsHidden(role.conference, role) === 'allowed' ? 'May I?' : undefined),
      seen: (reader) => firstBody(reader, facts.pending),
    },
    { event: 'a message', expected: ifPresent('Between us.'), seen: (reader) => messageOf(reader, facts.message)?.body },
    { event: 'a message that was erased', expected: ifPresent(''), seen: (reader) => erasedBody(reader, facts.erased) },
    { event: 'a raised hand', expected: ifFollowing(true), seen: (reader) => (sawHand(reader) ? true : undefined) },
    { event: 'a vote', expected: ifFollowing(true), seen: (reader) => (sawVote(reader) ? true : undefined) },
    {
      event: "a signal to the author's inbox",
      expected: ({ conference }) => (conference.wrote ? 'for one alone' : undefined),
      seen: ({ signals }) => (JSON.stringify(signals.received).includes('for one alone') ? 'for one alone' : undefined),
    },
  ];

  it.each(CELLS.map((cell) => [cell.event, cell] as const))('%s is told to whom it is for', (_event, { expected, seen }) => {
    const deviations = readers.flatMap((reader) => {
      const [wanted, got] = [expected(reader.role), seen(reader)];
      return wanted === got
        ? []
        : [`${reader.role.name} over ${reader.carrier}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
    });
    expect(deviations).toEqual([]);
  });

  it('is nothing at all for those who may not follow', () => {
    const told = readers.flatMap(({ role, session, channel, signals, tallies }) => [
      ...(isFollowing(role) ? [] : [...session.received, ...tallies.received]),
      ...(isPresent(role) ? [] : [...channel.received, ...signals.received]),
    ]);
    expect(told).toEqual([]);
  });

  async function readerOf(role: Role, carrier: (typeof CARRIERS)[number]): Promise<Reader> {
    const { sessionId, channelId } = world.conference;
    const api = new ApiClient(app.url, await role.token(world), carrier);
    return {
      role,
      carrier,
      api,
      session: api.follow(operations.OnSessionEventsDocument, { sessionId }),
      channel: api.follow(operations.OnChannelEventsDocument, { channelId }),
      signals: api.follow(operations.OnSignalsDocument, { sessionId }),
      tallies: api.follow(operations.OnQuestionTalliesDocument, { sessionId }),
    };
  }

  async function happen(): Promise<void> {
    const { conference, accounts } = world;
    const { attendee, host, presenter } = accounts;
    facts.named = await ask(attendee, conference.sessionId, { body: 'A secret of the session?' });
    facts.anonymous = await ask(attendee, conference.sessionId, { body: 'Who am I?', anonymous: true });
    facts.pending = await askForApproval(host, attendee, conference.sessionId, 'May I?');
    await presenter.api.run(operations.VoteQuestionDocument, { input: { questionId: facts.named, value: 'UP' } });
    await host.api.run(operations.HideQuestionDocument, { input: { questionId: facts.named } });
    facts.message = await send(attendee, conference.channelId, 'Between us.');
    facts.erased = await send(attendee, conference.channelId, 'Too much.');
    await attendee.api.run(operations.DeleteMessageDocument, { input: { messageId: facts.erased } });
    await presenter.api.post({
      query: 'mutation ($id: ID!) { raiseHand(sessionId: $id, raised: true) { attendee { id } } }',
      variables: { id: conference.sessionId },
    });
    await host.api.run(operations.SendSignalDocument, {
      input: { sessionId: conference.sessionId, to: conference.authorAttendeeId, type: 'END', payload: { reason: 'for one alone' } },
    });
    await host.api.run(operations.UpdateSessionDocument, { input: { sessionId: conference.sessionId, title: 'The end' } });
    await send(host, conference.channelId, 'The end.');
  }

  function hasSeenTheEnd({ session, channel, signals, tallies, role }: Reader): boolean {
    const signalled = !role.conference.wrote || JSON.stringify(signals.received).includes('for one alone');
    const tallied = tallies.received.some(({ questionTallies }) => questionTallies.questionId === facts.named);
    const ended = isPresent(role) ? [session, channel] : [session];
    return signalled && tallied && ended.every(({ received }) => JSON.stringify(received).includes('The end'));
  }

  function sawVote({ tallies }: Reader): boolean {
    return tallies.received.some(({ questionTallies }) => questionTallies.questionId === facts.named && questionTallies.upvotes === 1);
  }
});

function isPresent(role: Role): boolean {
  return reads(role, 'messages:read') && MODEL.presentAttendee(role.conference, role) === 'allowed';
}

/** What happens in the session is also for who looks after it; what people write to each other is not. */
function isFollowing(role: Role): boolean {
  return reads(role, 'sessions:read') && MODEL.sessionFollower(role.conference, role) === 'allowed';
}

/** Of keys: those with the scope. */
function reads({ always, scopes }: Role, scope: Scope): boolean {
  return always === undefined && (scopes === undefined || scopes.includes(scope));
}

function ifFollowing(text: unknown): LiveCell['expected'] {
  return (role) => (isFollowing(role) ? text : undefined);
}

function ifPresent(text: unknown): LiveCell['expected'] {
  return (role) => (isPresent(role) ? text : undefined);
}

/** No scope opens an inbox to a key. */
function hasBegun({ role, session, channel, signals }: Reader): boolean {
  const followed = !isPresent(role) ? [session] : role.scopes === undefined ? [session, channel, signals] : [session, channel];
  return followed.every(({ received }) => received.length > 0);
}

function questionsOf({ session }: Reader, id: string): { status: string; body: string; asker?: { displayName: string } | null }[] {
  return session.received.flatMap(({ sessionEvents: event }) =>
    event.__typename === 'QuestionChanged' && event.question.id === id ? [event.question] : [],
  );
}

function firstBody(reader: Reader, id: string): string | undefined {
  return questionsOf(reader, id)[0]?.body;
}

function askerOf(reader: Reader, id: string): string | undefined {
  return questionsOf(reader, id)[0]?.asker?.displayName;
}

function messageOf({ channel }: Reader, id: string): { body: string } | undefined {
  return channel.received.flatMap(({ channelEvents: event }) =>
    event.__typename === 'MessageAdded' && event.message.id === id ? [event.message] : [],
  )[0];
}

function erasedBody({ channel }: Reader, id: string): string | undefined {
  return channel.received.flatMap(({ channelEvents: event }) =>
    event.__typename === 'MessageDeleted' && event.message.id === id ? [event.message.body] : [],
  )[0];
}

function sawHand({ session }: Reader): boolean {
  return session.received.some(({ sessionEvents: event }) => event.__typename === 'AttendeeChanged' && event.attendee.handRaised);
}
