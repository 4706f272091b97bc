import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import type { JoinCodeGuesses } from '../sessions';
import { readingAs } from '../sessions';
import { JoinSessionInput } from './attendee.input';
import type { AttendeeService } from './attendee.service';
import {
  AttendeeConnection,
  AttendeePayload,
  AttendeeTokenPayload,
  JoinSessionPayload,
  toAttendeePayload,
  toAttendeeTokenPayload,
  toJoinSessionPayload,
} from './attendee.type';

@Resolver(() => AttendeeConnection)
export class AttendeeResolver {
  constructor(
    private readonly attendees: AttendeeService,
    private readonly guesses: JoinCodeGuesses,
  ) {}

  @FieldResolver(() => Int, { description: 'How many the whole list has.' })
  async totalCount(@Root() { source }: AttendeeConnection, @Ctx() context: Context): Promise<number> {
    return this.attendees.count(readingAs(source.reader, context), source.session, source.status);
  }

  @Mutation(() => JoinSessionPayload, {
    description:
      'Comes into a session by its code, as a guest or as the signed-in user. Joining again with the same token resumes the same attendee. ' +
      'FAILED_PRECONDITION SESSION_FULL, SESSION_ENDED or SESSION_CANCELLED; FORBIDDEN ATTENDEE_REMOVED or NOT_INVITED.',
  })
  async joinSession(
    @Arg('input', () => JoinSessionInput, { description: 'Which session, and as whom.' }) input: JoinSessionInput,
    @Ctx() context: Context,
  ): Promise<JoinSessionPayload> {
    return toJoinSessionPayload(await this.guesses.counted(context, () => this.attendees.join(context.viewer, input)));
  }

  @Mutation(() => AttendeeTokenPayload, {
    description:
      'A fresh attendee token for its bearer, while the session lives and they are in it; before it expires. FAILED_PRECONDITION ' +
      'SESSION_ENDED or SESSION_CANCELLED; FORBIDDEN ATTENDEE_REMOVED, NOT_ATTENDING (join again), or ATTENDEE_TOKEN_NEEDED.',
  })
  async renewAttendeeToken(@Ctx() context: Context): Promise<AttendeeTokenPayload> {
    return toAttendeeTokenPayload(await this.attendees.renewToken(context));
  }

  @Mutation(() => AttendeePayload, { description: "Leaves the session and frees the seat. Ends the caller's subscriptions in it." })
  async leaveSession(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Ctx() { viewer }: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.attendees.leave(viewer, sessionId));
  }

  @Mutation(() => AttendeePayload, { description: "Raises the caller's hand, or lowers it." })
  async raiseHand(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Arg('raised', () => Boolean, { description: 'True to raise, false to lower.' }) raised: boolean,
    @Ctx() { viewer }: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.attendees.raiseHand(viewer, sessionId, raised));
  }
}
