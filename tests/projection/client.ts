import { isDeepStrictEqual } from 'node:util';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import type { Follower } from '../support/api-client';
import { ApiFailure } from '../support/api-client';
import { waitFor } from '../support/wait-for';
import { objectOf, PAGE, STREAMS, stateDocument, streamDocument, talliesDocument } from './operations';
import type { Holder, Part, Topic, Way } from './part';
import { READ_ANEW } from './part';
import { partsOf } from './parts';
import { selected } from './selected';
import { ask } from './world';
import type { Person } from './world';

interface Told {
  readonly __typename: string;
  readonly cursor: string;
  /** Of a `StreamOpened`: whether nothing was missed. */
  readonly recovered?: boolean;
}

type Stream = Follower<Record<string, Told>>;
type States = ReadonlyMap<Part, unknown>;

/** How long the last tally may take, which comes by a stream of its own. */
const TALLY_MS = 2_000;

interface Opened {
  readonly stream: Stream;
  readonly tallies: Stream | null;
  /** Where it began, where it stood when it was last looked at, and how much had come by then. */
  readonly beginning: string;
  cursor: string;
  taken: number;
  talliesTaken: number;
  /** As queries answered it then. */
  read: States;
  /** As events made it: of the subscription, and by polling. */
  live: States;
  polled: States;
}

/** What a client holds of one thing that it follows. */
export class Client {
  /** Null while it may not follow. */
  private opened: Opened | null = null;

  constructor(
    readonly person: Person,
    private readonly holder: Holder,
    readonly topic: Topic,
    readonly id: string,
  ) {}

  /**
   * The names of the parts that have changed since it was last asked. Fails where what the events made of what was read is not what is read
   * now. Who may follow from now on begins to; who no longer may must have been cut off.
   */
  async check(): Promise<string[]> {
    if (this.opened === null) {
      await this.open();
      return [];
    }
    const { opened } = this;
    if (!(await this.settle())) return [];
    const now = await this.readAll(opened.beginning);
    const agrees = (): boolean => {
      this.takeTallies(opened);
      return isDeepStrictEqual(shown(opened.live, now, 'live'), shown(now, now, 'live'));
    };
    await waitFor(agrees, { timeoutMs: TALLY_MS }).catch(() => undefined);
    for (const way of ['live', 'polled'] as const) {
      expect({ client: this.name, way, holds: shown(opened[way], now, way) }).toEqual({
        client: this.name,
        way,
        holds: shown(now, now, way),
      });
    }
    const changed = [...now].filter(
      ([part, state]) => !isDeepStrictEqual(part.shown(state, 'live'), part.shown(opened.read.get(part), 'live')),
    );
    Object.assign(opened, { read: now, live: now, polled: now });
    return changed.map(([{ name }]) => name);
  }

  /** Takes in whatever was told until now; false when it may follow no longer. */
  async settle(): Promise<boolean> {
    const { opened } = this;
    if (opened === null) return false;
    const polled = await this.pollAfter(opened.cursor);
    if (polled === null) {
      await this.end(opened);
      return false;
    }
    const last = polled.at(-1)?.cursor;
    const news = (): Told[] => this.toldBy(opened.stream).slice(opened.taken);
    await waitFor(() => last === undefined || news().some(({ cursor }) => cursor === last), {
      what: `${this.name} to be told of ${polled.map(({ __typename }) => __typename).join(', ')}`,
    });
    const live = news();
    expect({ client: this.name, told: live.map(({ __typename, cursor }) => [__typename, cursor]) }).toEqual({
      client: this.name,
      told: polled.map(({ __typename, cursor }) => [__typename, cursor]),
    });
    opened.live = this.applied(opened.live, live);
    opened.polled = this.applied(opened.polled, polled);
    Object.assign(opened, { cursor: last ?? opened.cursor, taken: opened.taken + live.length });
    this.takeTallies(opened);
    return true;
  }

