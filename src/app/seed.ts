import { DomainError } from '../errors/domain-error';
import { ANONYMOUS } from '../lib/viewer';
import type { Database } from '../persistence/database';
import type { SignIn } from '../modules/auth';
import type { SessionRecord } from '../modules/sessions';
import type { Services } from './modules';

const HOST = { email: 'host@parley.example', password: 'parley-host', displayName: 'Grace (host)' };
/** From where the seed does things. */
const ORIGIN = { address: 'seed', requestId: 'seed' };
const TITLE = 'Parley, live';

/** What a newcomer needs to try things: a live session, its channel, and two people's tokens. */
export interface Seeded {
  readonly session: SessionRecord;
  readonly channelId: string;
  readonly host: typeof HOST;
  readonly hostToken: string;
  readonly guestToken: string;
}

/**
 * An organization, its host, a live session with messages and questions; made by the same services and rules as everything else. Running
 * it again makes nothing twice, but signs the host in anew and gives a fresh guest.
 */
export async function seed(database: Database, services: Services): Promise<Seeded> {
  const { user, accessToken } = await signIn(services);
  const host = { kind: 'user', userId: user.id, familyId: '', expiresAt: new Date() } as const;
  const [existing] = await services.sessions.list(host, { status: ['LIVE'], beyond: null, limit: 1 });
  const session = existing ?? (await playOpening(database, services, host));
  const { token } = await services.attendees.join({ kind: 'anonymous' }, { code: session.code, displayName: 'You' });
  const [channel] = await services.channels.listBySessions([session.id]);
  if (channel === undefined) throw new Error('the seeded session has no channel');
  return { session, channelId: channel.id, host: HOST, hostToken: accessToken, guestToken: token.token };
}

async function signIn({ auth }: Services): Promise<SignIn> {
  try {
    return await auth.login(HOST, { ...ORIGIN, viewer: ANONYMOUS });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') return auth.register(HOST, { ...ORIGIN, viewer: ANONYMOUS });
    throw error;
  }
}

type Host = Parameters<Services['sessions']['create']>[0];

async function playOpening(database: Database, services: Services, host: Host): Promise<SessionRecord> {
  const draft = {
    title: TITLE,
    description: 'Seeded for trying things out.',
    kind: 'CONFERENCE',
    medium: 'VIDEO',
    capacity: 1_000,
  } as const;
  const created = await services.sessions.create(host, draft);
  const session = await services.sessions.command({ ...ORIGIN, viewer: host }, created.id, 'start');
  const [channel] = await services.channels.listBySessions([session.id]);
  for (const displayName of ['Ada', 'Alan']) {
    const { attendee } = await services.attendees.join({ kind: 'anonymous' }, { code: session.code, displayName });
    const guest = { kind: 'guest', attendeeId: attendee.id, sessionId: session.id, expiresAt: new Date() } as const;
    if (channel !== undefined) await services.messages.send(guest, { channelId: channel.id, body: `Hello from ${displayName}` });
    const question = await services.questions.ask(guest, {
      sessionId: session.id,
      body: `What does ${displayName} get?`,
      anonymous: false,
    });
    await services.votes.vote(host, question.id, 1);
  }
  return services.sessions.get(database, session.id);
}
