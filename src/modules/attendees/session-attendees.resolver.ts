import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import type { PageRequest } from '../../graphql/connection';
import { pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { inOrderOf } from '../../graphql/loaders';
import type { Viewer } from '../../lib/viewer';
import { readerOf, Session } from '../sessions';
import type { Attendance } from './attendance';
import type { AttendeeRecord, Keyset } from './attendee.repository';
import { AttendeeStatus } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import { attendeeIds } from './attendee.service';
import { Attendee, AttendeeConnection, toAttendee } from './attendee.type';

const LIST = 'attendees';
const ALL_BUT_REMOVED = [AttendeeStatus.WAITING, AttendeeStatus.PRESENT, AttendeeStatus.LEFT];

/** What this room adds to `Session`. */
@Resolver(() => Session)
export class SessionAttendeesResolver {
  constructor(
    private readonly service: AttendeeService,
    private readonly attendance: Attendance,
  ) {}

  @FieldResolver(() => Attendee, { nullable: true, description: "The caller's place in this session, null when it has none." })
  async viewerAttendee(@Root() session: Session, @Ctx() context: Context): Promise<Attendee | null> {
    const place =
      session.reader === undefined ? await this.placeOfCaller(session.id, context) : await this.placeOf(session.reader, session.id);
    return place && toAttendee(place);
  }

  @FieldResolver(() => AttendeeConnection, {
    description: 'Who takes part, in the order in which they came. NOT_FOUND for whoever is not one of them, its host or its organization.',
  })
  async attendees(
    @Root() session: Session,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Arg('status', () => [AttendeeStatus], { defaultValue: ALL_BUT_REMOVED, description: 'In one of these statuses.' })
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

  /** One query for all sessions of a list. */
  private placeOfCaller(sessionId: string, { viewer, loaders }: Context): Promise<AttendeeRecord | null> {
    const places = loaders.for<string, AttendeeRecord | null>(this, async (ids) => {
      const found = await this.attendance.listPlaces(viewer, ids);
      return inOrderOf(ids, found, (place) => place.sessionId);
    });
    return places.load(sessionId);
  }

  private async placeOf(viewer: Viewer, sessionId: string): Promise<AttendeeRecord | null> {
    const [place] = await this.attendance.listPlaces(viewer, [sessionId]);
    return place ?? null;
  }
}

function keysetOf({ beyond }: PageRequest): Keyset | null {
  if (beyond === null) return null;
  const [milliseconds = '', id = ''] = beyond;
  if (!/^\d{1,13}$/.test(milliseconds) || !attendeeIds.is(id)) throw badInput('after', 'is not a cursor of this list');
  return { createdAt: new Date(Number(milliseconds)), id };
}
