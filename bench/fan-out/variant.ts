/** What the subscribers' operations have to do with who asks: nothing, a field that these events do not carry, a field of every event. */
export type Personal = 'nothing' | 'selected' | 'read';

export type PeerName = 'raw' | 'coalescing' | 'socket.io' | 'mercurius' | 'yoga' | 'stock' | 'stock-redis' | 'stock-stored' | 'Parley';

/** Who listens to what, and where. */
export interface Variant {
  readonly name: string;
  /** One sentence under the heading of its tables. */
  readonly about: string;
  /** Subscribers of one room; null: all are in one. */
  readonly roomSize: number | null;
  /** Processes of each server that can be more than one; raw ws, which all are compared with, is always one. */
  readonly instances: number;
  /** Hosts, people with accounts and guests, each kind with an operation of its own. */
  readonly audiences: boolean;
  readonly personal: Personal;
  /** So many times more events, and more often: where an event reaches few a figure needs more of them, where it costs much fewer. */
  readonly times: number;
  readonly peers: readonly PeerName[];
}

const ONE_CHANNEL: Variant = {
  name: 'one-channel',
  about: 'Everybody follows one channel with the same operation.',
  roomSize: null,
  instances: 1,
  audiences: false,
  personal: 'nothing',
  times: 1,
  peers: ['raw', 'coalescing', 'socket.io', 'mercurius', 'yoga', 'stock', 'stock-redis', 'stock-stored', 'Parley'],
};

export const VARIANTS: readonly Variant[] = [
  ONE_CHANNEL,
  {
    ...ONE_CHANNEL,
    name: 'audiences',
    about:
      'One channel: a host on eight screens, a third with accounts, guests. Whoever may read a channel reads the same, so Parley has one ' +
      'audience here; each kind asks with an operation of its own, which makes three groups.',
    audiences: true,
    peers: ['raw', 'coalescing', 'stock', 'stock-redis', 'stock-stored', 'Parley'],
  },
  {
    ...ONE_CHANNEL,
    name: 'rooms',
    about: 'Sessions of five; events go to them in turn, ten times as many and ten times as often.',
    roomSize: 5,
    times: 10,
    peers: ['raw', 'coalescing', 'socket.io', 'stock', 'stock-redis', 'stock-stored', 'Parley'],
  },
  {
    ...ONE_CHANNEL,
    name: 'personal',
    about: 'The operation selects a field of the viewer that these events do not carry: nothing is shared, nothing is looked up.',
    personal: 'selected',
    peers: ['raw', 'stock', 'stock-redis', 'stock-stored', 'Parley'],
  },
  {
    ...ONE_CHANNEL,
    name: 'personal-read',
    about:
      "Every event carries the viewer's own vote: Parley and the storing peer look it up for each viewer and event in PostgreSQL, the other " +
      'in memory. A tenth of the events, a tenth as often.',
    personal: 'read',
    times: 0.1,
    peers: ['raw', 'stock', 'stock-stored', 'Parley'],
  },
  {
    ...ONE_CHANNEL,
    name: 'two-instances',
    about: 'One channel, the subscribers spread over two processes (raw ws: one); events are published at the first.',
    instances: 2,
    peers: ['raw', 'stock-redis', 'stock-stored', 'Parley'],
  },
];

/** What a contestant needs to know to fill its rooms. */
export interface Setting {
  readonly variant: Variant;
  readonly subscribers: number;
  readonly rooms: number;
}

export function settingOf(variant: Variant, subscribers: number): Setting {
  return { variant, subscribers, rooms: variant.roomSize === null ? 1 : Math.ceil(subscribers / variant.roomSize) };
}
