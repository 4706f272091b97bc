import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionActivity, SessionCompanion, SessionService } from '../sessions';
import { collaborationStream } from './collaboration.events';
import { CollaborationResolver } from './collaboration.resolver';
import { CollaborationService, itemIds } from './collaboration.service';
import { toItem } from './collaboration.type';
import { ItemRepository } from './item.repository';
import { PointerService } from './pointer.service';

export const collaborationResolvers = [CollaborationResolver] as const;

export interface CollaborationDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'ephemeral'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
}

export interface CollaborationRoom extends RoomParts {
  readonly collaboration: CollaborationService;
  readonly pointers: PointerService;
  /** For `createSessionsRoom`. */
  readonly companion: SessionCompanion;
  readonly activity: SessionActivity;
}

export function createCollaborationRoom({ kernel, sessions, attendance }: CollaborationDeps): CollaborationRoom {
  const collaboration = new CollaborationService({ kernel, sessions, attendance, items: new ItemRepository() });
  const pointers = new PointerService(kernel, sessions, attendance);
  const companion: SessionCompanion = {
    sessionDuplicated: (tx, source, copy) => collaboration.copyAgenda(tx, source, copy),
  };
  const activity: SessionActivity = { streamsOf: (_tx, sessionId) => Promise.resolve([collaborationStream(sessionId)]) };
  const nodes: NodeLoaders = {
    [itemIds.prefix]: async (id, context) => {
      const item = await collaboration.findFor(context, id);
      return item && toItem(item);
    },
  };
  return { collaboration, pointers, companion, activity, resolvers: [new CollaborationResolver(collaboration, pointers)], nodes };
}
