import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { listCost, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { readerOf, readingAs, Session } from '../sessions';
import type { AdmissionService, Wait } from './admission.service';
import { LobbyPayload, toLobbyPayload, toWaiting, Waiting, WaitingConnection } from './admission.type';
import { AttendeeInput } from './attendee.input';
import { WaitReason } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import { MAX_HANDS } from './attendee.service';
import { Attendee, AttendeePayload, toAttendee, toAttendeePayload } from './attendee.type';

const SESSION = 'The session.';
const MODERATORS = "For hosts, presenters, moderators and admins of the session's organization.";

@Resolver()
export class AdmissionResolver {
  constructor(private readonly admissions: AdmissionService) {}

  @Query(() => Waiting, {
    name: 'waiting',
    description: "The caller's own place in the session, also while they wait and may read nothing else of it.",
  })
  async findWaiting(@Arg('sessionId', () => ID, { description: SESSION }) sessionId: string, @Ctx() context: Context): Promise<Waiting> {
    return toWaiting(await this.admissions.find(context, sessionId));
  }

  @Subscription(() => Waiting, {
    description:
      'The same, first as it is and then after each change, at most one a second. Ends when they do not wait any more, after saying so.',
    subscribe: source(
      () => AdmissionResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.admissions.follow(context, sessionId, context.signal),
    ),
  })
  waiting(@Root() wait: Wait, @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string): Waiting {
    return toWaiting(wait);
  }

  @Mutation(() => AttendeePayload, {
    description:
      `Lets somebody in who waits in the lobby: on a seat, or into the line for one. ${MODERATORS} ` +
      'FAILED_PRECONDITION NOT_WAITING, or SESSION_FULL where there is no line.',
  })
  async admitAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.admissions.admit(context, attendeeId));
  }

  @Mutation(() => LobbyPayload, {
    description: `Lets in all who wait in the lobby, the longest first, as far as there are seats or a line for them. ${MODERATORS}`,
  })
  async admitAll(@Arg('sessionId', () => ID, { description: SESSION }) sessionId: string, @Ctx() context: Context): Promise<LobbyPayload> {
    return toLobbyPayload(await this.admissions.admitAll(context, sessionId));
  }

  @Mutation(() => AttendeePayload, {
    description: `Sends somebody away who waits: they do not come again until unbanAttendee. ${MODERATORS} FAILED_PRECONDITION NOT_WAITING.`,
  })
  async denyAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.admissions.deny(context, attendeeId));
  }

  @Mutation(() => LobbyPayload, { description: `The same with all who wait in the lobby. ${MODERATORS}` })
  async denyAll(@Arg('sessionId', () => ID, { description: SESSION }) sessionId: string, @Ctx() context: Context): Promise<LobbyPayload> {
    return toLobbyPayload(await this.admissions.denyAll(context, sessionId));
  }
}

@Resolver(() => Session)
export class SessionLinesResolver {
  constructor(
    private readonly admissions: AdmissionService,
    private readonly attendees: AttendeeService,
  ) {}

  @FieldResolver(() => WaitingConnection, { complexity: pageCost, description: `Who waits, the longest first. ${MODERATORS}` })
  async waiting(
    @Root() session: Session,
    @Arg('for', () => WaitReason, { description: 'To be let in, or for a seat.' }) waitFor: WaitReason,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<WaitingConnection> {
    const reader = readerOf(session, context);
    const list = `waiting ${waitFor}`;
    const request = pageRequest({ first, after }, list, 1);
    const page = { waitFor, after: Number(request.beyond?.[0] ?? 0), limit: request.size + 1 };
    const rows = await this.admissions.list(readingAs(reader, context), session.record, page);
    const connection = toConnection(request, list, rows, ({ ticket }) => [ticket ?? 0], toAttendee);
    return Object.assign(new WaitingConnection(), connection, { line: { session: session.record, reader, waitFor } });
  }

  @FieldResolver(() => [Attendee], {
    complexity: listCost(MAX_HANDS),
    description: 'Whose hands are raised, the longest first, at most 100; of those whom the caller sees.',
  })
  async raisedHands(@Root() session: Session, @Ctx() context: Context): Promise<Attendee[]> {
    const actor = readingAs(readerOf(session, context), context);
    return (await this.attendees.listRaisedHands(actor, session.record)).map(toAttendee);
  }
}

@Resolver(() => WaitingConnection)
export class WaitingConnectionResolver {
  constructor(private readonly admissions: AdmissionService) {}

  @FieldResolver(() => Int, { description: 'How many wait for the same.' })
  async totalCount(@Root() { line }: WaitingConnection, @Ctx() context: Context): Promise<number> {
    return this.admissions.count(readingAs(line.reader, context), line.session, line.waitFor);
  }
}
