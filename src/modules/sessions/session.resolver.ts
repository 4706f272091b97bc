import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { UserService } from '../users';
import { loadUser, User } from '../users';
import { CreateSessionInput, SessionFilter, UpdateSessionInput, UpdateSessionSettingsInput } from './session.input';
import type { SessionRecord } from './session.repository';
import type { JoinCodeGuesses } from './join-code-guesses';
import type { SessionService } from './session.service';
import { sessionIds } from './session.service';
import {
  EndSessionPayload,
  Session,
  SessionConnection,
  SessionPayload,
  toEndSessionPayload,
  toSession,
  toSessionPayload,
} from './session.type';

const LIST = 'sessions';
const SESSION_ID = 'The session.';

@Resolver(() => Session)
export class SessionResolver {
  constructor(
    private readonly sessionService: SessionService,
    private readonly users: UserService,
    private readonly guesses: JoinCodeGuesses,
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
    description: 'The sessions the caller hosts, attends, or sees as a member of their organization, newest first.',
  })
  async sessions(
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Arg('filter', () => SessionFilter, { nullable: true, description: 'Which ones.' }) filter: SessionFilter | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<SessionConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const page = { status: filter?.status, kind: filter?.kind, olderThan: keysetOf(request, sessionIds), limit: request.size + 1 };
    const rows = await this.sessionService.list(viewer, page);
    return toConnection(request, LIST, rows, placeInList, (session) => toSession(session));
  }

  @FieldResolver(() => User, { description: 'Whose session it is; the client of a call.' })
  async host(@Root() session: Session, @Ctx() { loaders }: Context): Promise<User | null> {
    return loadUser(this.users, loaders, session.record.hostId);
  }

  @Mutation(() => SessionPayload, { description: 'Schedules a session; the caller is its host, or the client of a call.' })
  async createSession(
    @Arg('input', () => CreateSessionInput, { description: 'The new session.' }) input: CreateSessionInput,
    @Ctx() { viewer }: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.sessionService.create(viewer, input));
  }

  @Mutation(() => SessionPayload, { description: 'Edits a session that is not over. For its host, and admins of its organization.' })
  async updateSession(
    @Arg('input', () => UpdateSessionInput, { description: 'The changes.' }) input: UpdateSessionInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    const { sessionId, title, capacity, description, scheduledFor } = input;
    const changes = { title: title ?? undefined, capacity: capacity ?? undefined, description, scheduledFor };
    return toSessionPayload(await this.sessionService.update(context, sessionId, changes));
  }

  @Mutation(() => SessionPayload, {
    description: 'Sets what is allowed in a session that is not over. For its host, and admins of its organization.',
  })
  async updateSessionSettings(
    @Arg('input', () => UpdateSessionSettingsInput, { description: 'The settings.' }) input: UpdateSessionSettingsInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    const changes = {
      questionApproval: input.questionApproval ?? undefined,
      anonymousQuestions: input.anonymousQuestions ?? undefined,
      refuseDuplicates: input.refuseDuplicates ?? undefined,
      chatEnabled: input.chatEnabled ?? undefined,
      slowModeSeconds: input.slowModeSeconds ?? undefined,
      lobby: input.lobby ?? undefined,
      waitingList: input.waitingList ?? undefined,
      duplicateIdentity: input.duplicateIdentity ?? undefined,
      attendeesVisible: input.attendeesVisible ?? undefined,
      reactionEmojis: input.reactionEmojis ?? undefined,
    };
    return toSessionPayload(await this.sessionService.update(context, input.sessionId, changes));
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

function placeInList({ createdAt, id }: SessionRecord): [number, string] {
  return [createdAt.getTime(), id];
}
