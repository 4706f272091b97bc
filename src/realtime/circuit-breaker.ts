import { jittered } from './backoff';

const OPEN_AFTER = 3;
const OPEN_MS = 1_000;

/**
 * Stops asking a backend that fails. After three failures in a row it is open and lets nobody pass for about a second, then one probe:
 * its success closes the breaker, its failure opens it again. Who was let pass must tell how it went.
 */
export class CircuitBreaker {
  private failures = 0;
  private openUntil = 0;
  private probing = false;

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.failures < OPEN_AFTER) return 'closed';
    return this.retryInMs > 0 ? 'open' : 'half-open';
  }

  /** How long until a probe may pass. */
  get retryInMs(): number {
    return Math.max(0, this.openUntil - performance.now());
  }

  tryPass(): boolean {
    if (this.state === 'closed') return true;
    if (this.state === 'open' || this.probing) return false;
    this.probing = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.openUntil = 0;
    this.probing = false;
  }

  failed(): void {
    this.failures += 1;
    this.probing = false;
    if (this.failures >= OPEN_AFTER) this.openUntil = performance.now() + jittered(OPEN_MS);
  }

  /** There is reason to think that the backend is back: the next one may pass. */
  probeNow(): void {
    this.openUntil = 0;
  }
}
