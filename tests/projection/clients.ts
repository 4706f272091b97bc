import { Client } from './client';
import type { Draw } from './draw';
import type { Topic } from './part';
import { ROWS } from './rows';
import type { Row } from './row';
import { holderOf, run } from './world';
import type { Person, World } from './world';

const TOPICS: readonly Topic[] = ['session', 'channel', 'inbox', 'collaboration'];

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
        new Client(person, holder, 'collaboration', session.id),
        ...world.channelIds.map((id) => new Client(person, holder, 'channel', id)),
      ];
    });
    const overseer = new Client(world.overseer, holderOf(world.overseer), 'session', world.session.id);
    const all = new Clients(world, [...clients, overseer]);
    world.runsBy((by, name, variables, select) => all.run(by, name, variables, select));
    await all.check();
    return all;
  }

  /**
   * The parts that have changed for anybody since the last time; fails where anybody holds what is not true. Of these topics, or of all.
   */
  async check(topics: readonly Topic[] = TOPICS): Promise<string[]> {
    const looking = this.clients.filter(({ topic }) => topics.includes(topic));
    const changed = await Promise.all(looking.map((client) => client.check()));
    return [...new Set(changed.flat())].sort();
  }

  /** Makes the mutation's call, by somebody else where one is given; `ready` once everything that it takes is there. */
  async perform(name: string, draw: Draw, instead: Person | null = null, ready?: () => Promise<unknown>): Promise<void> {
    const row = ROWS.get(name) as Row;
    const call = await row.call(this.world, draw);
    await ready?.();
    const mayTry = !('alone' in row);
    await this.run((mayTry ? instead : null) ?? call.by, name, call.variables);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  /** As `by`'s own client does it, which learns from the answer. */
  private async run(by: Person, name: string, variables: Record<string, unknown>, select = ''): Promise<Record<string, never>> {
    const row = ROWS.get(name);
    const answer = row !== undefined && 'answer' in row ? row.answer : undefined;
    const of = answer?.of?.(variables as never);
    const own = this.clients.filter(({ person, id }) => answer !== undefined && person === by && (of === undefined || of === id));
    // A client takes events in as they come; what was told before it asks must not come after what it is answered.
    await Promise.all(own.map((client) => client.settle()));
    const selection = `${select} ${answer?.select ?? ''}`.trim();
    const data = await run<Record<string, never>>(by, name, variables, selection === '' ? undefined : selection);
    for (const client of own)
      if (answer !== undefined) client.answered(answer.part, (state) => answer.apply(state as never, data[name] as never));
    return data;
  }
}
