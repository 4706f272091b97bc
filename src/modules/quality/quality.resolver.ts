import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { PageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { attendeeIds } from '../attendees';
import { ReportQualityInput } from './quality.input';
import type { Pair } from './quality.repository';
import type { QualityService } from './quality.service';
import { ConnectionQualityConnection, QualityEvent, ReportQualityPayload, toConnectionQuality, toQualityEvent } from './quality.type';

const SESSION = 'The session.';
const AFTER = 'The last cursor received.';
const LIST = 'connectionQualities';

@Resolver()
export class QualityResolver {
  constructor(private readonly service: QualityService) {}

  @Mutation(() => ReportQualityPayload, {
    description:
      'Reports how well the caller receives another. The other is told by a BANDWIDTH signal what rate the caller can take; a connection that FAILED is restarted by an ICE_RESTART signal to one side, and after three tries given up with END to both.',
  })
  async reportQuality(
    @Arg('input', () => ReportQualityInput, { description: 'The report.' }) input: ReportQualityInput,
    @Ctx() { viewer }: Context,
  ): Promise<ReportQualityPayload> {
    const quality = toConnectionQuality(await this.service.report(viewer, input));
    return Object.assign(new ReportQualityPayload(), { quality });
  }

  @Query(() => ConnectionQualityConnection, {
    complexity: pageCost,
    description:
      'How well attendees are connected: all of them for who presents or keeps order and for the parties of a call; else their own.',
  })
  async connectionQualities(
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<ConnectionQualityConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.service.list(viewer, sessionId, { after: pairOf(request), limit: request.size + 1 });
    const cursorOf = ({ attendeeId, remoteId }: { attendeeId: string; remoteId: string }) => [attendeeId, remoteId];
    return Object.assign(new ConnectionQualityConnection(), toConnection(request, LIST, rows, cursorOf, toConnectionQuality));
  }

  @Query(() => [QualityEvent], {
    name: 'qualityEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listQualityEvents(
    @Ctx() { viewer }: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof QualityEvent)[]> {
    const { size } = pageRequest({ first }, 'qualityEvents', 0);
    const items = await this.service.listEvents(viewer, sessionId, after ?? null, size);
    return items.map(toQualityEvent);
  }

  @Subscription(() => QualityEvent, {
    description: "What changes about the connections that the caller may see, in order. Ends with the caller's presence.",
    subscribe: source(
      () => QualityResolver,
      (resolver, { sessionId, after }: QualityEventsArgs, { viewer, signal }) =>
        resolver.service.follow(viewer, sessionId, after ?? null, signal),
    ),
  })
  qualityEvents(
    @Root() item: StreamItem,
    @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): typeof QualityEvent {
    return toQualityEvent(item);
  }
}

interface QualityEventsArgs {
  readonly sessionId: string;
  readonly after?: Position | null;
}

function pairOf({ beyond }: PageRequest): Pair | null {
  if (beyond === null) return null;
  const [attendeeId = '', remoteId = ''] = beyond;
  if (!attendeeIds.is(attendeeId) || (remoteId !== '' && !attendeeIds.is(remoteId)))
    throw badInput('after', 'is not a cursor of this list');
  return [attendeeId, remoteId];
}
