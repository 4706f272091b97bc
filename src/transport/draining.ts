/** How far an instance is on its way out. */
export class Draining {
  private phase: 'serving' | 'draining' | 'closing' = 'serving';

  /** From here on the instance is not ready, and asks its callers to go elsewhere; it still serves those who do not know yet. */
  start(): void {
    if (this.phase === 'serving') this.phase = 'draining';
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
}
