import { Counts } from '../lib/counts';
import type { Viewer } from '../lib/viewer';
import { viewerKey } from '../lib/viewer';
import { overLimit } from './limits';

/** How many subscriptions are open or being opened: in all, and by viewer. */
export class SubscriptionPlaces {
  private taken_ = 0;
  private readonly byViewer = new Counts();

  /** Without a maximum only the total is counted. */
  constructor(private readonly maxPerViewer: number | null) {}

  get taken(): number {
    return this.taken_;
  }

  /** Throws RATE_LIMITED when this viewer has as many as may be. The anonymous have the bounds of their sockets. */
  take(viewer: Viewer): void {
    const { maxPerViewer } = this;
    const key = viewerKey(viewer);
    if (maxPerViewer !== null && key !== null) {
      if (this.byViewer.of(key) >= maxPerViewer) throw overLimit('subscriptionsPerViewer', maxPerViewer);
      this.byViewer.add(key, 1);
    }
    this.taken_ += 1;
  }

  giveBack(viewer: Viewer): void {
    this.taken_ -= 1;
    const key = viewerKey(viewer);
    if (this.maxPerViewer !== null && key !== null) this.byViewer.add(key, -1);
  }
}
