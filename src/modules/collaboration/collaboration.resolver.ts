import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { PageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { SharedSubscription } from '../../graphql/shareable';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { readerOf, readingAs, Session } from '../sessions';
import {
  AddCollaborationItemInput,
  EditCollaborationItemInput,
  MoveCollaborationItemInput,
  MovePointerInput,
  RemoveCollaborationItemInput,
} from './collaboration.input';
import type { CollaborationService } from './collaboration.service';
import { itemIds } from './collaboration.service';
import {
  CollaborationEvent,
  CollaborationItemConnection,
  CollaborationItemPayload,
  MovePointerPayload,
  PointerFrame,
  toCollaborationEvent,
  toFrame,
  toItem,
  toItemPayload,
} from './collaboration.type';
import type { ItemPlace } from './item.repository';
import { CollaborationList } from './item.repository';
import type { PointerNews } from './pointer-frames';
import type { PointerService } from './pointer.service';

const SESSION = 'The session.';
const AFTER = 'The last cursor received.';

@Resolver(() => Session)
export class CollaborationResolver {
  constructor(
    private readonly service: CollaborationService,
    private readonly pointerService: PointerService,
  ) {}

  @FieldResolver(() => CollaborationItemConnection, {
    complexity: pageCost,
    description: 'A list that its people edit together, in its order. For those present and admins of its organization.',
  })
  async collaboration(
    @Root() session: Session,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Arg('list', () => CollaborationList, { defaultValue: CollaborationList.AGENDA, description: 'Which list.' }) list: CollaborationList,
    @Ctx() context: Context,
  ): Promise<CollaborationItemConnection> {
    const tag = `collaboration:${list}`;
    const request = pageRequest({ first, after }, tag, 2);
    const reader = readingAs(readerOf(session, context), context);
    const rows = await this.service.list(reader, session.id, list, placeIn(request), request.size + 1);
    return toConnection(request, tag, rows, ({ position, id }) => [position, id], toItem);
  }

  @Mutation(() => CollaborationItemPayload, { description: 'Adds to a list. For who may present, and who keeps order.' })
  async addCollaborationItem(
    @Arg('input', () => AddCollaborationItemInput, { description: 'The item.' }) { afterId: after, ...item }: AddCollaborationItemInput,
    @Ctx() { viewer }: Context,
  ): Promise<CollaborationItemPayload> {
    return toItemPayload(await this.service.add(viewer, { ...item, after }));
  }

  @Mutation(() => CollaborationItemPayload, { description: 'Edits an item. For who may present, and who keeps order.' })
  async editCollaborationItem(
    @Arg('input', () => EditCollaborationItemInput, { description: 'The changes.' }) { body, done, ...edit }: EditCollaborationItemInput,
    @Ctx() { viewer }: Context,
  ): Promise<CollaborationItemPayload> {
    return toItemPayload(await this.service.edit(viewer, { ...edit, body: body ?? undefined, done: done ?? undefined }));
  }

  @Mutation(() => CollaborationItemPayload, {
    description: 'Puts an item elsewhere in its list. For who may present, and who keeps order.',
  })
  async moveCollaborationItem(
    @Arg('input', () => MoveCollaborationItemInput, { description: 'Where.' }) { afterId: after, ...move }: MoveCollaborationItemInput,
    @Ctx() { viewer }: Context,
  ): Promise<CollaborationItemPayload> {
    return toItemPayload(await this.service.move(viewer, { ...move, after }));
  }

  @Mutation(() => CollaborationItemPayload, { description: 'Takes an item away. For who may present, and who keeps order.' })
  async removeCollaborationItem(
    @Arg('input', () => RemoveCollaborationItemInput, { description: 'Which one.' }) input: RemoveCollaborationItemInput,
    @Ctx() { viewer }: Context,
  ): Promise<CollaborationItemPayload> {
    return toItemPayload(await this.service.remove(viewer, input));
  }

  @Mutation(() => MovePointerPayload, {
    description: "Shows the caller's pointer to who looks. Nothing is stored. For who may present, and who keeps order.",
  })
  async movePointer(
    @Arg('input', () => MovePointerInput, { description: 'Where it is.' }) input: MovePointerInput,
    @Ctx() { viewer }: Context,
  ): Promise<MovePointerPayload> {
    await this.pointerService.move(viewer, input);
    return Object.assign(new MovePointerPayload(), { visible: input.visible });
  }

  @Query(() => [CollaborationEvent], {
    name: 'collaborationEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listCollaborationEvents(
    @Ctx() context: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof CollaborationEvent)[]> {
    const { size } = pageRequest({ first }, 'collaborationEvents', 0);
    const items = await this.service.listEvents(context, sessionId, after ?? null, size);
    return items.map(toCollaborationEvent);
  }

  @SharedSubscription()
  @Subscription(() => CollaborationEvent, {
    description:
      'What becomes of the lists of the session: from now on, or after a cursor without a gap. Ends when the caller leaves or is removed, or looks after the session no more.',
    subscribe: source(
      () => CollaborationResolver,
      (resolver, { sessionId, after }: { sessionId: string; after?: Position | null }, context) =>
        resolver.service.follow(context, sessionId, after ?? null, context.signal),
    ),
  })
  collaborationEvents(
    @Root() item: StreamItem,
    @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): typeof CollaborationEvent {
    return toCollaborationEvent(item);
  }

  @Subscription(() => PointerFrame, {
    description:
      "Where others point, at most ten frames a second. A pointer that was still for ten seconds is gone. Ends as the session's events do.",
    subscribe: source(
      () => CollaborationResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.pointerService.follow(context, sessionId, context.signal),
    ),
  })
  pointers(@Root() news: PointerNews[], @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string): PointerFrame {
    return toFrame(news);
  }
}

function placeIn({ beyond }: PageRequest): ItemPlace | null {
  if (beyond === null) return null;
  const [position = '', id = ''] = beyond;
  if (!/^[0-9A-Za-z]+$/.test(position) || !itemIds.is(id)) throw badInput('after', 'is not a cursor of this list');
  return { position, id };
}