  /** What its own mutation answered it. */
  answered(partName: string, apply: (state: unknown) => unknown): void {
    if (this.opened === null) return;
    const answer = (states: States): States =>
      new Map([...states].map(([part, state]) => [part, part.name === partName && state !== READ_ANEW ? apply(state) : state]));
    this.opened.live = answer(this.opened.live);
    this.opened.polled = answer(this.opened.polled);
  }

  close(): void {
    this.opened?.stream.stop();
    this.opened?.tallies?.stop();
    this.opened = null;
  }

  private get name(): string {
    return `${this.person.name}, of the ${this.topic} ${this.id}`;
  }

  private async open(): Promise<void> {
    if ((await this.page(null)) === null) return;
    const stream = this.follow(streamDocument(this.topic, 'subscription'));
    const tallies = this.topic === 'session' ? this.follow(talliesDocument()) : null;
    await waitFor(() => stream.received.length > 0, { what: `${this.name} to be opened`, timeoutMs: 10_000 });
    const beginning = this.toldBy(stream)[0]?.cursor ?? '';
    const read = await this.readAll(beginning);
    this.opened = { stream, tallies, beginning, cursor: beginning, taken: 1, talliesTaken: 0, read, live: read, polled: read };
  }

  private async end({ stream }: Opened): Promise<void> {
    let ended = false;
    void stream.ended.then(() => (ended = true));
    await waitFor(() => ended, { what: `${this.name} to be cut off` });
    this.close();
  }

  private follow(document: string): Stream {
    const parsed = parse(document) as TypedDocumentNode<Record<string, Told>, { id: string }>;
    return this.person.api.follow(parsed, { id: this.id });
  }

  private toldBy(stream: Stream): Told[] {
    return stream.received.flatMap((data) => Object.values(data));
  }

  private async pollAfter(cursor: string): Promise<Told[] | null> {
    const all: Told[] = [];
    for (;;) {
      const page = await this.page(all.at(-1)?.cursor ?? cursor);
      if (page === null) return null;
      // Alone: only what is for others has come.
      if (page[0]?.recovered !== undefined) {
        expect({ client: this.name, recovered: page[0].recovered }).toEqual({ client: this.name, recovered: true });
        return all;
      }
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** Null for who may not follow. */
  private async page(after: string | null): Promise<Told[] | null> {
    try {
      const found = await ask<Record<string, Told[]>>(this.person, streamDocument(this.topic, 'query'), { id: this.id, after });
      return found[STREAMS[this.topic].field] ?? [];
    } catch (error) {
      if (error instanceof ApiFailure && ['FORBIDDEN', 'NOT_FOUND'].includes(error.code)) return null;
      throw error;
    }
  }

  private async readAll(beginning: string): Promise<States> {
    const data = await ask<Record<string, never>>(this.person, stateDocument(this.topic), { id: this.id, after: beginning });
    const found = this.topic === 'inbox' ? data : data[objectOf(this.topic)];
    return new Map(partsOf(this.topic).map((part) => [part, part.read(selected(part.selection, found) as never)]));
  }

  private applied(states: States, events: readonly Told[]): States {
    return new Map([...states].map(([part, state]) => [part, events.reduce((held, event) => this.after(part, held, event), state)]));
  }

  private after(part: Part, state: unknown, event: Told): unknown {
    const [fields, on] = [part.events[event.__typename], part.on[event.__typename]];
    if (state === READ_ANEW || fields === undefined || on === undefined) return state;
    return on(state, selected(fields, event) as never, this.holder);
  }

  private takeTallies(opened: Opened): void {
    if (opened.tallies === null) return;
    const news = this.toldBy(opened.tallies).slice(opened.talliesTaken);
    opened.live = this.applied(opened.live, news);
    opened.talliesTaken += news.length;
  }
}

/** What is read anew is what is true. */
function shown(states: States, now: States, way: Way): Record<string, unknown> {
  return Object.fromEntries([...states].map(([part, state]) => [part.name, part.shown(state === READ_ANEW ? now.get(part) : state, way)]));
}
