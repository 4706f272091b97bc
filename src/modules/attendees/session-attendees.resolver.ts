import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import type { Attendance } from './attendance';
import { AttendeeStatus } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import { attendeeIds } from './attendee.service';
import { Attendee, AttendeeConnection, toAttendee } from './attendee.type';

const LIST = 'attendees';

/** What this room adds to `Session`. */
@Resolver(() => Session)
export class SessionAttendeesResolver {
  constructor(
    private readonly service: AttendeeService,
    private readonly attendance: Attendance,
  ) {}

  @FieldResolver(() => Attendee, { nullable: true, description: "The caller's place in this session, null when it has none." })
  async viewerAttendee(@Root() session: Session, @Ctx() context: Context): Promise<Attendee | null> {
    const place = await this.attendance.ask({ viewer: readerOf(session, context), sessionId: session.id });
    return place && toAttendee(place);
  }

  @FieldResolver(() => AttendeeConnection, {
    complexity: pageCost,
    description: 'Who takes part, in the order in which they came. NOT_FOUND for whoever is not one of them, its host or its organization.',
  })
  async attendees(
    @Root() session: Session,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Arg('status', () => [AttendeeStatus], {
      defaultValue: [AttendeeStatus.WAITING, AttendeeStatus.PRESENT, AttendeeStatus.LEFT],
      description: 'In one of these statuses.',
    })
    status: AttendeeStatus[],
    @Ctx() context: Context,
  ): Promise<AttendeeConnection> {
    const reader = readerOf(session, context);
    const request = pageRequest({ first, after }, LIST, 2);
    const page = { status, after: keysetOf(request, attendeeIds), limit: request.size + 1 };
    const rows = await this.service.list(readingAs(reader, context), session.record, page);
    const connection = toConnection(request, LIST, rows, ({ createdAt, id }) => [createdAt.getTime(), id], toAttendee);
    return Object.assign(new AttendeeConnection(), connection, { source: { session: session.record, reader, status } });
  }
}
