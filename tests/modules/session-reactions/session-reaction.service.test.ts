import type { GuestViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { MemoryRateLimiter } from '../../../src/realtime/rate-limiter.memory';
import type { ReactionFrame } from '../../../src/modules/session-reactions/frame-reader';
import { sessionReacted } from '../../../src/modules/session-reactions/session-reaction.events';
import { testBackends } from '../../support/databases';
import { HandPaced } from '../../support/hand-paced';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages, setStage } from '../stage';

describe.each(testBackends())('reactions in a session on %s', (kind) => {
  const time = new HandPaced();
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guests: GuestViewer[];
  beforeAll(async () => {
    opened = await openTwoStages(kind, { pace: time.pace });
    ({ stage, there } = opened);
    show = await stage.live();
    guests = [];
    for (let n = 0; n < 20; n += 1) guests.push(await stage.guest(show.session));
  });
  afterAll(() => opened.close());

  const guest = (n: number): GuestViewer => guests[n % guests.length] as GuestViewer;

  it('cost each reader one frame per interval in a burst of 1,000 over two instances, and end exact', async () => {
    const readers = [stage, there].map(
      async (instance) => new Collected(await instance.sessionReactions.follow(by(show.host), show.session.id, open())),
    );
    const [here, far] = await Promise.all(readers);
    let counted = 0;
    for (let n = 0; n < 1_000; n += 1) {
      const sent = (n % 2 === 0 ? stage : there).sessionReactions.send(guest(n), show.session.id, n % 4 === 0 ? '🎉' : '👏');
      void sent.then(() => (counted += 1));
    }
    const last = (reader?: Collected<ReactionFrame>) => reader?.items.at(-1)?.totals;
    const exact = { '🎉': 250, '👏': 750 };
    const isOver = (): boolean =>
      counted === 1_000 && [here, far].every((reader) => last(reader)?.['👏'] === 750 && last(reader)?.['🎉'] === 250);
    let intervals = 0;
    await waitFor(
      () => {
        if (isOver()) return true;
        intervals += 1;
        time.tick();
        return false;
      },
      { what: 'the last frame' },
    );
    for (const reader of [here, far]) {
      expect(last(reader)).toEqual(exact);
      // The totals as they were, the first change at once, then one an interval.
      expect(reader?.items.length).toBeLessThanOrEqual(2 + intervals);
      const added = reader?.items.reduce((sum, frame) => sum + (frame.added['👏'] ?? 0) + (frame.added['🎉'] ?? 0), 0);
      expect(added).toBe(1_000);
    }
    expect(await stage.sessionReactions.total(by(guest(0)), show.session.id)).toEqual(exact);
    const events = await stage.kernel.log.read(`reactions:${show.session.id}`, 0, 1_000);
    expect(events.length).toBeLessThanOrEqual(2 * (1 + intervals));
    expect(sessionReacted.read(events.at(-1)!).totals).toEqual(exact);
    await Promise.all([here?.cut(), far?.cut()]);
  });

  it('are for those present, while it is live, with what the settings allow', async () => {
    const { host, session } = await stage.live();
    const viewer = await stage.guest(session);
    const send = (emoji: string, who: Parameters<typeof stage.sessionReactions.send>[0] = viewer) =>
      paced(stage.sessionReactions.send(who, session.id, emoji));
    await expect(send('🍕')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'REACTION_NOT_ALLOWED'));
    await stage.sessions.update(by(host), session.id, { reactionEmojis: ['🍕'] });
    await send('🍕');
    await expect(send('👏')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'REACTION_NOT_ALLOWED'));
    for (const who of [ANONYMOUS, await stage.user(), guest(0)]) await expect(send('🍕', who)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await stage.moderation.remove(by(host), viewer.attendeeId);
    await expect(send('🍕')).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    await expect(stage.sessionReactions.follow(by(viewer), session.id, open())).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await stage.sessions.command(by(host), session.id, 'end');
    await expect(send('🍕', host)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
    expect(await stage.sessionReactions.total(by(host), session.id)).toEqual({ '🍕': 1 });
  });

  it('have a rate per person', async () => {
    const limited = setStage(opened.database, { rateLimiter: new MemoryRateLimiter(), pace: time.pace });
    const { session } = await limited.live();
    const [eager, other] = [await limited.guest(session), await limited.guest(session)];
    await paced(Promise.all(Array.from({ length: 60 }, () => limited.sessionReactions.send(eager, session.id, '👏'))));
    await expect(limited.sessionReactions.send(eager, session.id, '👏')).rejects.toMatchObject(refused('RATE_LIMITED', 'REACTION_RATE'));
    await paced(limited.sessionReactions.send(other, session.id, '👏'));
    await limited.close();
    await limited.kernel.close();
  });

  /** Lets intervals end until it is settled. */
  async function paced<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    void work.finally(() => (settled = true)).catch(() => undefined);
    await waitFor(() => (time.tick(), settled), { what: 'the reaction' });
    return work;
  }
});
