/** One attacker, in a process of its own: told by a message what to do and to whom, answers with what it was answered. */
import { Tally } from './attack';
import type { Target } from './attack';
import { ATTACKS } from './list';

export interface Orders {
  readonly id: string;
  readonly target: Target;
}

process.on('message', ({ id, target }: Orders) => {
  const tally = new Tally();
  const attack = ATTACKS.find((known) => known.id === id);
  void attack?.run(target, tally).then(() => process.send?.(tally.counts));
});

// Compiled and loaded, which is work that the others would notice.
process.send?.('ready');
