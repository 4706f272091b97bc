import { cpuSeconds, percentile } from '../process-stats';
import type { Contestant } from './contestant';
import type { Mode } from './mode';
import type { Room } from './room';
import type { Outcome } from './room-process';

export interface Figures {
  /** CPU seconds of all server processes for a million deliveries. */
  readonly cpuPerMillion: number;
  /** Deliveries a second. */
  readonly perSecond: number;
  /** Milliseconds from publishing an event to its last delivery. */
  readonly p50: number;
  readonly p99: number;
}

/** Publishes the mode's events, numbered from `from` on. Throws unless everyone got all of theirs, in order and once. */
export async function measure(contestant: Contestant, room: Room, mode: Mode, from: number): Promise<Figures> {
  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  const gate = new Gate(mode.inFlight);
  const { done } = await room.expect(from, mode.events, (n) => {
    latencies.push(performance.now() - (sentAt.get(n) ?? 0));
    gate.leave();
  });
  const cpuBefore = cpuOf(contestant);
  const started = performance.now();
  const published = publishAll(contestant, mode, from, gate, (n) => sentAt.set(n, performance.now()));
  published.catch(() => undefined);
  const outcome = await Promise.race([done, published.then(() => done)]);
  assertWhole(contestant, mode, outcome);
  await published;
  const seconds = (performance.now() - started) / 1_000;
  return {
    cpuPerMillion: ((cpuOf(contestant) - cpuBefore) / outcome.deliveries) * 1e6,
    perSecond: outcome.deliveries / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

/** Resolves when the server has accepted all; rejects at its first refusal, even while others are waited for. */
function publishAll(
  contestant: Contestant,
  { events, perSecond }: Mode,
  from: number,
  gate: Gate,
  onPublish: (n: number) => void,
): Promise<unknown> {
  const started = performance.now();
  const accepted: Promise<void>[] = [];
  return new Promise((resolve, reject) => {
    const run = async (): Promise<unknown> => {
      for (let n = from; n < from + events; n += 1) {
        if (perSecond > 0) await pause(started + ((n - from) * 1_000) / perSecond - performance.now());
        await gate.enter();
        onPublish(n);
        const accepting = contestant.publish(n);
        accepting.catch(reject);
        accepted.push(accepting);
      }
      return Promise.all(accepted);
    };
    run().then(resolve, reject);
  });
}

/** Lets so many in at a time. */
class Gate {
  private inside = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly places: number) {}

  async enter(): Promise<void> {
    while (this.inside >= this.places) await new Promise<void>((resolve) => (this.wake = resolve));
    this.inside += 1;
  }

  leave(): void {
    this.inside -= 1;
    this.wake();
  }
}

function assertWhole({ name }: Contestant, { name: mode, events }: Mode, { complete, wrong }: Outcome): void {
  if (complete !== events || wrong > 0)
    throw new Error(`${name}, ${mode}: ${complete} of ${events} events reached everyone, ${wrong} deliveries out of turn`);
}

function cpuOf({ pids }: Contestant): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}
