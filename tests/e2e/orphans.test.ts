import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { EndingDocument, OnSessionEventsDocument } from '../support/generated/graphql';
import type { EndingQuery } from '../support/generated/graphql';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

const ORPHAN_AFTER_MS = 400;

describe('a session whose people are all gone', () => {
  let apps: [TestApp, TestApp];
  beforeAll(async () => {
    const first = await startTestApp({ orphanAfterMs: ORPHAN_AFTER_MS });
    // PGlite serves one process, so there "both" instances are the same one.
    apps = [first, APP_BACKENDS === 'embedded' ? first : await first.another()];
  });
  afterAll(() => apps[0].close());

  const read = async ({ host, session }: Stage): Promise<EndingQuery['session']> =>
    (await host.api.run(EndingDocument, { id: session.id })).session;
  const hasEnded = (stage: Stage): Promise<boolean> =>
    waitFor(async () => (await read(stage))?.status === 'COMPLETED', { timeoutMs: 30_000, what: 'the session to end by itself' });

  it('ends by itself, and not while somebody is connected, to whichever instance', async () => {
    const watched = await setStage(apps[0].url, {}, { start: false });
    const guest = await watched.join('Guest', apps[1].url);
    const follower = guest.api.follow(OnSessionEventsDocument, { sessionId: watched.session.id });
    await waitFor(() => follower.received.length === 1, { what: 'the opening' });
    await watched.start();

    // Others are born and end meanwhile.
    for (let n = 0; n < 3; n += 1) {
      const orphan = await setStage(apps[n % 2]!.url);
      await hasEnded(orphan);
      expect(await read(orphan)).toMatchObject({ endReason: 'ORPHANED', attendeeCount: 0 });
    }
    expect(await read(watched)).toMatchObject({ status: 'LIVE', endReason: null, attendeeCount: 1 });

    follower.stop();
    await guest.api.close();
    await hasEnded(watched);
    const ended = await read(watched);
    expect(ended).toMatchObject({ endReason: 'ORPHANED', attendeeCount: 0 });
    expect(ended?.attendees.edges.map(({ node }) => [node.status, node.leaveReason, node.leftAt])).toEqual([
      ['LEFT', 'ended', ended?.endedAt],
      ['LEFT', 'ended', ended?.endedAt],
    ]);
  }, 120_000);
});
