import { Ctx, FieldResolver, registerEnumType, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import type { AttendeeService } from './attendee.service';
import { CallPhase, callPhaseOf } from './call-phase';

registerEnumType(CallPhase, {
  name: 'CallPhase',
  description: 'How far a call under way has come, told from who is there.',
  valuesConfig: {
    CONNECTING: { description: 'One of the two has not come yet.' },
    ACTIVE: { description: 'Both are there.' },
    ENDING: { description: 'Both were there, and one is not any more: they come back, or the call is ended.' },
  },
});

/** What this room adds to a call. */
@Resolver(() => Session)
export class SessionCallResolver {
  constructor(private readonly service: AttendeeService) {}

  @FieldResolver(() => CallPhase, {
    nullable: true,
    description: 'How far a call under way has come; null for a conference, before and after, and for who may not read the session.',
  })
  async callStatus(@Root() session: Session, @Ctx() context: Context): Promise<CallPhase | null> {
    if (callPhaseOf(session.record, []) === null) return null;
    const reader = readingAs(readerOf(session, context), context);
    const parties = await this.service.listParties(reader, session.record);
    return parties && callPhaseOf(session.record, parties);
  }
}
