import { enlist } from '../authorization/world';
import { ApiClient, ApiFailure } from '../support/api-client';
import type { ApiError } from '../support/api-client';
import type { Account } from '../support/factories/stage';
import { registerAccount } from '../support/factories/stage';
import type { TestApp } from '../support/test-app';
import type { Draw } from './draw';
import { mutationDocument } from './operations';
import type { Holder } from './part';

/** Somebody with a client: at one instance. */
export interface Person {
  readonly name: string;
  readonly api: ApiClient;
  readonly userId: string | null;
  /** Their place in the world's session, once they have one. */
  readonly attendeeId: string | null;
}

export interface Post {
  readonly id: string;
  readonly by: Person;
}

export const ACCOUNTS = ['host', 'moderator', 'attendee', 'stranger', 'overseer', 'administrator'] as const;
export type Accounts = Readonly<Record<(typeof ACCOUNTS)[number], Account>>;

/** Made once: it is passwords that take long. */
export async function registerAccounts(app: TestApp): Promise<Accounts> {
  const made = await Promise.all(ACCOUNTS.map(async (name) => [name, await registerAccount(app.url, name)] as const));
  const accounts = Object.fromEntries(made) as Record<(typeof ACCOUNTS)[number], Account>;
  await app.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [accounts.administrator.user.id]);
  return accounts;
}

interface Joined {
  readonly attendee: { readonly id: string };
  readonly token: string;
}

interface Made {
  readonly session: { readonly id: string; readonly code: string; readonly channel: { readonly id: string } };
}

/**
 * A conference that is live, with a host, a moderator, an attendee with an account and a guest; and a channel of the first three. Somebody
 * else stands outside. Those who are sent away, invited and the like are made when they are needed, so that these stay.
 */
export class World {
  readonly organizationId: string;
  readonly session: Made['session'];
  readonly clubId: string;
  readonly host: Person;
  readonly moderator: Person;
  readonly attendee: Person;
  readonly guest: Person;
  readonly stranger: Person;
  /** Administers the organization, and has no place in the session. */
  readonly overseer: Person;
  readonly administrator: Person;
  readonly messages: Post[] = [];
  readonly questions: Post[] = [];
  private number = 0;
  private runner: typeof run<unknown> = run;

  private constructor(
    private readonly instances: readonly TestApp[],
    made: Pick<
      World,
      'organizationId' | 'session' | 'clubId' | 'host' | 'moderator' | 'attendee' | 'guest' | 'stranger' | 'overseer' | 'administrator'
    >,
  ) {
    ({ organizationId: this.organizationId, session: this.session, clubId: this.clubId } = made);
    ({ host: this.host, moderator: this.moderator, attendee: this.attendee } = made);
    ({ guest: this.guest, stranger: this.stranger, overseer: this.overseer, administrator: this.administrator } = made);
  }

  static async build(instances: readonly TestApp[], accounts: Accounts): Promise<World> {
    const at = (n: number): string => (instances[n % instances.length] as TestApp).url;
    const person = (name: keyof Accounts, n: number, attendeeId: string | null = null): Person => {
      const { api, user } = accounts[name];
      return { name, api: new ApiClient(at(n), api.token), userId: user.id, attendeeId };
    };
    const host = person('host', 0);
    const { createOrganization } = await run<{ createOrganization: { organization: { id: string } } }>(
      ...([host, 'createOrganization', { input: { name: 'Acme' } }, 'organization { id }'] as const),
    );
    const organizationId = createOrganization.organization.id;
    const input = { title: 'All hands', organizationId };
    const created = await run<{ createSession: Made }>(
      host,
      'createSession',
      { input },
      'session { id code channel { id } viewerAttendee { id } }',
    );
    const session = created.createSession.session;
    const { viewerAttendee } = session as Made['session'] & { viewerAttendee: { id: string } };
    await run(host, 'startSession', { sessionId: session.id });
    const join = async (one: Person): Promise<Person> => ({ ...one, attendeeId: (await enter(one, session.code)).attendee.id });
    const [moderator, attendee, guest] = await Promise.all([
      join(person('moderator', 1)),
      join(person('attendee', 0)),
      guestAt(at(1), session.code, 'Guest'),
    ]);
    await run(host, 'setAttendeeRole', { input: { attendeeId: moderator.attendeeId, role: 'MODERATOR' } });
    const overseer = person('overseer', 1);
    await enlist(instances[0] as TestApp, organizationId, accounts.overseer.user.id, 'ADMIN');
    const members = { memberIds: [moderator.userId, attendee.userId] };
    const club = await run<{ createChannel: { channel: { id: string } } }>(
      ...([
        host,
        'createChannel',
        { input: { name: 'club:world:1', type: 'SHARED', organizationId, ...members } },
        'channel { id }',
      ] as const),
    );
    return new World(instances, {
      ...{ organizationId, session, clubId: club.createChannel.channel.id, moderator, attendee, guest },
      host: { ...host, attendeeId: viewerAttendee.id },
      stranger: person('stranger', 1),
      overseer,
      administrator: person('administrator', 0),
    });
  }

