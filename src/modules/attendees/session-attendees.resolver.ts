import type DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import type { PageRequest } from '../../graphql/connection';
import { pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { loaderOfTurns } from '../../graphql/loaders';
import { readerOf, Session } from '../sessions';
import type { Attendance, PlaceAsked } from './attendance';
import type { AttendeeRecord, Keyset } from './attendee.repository';
import { AttendeeStatus } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import { attendeeIds } from './attendee.service';
import { Attendee, AttendeeConnection, toAttendee } from './attendee.type';

const LIST = 'attendees';

/** What this room adds to `Session`. */
@Resolver(() => Session)
export class SessionAttendeesResolver {
  private readonly places: DataLoader<PlaceAsked, AttendeeRecord | null>;

  constructor(
    private readonly service: AttendeeService,
    attendance: Attendance,
  ) {
    this.places = loaderOfTurns((asked) => attendance.listPlaces(asked));
  }

  @FieldResolver(() => Attendee, { nullable: true, description: "The caller's place in this session, null when it has none." })
  async viewerAttendee(@Root() session: Session, @Ctx() context: Context): Promise<Attendee | null> {
    const place = await this.places.load({ viewer: readerOf(session, context), sessionId: session.id });
    return place && toAttendee(place);
  }

  @FieldResolver(() => AttendeeConnection, {
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
    const page = { status, after: keysetOf(request), limit: request.size + 1 };
    const rows = await this.service.list(reader, session.record, page);
    const connection = toConnection(request, LIST, rows, ({ createdAt, id }) => [createdAt.getTime(), id], toAttendee);
    return Object.assign(new AttendeeConnection(), connection, { source: { session: session.record, reader, status } });
  }
}

function keysetOf({ beyond }: PageRequest): Keyset | null {
  if (beyond === null) return null;
  const [milliseconds = '', id = ''] = beyond;
  if (!/^\d{1,13}$/.test(milliseconds) || !attendeeIds.is(id)) throw badInput('after', 'is not a cursor of this list');
  return { createdAt: new Date(Number(milliseconds)), id };
}
