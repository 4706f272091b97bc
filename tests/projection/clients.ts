import { Client } from './client';
import type { Draw } from './draw';
import { ROWS } from './rows';
import type { Row } from './row';
import { holderOf, run } from './world';
import type { Person, World } from './world';

/** Everybody's clients of one world, and what happens before their eyes. */
export class Clients {
  private constructor(
    private readonly world: World,
    private readonly clients: readonly Client[],
  ) {}

  static async of(world: World): Promise<Clients> {
    const clients = world.viewers.flatMap((person) => {
      const holder = holderOf(person);
      const { session } = world;
      return [
        new Client(person, holder, 'session', session.id),
        new Client(person, holder, 'inbox', session.id),
        ...world.channelIds.map((id) => new Client(person, holder, 'channel', id)),
      ];
    });
    const all = new Clients(world, clients);
    await all.check();
    return all;
  }

  /** The parts that have changed for anybody since the last time; fails where anybody holds what is not true. */
  async check(): Promise<string[]> {
    const changed = await Promise.all(this.clients.map((client) => client.check()));
    return [...new Set(changed.flat())].sort();
  }

  /** Makes the mutation's call, by somebody else where one is given; `ready` once everything that it takes is there. */
  async perform(name: string, draw: Draw, instead: Person | null = null, ready?: () => Promise<unknown>): Promise<void> {
    const row = ROWS.get(name) as Row;
    const call = await row.call(this.world, draw);
    await ready?.();
    const by = instead ?? call.by;
    const answer = 'answer' in row ? row.answer : undefined;
    const of = answer?.of?.(call.variables as never);
    const own = this.clients.filter(({ person, id }) => answer !== undefined && person === by && (of === undefined || of === id));
    // A client takes events in as they come; what was told before it asks must not come after what it is answered.
    await Promise.all(own.map((client) => client.settle()));
    const data = await run<Record<string, never>>(by, name, call.variables, answer?.select);
    for (const client of own)
      if (answer !== undefined) client.answered(answer.part, (state) => answer.apply(state as never, data[name] as never));
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}
