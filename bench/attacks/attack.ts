/** What one attacker knows. */
export interface Target {
  readonly url: string;
  /** Of the loopback network, the attacker's own: what the server blocks is not what the others come from. */
  readonly address: string;
  /** People that the attacker has signed in as, for this attack alone. */
  readonly tokens: readonly string[];
  readonly sessionId: string;
  readonly channelId: string;
  readonly questionId: string;
  /** When to end, on `Date.now()`. */
  readonly until: number;
}

/** Answers by kind, such as `400 QUERY_TOO_COMPLEX` or `close 1013`, and how many there were. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}

export interface Attack {
  /** Of the catalogue. */
  readonly id: string;
  readonly what: string;
  /** As one remote host could do it. */
  readonly pace: string;
  /** How many people it signs in as. Default: none. */
  readonly people?: number;
  /** When it takes longer than the others until the server has had enough. */
  readonly seconds?: number;
  /** What it may be answered, and nothing else. */
  readonly answers: RegExp;
  /** What has to be among the answers. Default: any of them. */
  readonly above?: RegExp;
  readonly run: (target: Target, tally: Tally) => Promise<void>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Does it so often a second, in turns of 20 ms, until the attack is over; what is not done in time is not made up for. */
export async function paced({ until }: Target, perSecond: number, act: (n: number) => void): Promise<void> {
  let n = 0;
  let owed = 0;
  for (let last = Date.now(); last < until;) {
    await pause(20);
    const now = Date.now();
    owed = Math.min(owed + ((now - last) / 1_000) * perSecond, perSecond / 10 + 1);
    last = now;
    for (; owed >= 1; owed -= 1) act((n += 1));
  }
}
