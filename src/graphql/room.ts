import type { NodeLoaders } from './node';

/** What a module gives to `app/`: resolver instances for the schema's container, and the ids it can load. */
export interface RoomParts {
  readonly resolvers: readonly object[];
  readonly nodes?: NodeLoaders;
}
