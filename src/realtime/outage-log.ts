/** Where backends tell of outages. Details never hold credentials. */
export type Log = (message: string, details: Readonly<Record<string, unknown>>) => void;

const QUIET_MS = 30_000;

/** Says that something is away at most once in 30 seconds, however often it is tried, and that it is back when its absence was said. */
export class OutageLog {
  private saidAt = -Infinity;
  private saidAway = false;

  constructor(
    private readonly what: string,
    private readonly log: Log = () => undefined,
  ) {}

  away(detail: string): void {
    if (performance.now() - this.saidAt < QUIET_MS) return;
    this.saidAt = performance.now();
    this.saidAway = true;
    this.log(`${this.what} is away; trying again until it answers.`, { detail });
  }

  back(): void {
    if (!this.saidAway) return;
    this.saidAway = false;
    this.log(`${this.what} is back.`, {});
  }
}

/** What is worth telling of an error: some carry a code and an empty message (a refused connection to two addresses). */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
