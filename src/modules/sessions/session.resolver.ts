import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { UserService } from '../users';
import { loadUser, User } from '../users';
import { CreateSessionInput, DuplicateSessionInput, SessionFilter, UpdateSessionInput, UpdateSessionSettingsInput } from './session.input';
import type { ScheduleWish } from './schedule';
import type { SessionRecord } from './session.repository';
import { SessionOrder } from './session.repository';
import type { JoinCodeGuesses } from './join-code-guesses';
import { settingsIn } from './session-settings.repository';
import type { SessionService } from './session.service';
import { sessionIds } from './session.service';
import {
  DeleteSessionPayload,
  EndSessionPayload,
  Session,
  SessionConnection,
  SessionPayload,
  toEndSessionPayload,
  toSession,
  toSessionPayload,
} from './session.type';

const SESSION_ID = 'The session.';

@Resolver(() => Session)
export class SessionResolver {
  constructor(
    private readonly sessionService: SessionService,
    private readonly users: UserService,
    private readonly guesses: JoinCodeGuesses,
    private readonly joinUrlOf: (code: string) => string,
  ) {}

  @Query(() => Session, {
    nullable: true,
    description: 'A session the caller hosts, attends, or sees as a member of its organization or an administrator; null otherwise.',
  })
  async session(@Arg('id', () => ID, { description: SESSION_ID }) id: string, @Ctx() context: Context): Promise<Session | null> {
    const session = await this.sessionService.findFor(context, id);
    return session && toSession(session);
  }

  @Query(() => Session, { nullable: true, description: 'The session with this join code, for anyone: its card, before joining.' })
  async sessionByCode(
    @Arg('code', () => String, { description: 'The join code, however it was typed.' }) code: string,
    @Ctx() context: Context,
  ): Promise<Session | null> {
    const session = await this.guesses.counted(context, () => this.sessionService.findCard(code));
    return session && toSession(session);
  }

  @Query(() => SessionConnection, {
    complexity: pageCost,
    description: 'The sessions the caller hosts, attends, or sees as a member of their organization.',
  })
  async sessions(
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Arg('filter', () => SessionFilter, { nullable: true, description: 'Which ones.' }) filter: SessionFilter | null | undefined,
    @Arg('orderBy', () => SessionOrder, { nullable: true, defaultValue: SessionOrder.NEWEST, description: 'Which first.' })
    orderBy: SessionOrder | null,
    @Ctx() { viewer }: Context,
  ): Promise<SessionConnection> {
    const order = orderBy ?? SessionOrder.NEWEST;
    const tag = `sessions:${order}`;
    const request = pageRequest({ first, after }, tag, 2);
    const place = keysetOf(request, sessionIds);
    const beyond = place && { at: place.createdAt, id: place.id };
    const rows = await this.sessionService.list(viewer, { ...filter, order, beyond, limit: request.size + 1 });
    return toConnection(
      request,
      tag,
      rows,
      (session) => placeInList(order, session),
      (session) => toSession(session),
    );
  }

  @FieldResolver(() => User, { description: 'Whose session it is; the client of a call.' })
  async host(@Root() session: Session, @Ctx() { loaders }: Context): Promise<User | null> {
    return loadUser(this.users, loaders, session.record.hostId);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who advises in a call.' })
  async advisor(@Root() session: Session, @Ctx() { loaders }: Context): Promise<User | null> {
    const { advisorId } = session.record;
    return advisorId === null ? null : loadUser(this.users, loaders, advisorId);
  }

  @FieldResolver(() => String, { description: 'Where people go to join: the page that PARLEY_JOIN_URL names, with the code.' })
  joinUrl(@Root() { code }: Session): string {
    return this.joinUrlOf(code);
  }

  @Mutation(() => SessionPayload, { description: 'Schedules a session; the caller is its host, or the client of a call.' })
  async createSession(
    @Arg('input', () => CreateSessionInput, { description: 'The new session.' }) input: CreateSessionInput,
    @Ctx() { viewer }: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.create(viewer, input));
  }

  @Mutation(() => SessionPayload, {
    description:
      'A session of the same host with what was set up for this one: title, kind, seats, price, settings, metadata and agenda; no people, nothing they wrote. For its host, and admins of its organization.',
  })
  async duplicateSession(
    @Arg('input', () => DuplicateSessionInput, { description: 'Which one, and what is to be different.' }) input: DuplicateSessionInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    const { sessionId, title, clientId } = input;
    const wish = { title: title ?? undefined, clientId, ...scheduleIn(input) };
    return toSessionPayload(await this.sessionService.duplicate(context, sessionId, wish));
  }

  @Mutation(() => DeleteSessionPayload, {
    description:
      'Takes a session that is not under way out of sight for everybody: it can no longer be read, joined or written in. One that has not begun is cancelled. For its host, and admins of its organization.',
  })
  async deleteSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) sessionId: string,
    @Ctx() context: Context,
  ): Promise<DeleteSessionPayload> {
    await this.sessionService.delete(context, sessionId);
    return Object.assign(new DeleteSessionPayload(), { sessionId });
  }

  @Mutation(() => SessionPayload, { description: 'Edits a session that is not over. For its host, and admins of its organization.' })
  async updateSession(
    @Arg('input', () => UpdateSessionInput, { description: 'The changes.' }) input: UpdateSessionInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    const { sessionId, title, capacity, description } = input;
    const changes = { title: title ?? undefined, capacity: capacity ?? undefined, description, ...scheduleIn(input) };
    return toSessionPayload(await this.sessionService.update(context, sessionId, changes));
  }

  @Mutation(() => SessionPayload, {
    description: 'Sets what is allowed in a session that is not over. For its host, and admins of its organization.',
  })
  async updateSessionSettings(
    @Arg('input', () => UpdateSessionSettingsInput, { description: 'The settings.' }) input: UpdateSessionSettingsInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.update(context, input.sessionId, settingsIn(input)));
  }

  @Mutation(() => SessionPayload, {
    description: 'SCHEDULED → LIVE. For the host, either party of a call, and admins of its organization.',
  })
  async startSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) id: string,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.command(context, id, 'start'));
  }

  @Mutation(() => SessionPayload, { description: 'LIVE → PAUSED. For the host, either party of a call, and admins of its organization.' })
  async pauseSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) id: string,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.command(context, id, 'pause'));
  }

  @Mutation(() => SessionPayload, { description: 'PAUSED → LIVE. For the host, either party of a call, and admins of its organization.' })
  async resumeSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) id: string,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.command(context, id, 'resume'));
  }

  @Mutation(() => EndSessionPayload, {
    description: 'LIVE or PAUSED → COMPLETED. For the host, either party of a call, and admins of its organization.',
  })
  async endSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) id: string,
    @Ctx() context: Context,
  ): Promise<EndSessionPayload> {
    return toEndSessionPayload(await this.sessionService.command(context, id, 'end'));
  }

  @Mutation(() => SessionPayload, {
    description: 'SCHEDULED → CANCELLED. For the host, either party of a call, and admins of its organization.',
  })
  async cancelSession(
    @Arg('sessionId', () => ID, { description: SESSION_ID }) id: string,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.command(context, id, 'cancel'));
  }
}

function placeInList(order: SessionOrder, { createdAt, scheduledFor, id }: SessionRecord): [number, string] {
  const at = order === SessionOrder.SCHEDULE ? (scheduledFor ?? createdAt) : createdAt;
  return [at.getTime(), id];
}

/** For `title` and the like null means the same as nothing. */
function scheduleIn({ scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone }: ScheduleWish): ScheduleWish {
  return { scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone };
}