  /** Whose clients follow. */
  get viewers(): readonly Person[] {
    return [this.host, this.moderator, this.attendee, this.guest, this.stranger];
  }

  /** Who takes part in the session from the beginning. */
  get participants(): readonly Person[] {
    return [this.host, this.moderator, this.attendee, this.guest];
  }

  get channelIds(): readonly string[] {
    return [this.session.channel.id, this.clubId];
  }

  /** In the session's channel or the other. */
  message(draw: Draw, by: Person = draw.of(this.participants)): Promise<Post> {
    return draw.among(this.messages, async () => {
      const channelId = by.userId === null ? this.session.channel.id : draw.of(this.channelIds);
      const input = { channelId, body: draw.text() };
      const { sendMessage } = await this.run<{ sendMessage: { message: { id: string } } }>(by, 'sendMessage', { input }, 'message { id }');
      return kept(this.messages, { id: sendMessage.message.id, by });
    });
  }

  /** Everybody sees it and it is open, when it is new. */
  question(draw: Draw, by: Person = draw.of(this.participants)): Promise<Post> {
    return draw.among(this.questions, async () => {
      const asked = await this.ask(draw, by);
      await this.run(this.host, 'approveQuestion', { input: { questionId: asked.id } });
      return asked;
    });
  }

  /** Waits for approval where the session says so. */
  async ask(draw: Draw, by: Person): Promise<Post> {
    const input = { sessionId: this.session.id, body: draw.text(), anonymous: draw.nat(1) === 1 };
    const { askQuestion } = await this.run<{ askQuestion: { question: { id: string } } }>(by, 'askQuestion', { input }, 'question { id }');
    return kept(this.questions, { id: askQuestion.question.id, by });
  }

  /** A new guest of the session, whom nobody needs. */
  newGuest(): Promise<Person> {
    this.number += 1;
    return guestAt(this.instanceUrl(), this.session.code, `Guest ${this.number}`);
  }

  /** A new account, which may be spoilt. */
  async newcomer(): Promise<Person & { readonly account: Account; readonly userId: string }> {
    this.number += 1;
    const account = await registerAccount(this.instanceUrl(), `Newcomer ${this.number}`);
    return { name: 'newcomer', api: account.api, account, userId: account.user.id, attendeeId: null };
  }

  /** A new account that is a member of the organization. */
  async newMember(): Promise<Person & { readonly account: Account; readonly userId: string }> {
    const newcomer = await this.newcomer();
    const invite = { organizationId: this.organizationId, email: newcomer.account.email };
    const { inviteMember } = await this.run<{ inviteMember: { token: string } }>(this.host, 'inviteMember', { input: invite }, 'token');
    await this.run(newcomer, 'acceptInvitation', { input: { token: inviteMember.token } });
    return newcomer;
  }

  /** A new session of the host's, which nobody follows. */
  async otherSession(): Promise<Made['session']> {
    const input = { title: 'Another', organizationId: this.organizationId };
    const { createSession } = await this.run<{ createSession: Made }>(
      this.host,
      'createSession',
      { input },
      'session { id code channel { id } }',
    );
    return createSession.session;
  }

  /** By the clients of whoever does it, once there are any. */
  async run<T>(by: Person, name: string, variables: Record<string, unknown>, select?: string): Promise<T> {
    return (await this.runner(by, name, variables, select)) as T;
  }

  runsBy(runner: typeof run<unknown>): void {
    this.runner = runner;
  }

  async close(): Promise<void> {
    await Promise.all([...this.viewers, this.overseer, this.administrator].map(({ api }) => api.close()));
  }

  /** For facts that nothing of the schema can set. */
  get database(): TestApp['database'] {
    return (this.instances[0] as TestApp).database;
  }

  private instanceUrl(): string {
    return (this.instances[this.number % this.instances.length] as TestApp).url;
  }
}

export function holderOf({ userId, attendeeId }: Person): Holder {
  return { participantId: userId ?? attendeeId ?? '' };
}

function kept(posts: Post[], post: Post): Post {
  posts.push(post);
  return post;
}

async function enter(by: Person, code: string, displayName?: string): Promise<Joined> {
  const { joinSession } = await run<{ joinSession: Joined }>(by, 'joinSession', { input: { code, displayName } }, 'attendee { id } token');
  return joinSession;
}

async function guestAt(url: string, code: string, name: string): Promise<Person> {
  const { attendee, token } = await enter({ name, api: new ApiClient(url), userId: null, attendeeId: null }, code, name);
  return { name, api: new ApiClient(url, token), userId: null, attendeeId: attendee.id };
}

/** What an operation answers; throws ApiFailure when it answers anything else. */
export async function ask<T>({ api }: Person, query: string, variables: Record<string, unknown>): Promise<T> {
  const { json } = await api.post({ query, variables });
  const errors = (json.errors ?? []) as ApiError[];
  if (errors.length > 0) throw new ApiFailure(errors);
  return json.data as T;
}

export function run<T>(by: Person, name: string, variables: Record<string, unknown>, select?: string): Promise<T> {
  return ask<T>(by, mutationDocument(name, select), variables);
}
