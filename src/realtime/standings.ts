import type { Ending } from '../lib/ending';
import { ChildEnding } from '../lib/ending';
import type { StreamEvent, StreamId } from './event';
import type { FanOut } from './fan-out';
import type { PlacedMember } from './presence-store';

/** What somebody has become in a place, as an event tells it. */
export interface StandingChange<State> {
  readonly member: string;
  readonly state: State;
}

export interface StandingsOptions<State> {
  readonly fanOut: Pick<FanOut, 'watch'>;
  readonly streamOf: (place: string) => StreamId;
  /** Null for events that change nobody's standing. */
  readonly changeOf: (event: StreamEvent) => StandingChange<State> | null;
  /** What somebody is in a place now, as stored. */
  readonly read: (place: string, member: string) => Promise<State>;
}

/** An operation that depends on what somebody is in a place. */
export interface Standing<State> {
  /** As it was when the operation began. */
  readonly state: State;
  /** Aborts when it does not suffice any more. */
  readonly end: Ending;
}

interface Watched<State> {
  readonly stop: Promise<() => void>;
  readonly dependants: Map<string, Set<Dependant<State>>>;
}

/**
 * What people are in places (organizations, channels), for operations that end when they are it no longer. A place is watched while
 * something here depends on it, by one listener, whoever and however many depend; what it tells concerns only the one it tells of.
 */
export class Standings<State> {
  /** Told when a member begins to depend on something here, and when on nothing any more. */
  onCrossing: (place: string, member: string) => void = () => undefined;
  private readonly places = new Map<string, Watched<State>>();

  constructor(private readonly options: StandingsOptions<State>) {}

  /**
   * Null when what the member is does not suffice. Else `end` aborts with `parent`, or as soon as the place's stream tells that it does
   * not suffice any more.
   */
  async follow(place: string, member: string, suffices: (state: State) => boolean, parent: Ending): Promise<Standing<State> | null> {
    // Strangers open nothing.
    if (!this.places.has(place) && !suffices(await this.options.read(place, member))) return null;
    const { dependant, watched } = this.enlist(place, member, suffices, parent);
    try {
      await watched.stop;
      // Only now: what changes from here on is told.
      const state = await this.options.read(place, member);
      if (suffices(state)) return { state, end: dependant };
    } catch (error) {
      dependant.abort();
      throw error;
    }
    dependant.abort();
    return null;
  }

  /** Everybody who depends on something here now. */
  *followers(): Generator<PlacedMember> {
    for (const [place, { dependants }] of this.places) for (const member of dependants.keys()) yield { place, member };
  }

  isFollowedBy(place: string, member: string): boolean {
    return this.places.get(place)?.dependants.has(member) ?? false;
  }

  /** How many places are watched. */
  get size(): number {
    return this.places.size;
  }

  private enlist(
    place: string,
    member: string,
    suffices: (state: State) => boolean,
    parent: Ending,
  ): { dependant: Dependant<State>; watched: Watched<State> } {
    const watched = this.places.get(place) ?? this.watch(place);
    const dependant: Dependant<State> = new Dependant(suffices, parent, () => this.dismiss(place, member, dependant));
    const others = watched.dependants.get(member);
    if (others === undefined) watched.dependants.set(member, new Set([dependant]));
    else others.add(dependant);
    dependant.begin();
    if (others === undefined) this.onCrossing(place, member);
    return { dependant, watched };
  }

  private dismiss(place: string, member: string, dependant: Dependant<State>): void {
    const watched = this.places.get(place);
    const others = watched?.dependants.get(member);
    if (watched === undefined || others?.delete(dependant) !== true || others.size > 0) return;
    watched.dependants.delete(member);
    this.onCrossing(place, member);
    if (watched.dependants.size > 0) return;
    this.places.delete(place);
    watched.stop.then(
      (stop) => stop(),
      () => undefined,
    );
  }

  private watch(place: string): Watched<State> {
    const dependants: Watched<State>['dependants'] = new Map();
    const { fanOut, streamOf } = this.options;
    const stop = fanOut.watch(streamOf(place), (event) => this.onNews(place, dependants, event));
    const watched = { stop, dependants };
    this.places.set(place, watched);
    return watched;
  }

  private onNews(place: string, dependants: Watched<State>['dependants'], event: StreamEvent | null): void {
    if (event === null) {
      // The stream was lost, and with it, perhaps, a change: everybody who depends on it is looked at again.
      for (const member of dependants.keys()) void this.lookAgain(place, member, dependants);
      return;
    }
    const change = this.options.changeOf(event);
    if (change !== null) endUnless(dependants.get(change.member), ({ suffices }) => suffices(change.state));
  }

  private async lookAgain(place: string, member: string, dependants: Watched<State>['dependants']): Promise<void> {
    const read = await this.options.read(place, member).then(
      (state) => ({ state }),
      () => null,
    );
    endUnless(dependants.get(member), ({ suffices }) => read !== null && suffices(read.state));
  }
}

/** One operation's ending: with the operation, or with what it depends on. */
class Dependant<State> extends ChildEnding {
  constructor(
    readonly suffices: (state: State) => boolean,
    operation: Ending,
    private readonly dismiss: () => void,
  ) {
    super(operation);
  }

  protected override onEnd(): void {
    this.dismiss();
  }
}

function endUnless<State>(dependants: ReadonlySet<Dependant<State>> | undefined, holds: (dependant: Dependant<State>) => boolean): void {
  for (const dependant of [...(dependants ?? [])]) if (!holds(dependant)) dependant.abort();
}
