/** Whoever leads requests here asks at least this often whether to. */
const ASKED_EVERY_MS = 15_000;
/** Without a request for so long, after it was told, it leads them elsewhere. */
const QUIET_MS = 500;
const LOOK_EVERY_MS = 50;

/** How far an instance is on its way out, and whether those who lead requests here know. */
export class Draining {
  private phase: 'serving' | 'draining' | 'closing' = 'serving';
  private askedAt = -Infinity;
  private disturbedAt = -Infinity;
  private untold = false;

  /** From here on the instance is not ready, and asks its callers to go elsewhere; it still serves those who do not know yet. */
  start(): void {
    if (this.phase !== 'serving') return;
    this.phase = 'draining';
    this.untold = performance.now() - this.askedAt < ASKED_EVERY_MS;
  }

  /** From here on nothing new is begun. */
  refuse(): void {
    this.phase = 'closing';
  }

  get started(): boolean {
    return this.phase !== 'serving';
  }

  get refusing(): boolean {
    return this.phase === 'closing';
  }

  /** Somebody asked whether to lead requests here, and gets the answer. */
  asked(): void {
    this.askedAt = performance.now();
    if (!this.started || !this.untold) return;
    this.untold = false;
    this.disturbedAt = this.askedAt;
  }

  /** A request came although it was asked to go elsewhere. */
  disturbed(): void {
    this.disturbedAt = performance.now();
  }

  /** Resolves when whoever asks has been told and sends nothing more, at once when nobody asks; in any case after this long. */
  async noticed(patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline && (this.untold || performance.now() - this.disturbedAt < QUIET_MS)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
