import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { AttendeeInput, MuteAttendeeInput, SetAttendeeRoleInput } from './attendee.input';
import { AttendeePayload, toAttendeePayload } from './attendee.type';
import type { ModerationService } from './moderation.service';

const MODERATORS = "For hosts, presenters, moderators and admins of the session's organization.";

@Resolver()
export class ModerationResolver {
  constructor(private readonly moderation: ModerationService) {}

  @Mutation(() => AttendeePayload, {
    description: `Sends an attendee away: subscriptions end, and neither the token nor the account comes in again until unbanAttendee. ${MODERATORS}`,
  })
  async removeAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.moderation.remove(context, attendeeId));
  }

  @Mutation(() => AttendeePayload, {
    description: `Sends an attendee away as removeAttendee does and marks them as banned; also who has left, or was removed already. ${MODERATORS}`,
  })
  async banAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.moderation.ban(context, attendeeId));
  }

  @Mutation(() => AttendeePayload, { description: `Lets somebody who was removed or banned come again. ${MODERATORS}` })
  async unbanAttendee(
    @Arg('input', () => AttendeeInput, { description: 'Whom.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.moderation.unban(context, attendeeId));
  }

  @Mutation(() => AttendeePayload, {
    description: `Mutes or silences an attendee, or takes that back; told by AttendeeChanged. ${MODERATORS} FORBIDDEN PARTY_CANNOT_BE_MUTED.`,
  })
  async muteAttendee(
    @Arg('input', () => MuteAttendeeInput, { description: 'Whom, and what.' }) { attendeeId, muted, silenced }: MuteAttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    const restrictions = { muted: muted ?? undefined, silenced: silenced ?? undefined };
    return toAttendeePayload(await this.moderation.restrict(context, attendeeId, restrictions));
  }

  @Mutation(() => AttendeePayload, { description: `Lowers an attendee's hand. ${MODERATORS}` })
  async lowerHand(
    @Arg('input', () => AttendeeInput, { description: 'Whose.' }) { attendeeId }: AttendeeInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.moderation.lowerHand(context, attendeeId));
  }

  @Mutation(() => AttendeePayload, {
    description:
      'Makes an attendee a presenter, a moderator or an attendee; told by AttendeeChanged. For the host and admins of the ' +
      "session's organization. FORBIDDEN PARTY_KEEPS_ROLE for the host and the parties of a call.",
  })
  async setAttendeeRole(
    @Arg('input', () => SetAttendeeRoleInput, { description: 'Whom, and what.' }) { attendeeId, role }: SetAttendeeRoleInput,
    @Ctx() context: Context,
  ): Promise<AttendeePayload> {
    return toAttendeePayload(await this.moderation.setRole(context, attendeeId, role));
  }
}
