import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { AttendeeInput, JoinSessionInput } from './attendee.input';
import type { AttendeeService } from './attendee.service';
import { AttendeeConnection, AttendeePayload, JoinSessionPayload, toAttendeePayload, toJoinSessionPayload } from './attendee.type';

@Resolver(() => AttendeeConnection)
export class AttendeeResolver {
  constructor(private readonly attendees: AttendeeService) {}

  @FieldResolver(() => Int, { description: 'How many the whole list has.' })
  async totalCount(@Root() { source }: AttendeeConnection): Promise<number> {
    return this.attendees.count(source.reader, source.session, source.status);
  }

  @Mutation(() => JoinSessionPayload, {
    description:
      'Comes into a session by its code, as a guest or as the signed-in user. Joining again with the same token resumes the same attendee. ' +
      'FAILED_PRECONDITION SESSION_FULL, SESSION_ENDED or SESSION_CANCELLED; FORBIDDEN ATTENDEE_REMOVED or NOT_INVITED.',
  })
  async joinSession(
    @Arg('input', () => JoinSessionInput, { description: 'Which session, and as whom.' }) input: JoinSessionInput,
    @Ctx() { viewer }: Context,
  ): Promise<JoinSessionPayload> {
    return toJoinSessionPayload(await this.attendees.join(viewer, input));
  }

  @Mutation(() => AttendeePayload, { description: "Leaves the session and frees the seat. Ends the caller's subscriptions in it." })
  async leaveSession(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Ctx() { viewer }: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.attendees.leave(viewer, sessionId));
  }

  @Mutation(() => AttendeePayload, {
    description: 'Sends an attendee away for good: subscriptions end, the token is worth nothing. For hosts, presenters and moderators.',
  })
  async removeAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() { viewer }: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.attendees.remove(viewer, attendeeId));
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
