import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { callStream } from '../../../src/modules/calls';
import { callChanged } from '../../../src/modules/calls/call.events';
import { qualityStream } from '../../../src/modules/quality';
import { qualityChanged } from '../../../src/modules/quality/quality.events';
import type { QualityRecord } from '../../../src/modules/quality/quality.repository';
import type { QualityReport } from '../../../src/modules/quality/quality.service';
import { toQualityEvent } from '../../../src/modules/quality/quality.type';
import { inboxStream, signalSent } from '../../../src/modules/signaling';
import { testBackends } from '../../support/databases';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const GOOD = { state: 'CONNECTED', rttMs: 40, jitterMs: 5, lossPercent: 0, bitrateKbps: 1_000 } as const;
const LOSSY = { ...GOOD, lossPercent: 30 } as const;
const FAILED = { ...GOOD, state: 'FAILED' } as const;

describe.each(testBackends())('the quality of connections on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let ada: GuestViewer;
  let bob: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    // In the order of their ids: Ada is the impolite one.
    const guests = [await stage.guest(show.session, 'One'), await stage.guest(show.session, 'Other')];
    guests.sort((one, other) => (one.attendeeId < other.attendeeId ? -1 : 1));
    [ada, bob] = guests as [GuestViewer, GuestViewer];
  });
  afterAll(() => opened.close());

  type Report = Omit<QualityReport, 'sessionId' | 'remoteId'>;
  const report = (viewer: Viewer, remote: GuestViewer | null, measured: Report, on = stage): Promise<QualityRecord> =>
    on.quality.report(viewer, { sessionId: show.session.id, remoteId: remote?.attendeeId, ...measured });
  const changes = async (): Promise<string[]> => {
    const events = await stage.kernel.log.read(qualityStream(show.session.id), 0, 1_000);
    return events.map((event) => {
      const { attendeeId, band } = qualityChanged.read(event).quality;
      return `${attendeeId === ada.attendeeId ? 'ada' : 'bob'} ${band}`;
    });
  };
  const inbox = async ({ attendeeId }: GuestViewer): Promise<unknown[]> => {
    const events = await stage.kernel.log.read(inboxStream(attendeeId), 0, 1_000);
    return events.map((event) => signalSent.read(event)).map(({ from, type, payload }) => ({ from, type, payload }));
  };
  /** As if the last restart had been given its time. */
  const restartPassed = (): Promise<unknown> =>
    opened.database.sql(`UPDATE connection_recoveries SET restarted_at = now() - interval '6 seconds' WHERE session_id = $1`, [
      show.session.id,
    ]);

  it('is scored, and told of only when the band changes', async () => {
    expect(await report(ada, bob, { ...GOOD, state: 'CONNECTING' })).toMatchObject({ band: null, score: null });
    const first = await report(ada, bob, GOOD);
    expect(first).toMatchObject({ band: 'EXCELLENT', rttMs: 40, bitrateKbps: 1_000, hintKbps: null });
    expect(first.score).toBeCloseTo(4.389, 3);
    for (let n = 0; n < 3; n += 1) await report(ada, bob, GOOD, there);
    await report(ada, bob, LOSSY);
    await report(ada, bob, LOSSY);
    await report(ada, bob, LOSSY);
    expect(await changes()).toEqual(['ada EXCELLENT', 'ada FAIR', 'ada POOR']);
  });

  it('tells the sender what the receiver can take, and not the receiver', async () => {
    await report(ada, bob, GOOD);
    await report(ada, bob, LOSSY);
    await report(ada, bob, { ...LOSSY, bitrateKbps: 860 });
    expect(await inbox(bob)).toEqual([
      { from: ada.attendeeId, type: 'BANDWIDTH', payload: { maxBitrateKbps: 850 } },
      { from: ada.attendeeId, type: 'BANDWIDTH', payload: { maxBitrateKbps: 723 } },
    ]);
    expect(await inbox(ada)).toEqual([]);
  });

  it('has one side restart a connection that failed, once for both reports, and forgets it when it is back', async () => {
    await report(ada, bob, GOOD);
    await Promise.all([report(ada, bob, FAILED), report(bob, ada, FAILED, there)]);
    await report(bob, ada, FAILED);
    const asked = { from: bob.attendeeId, type: 'ICE_RESTART', payload: { reason: 'CONNECTION_FAILED' } };
    expect([await inbox(ada), await inbox(bob)]).toEqual([[asked], []]);
    await report(ada, bob, GOOD);
    expect(await changes()).toEqual(expect.arrayContaining(['ada EXCELLENT', 'ada LOST', 'bob LOST']));
    expect((await changes()).at(-1)).toBe('ada EXCELLENT');
    await report(bob, ada, FAILED);
    expect(await inbox(ada)).toEqual([asked, asked]);
  });

  it('gives a connection up after three restarts: both are told, and their call has failed', async () => {
    const { id } = await stage.calls.start(ada, {
      sessionId: show.session.id,
      calleeId: bob.attendeeId,
      peerId: 'desk',
      ringSeconds: 30,
    });
    await stage.calls.answer(bob, id, 'phone');
    await report(bob, ada, GOOD);
    for (let n = 0; n < 3; n += 1) {
      await report(ada, bob, FAILED);
      await restartPassed();
    }
    expect(await report(ada, bob, FAILED)).toMatchObject({ state: 'CLOSED', band: 'LOST' });
    const typesOf = async (viewer: GuestViewer): Promise<unknown[]> =>
      (await inbox(viewer)).map((signal) => (signal as { type: string }).type);
    expect([await typesOf(ada), await typesOf(bob)]).toEqual([['ICE_RESTART', 'ICE_RESTART', 'ICE_RESTART', 'END'], ['END']]);
    expect(await changes()).toEqual(['bob EXCELLENT', 'ada LOST', 'bob LOST']);
    const told = await stage.kernel.log.read(callStream(bob.attendeeId), 0, 10);
    expect(callChanged.read(told.at(-1)!).call).toMatchObject({ status: 'ENDED', endReason: 'FAILED' });
  });

  it('is for who presents to see of everybody, and for the others of themselves', async () => {
    const follow = async (viewer: Viewer, on: Stage): Promise<StreamReader> =>
      new StreamReader(await on.quality.follow(viewer, show.session.id, null, open()));
    const [host, bobs] = [await follow(show.host, there), await follow(bob, stage)];
    await report(ada, bob, GOOD);
    await report(bob, null, LOSSY);
    await waitFor(() => host.offsets.length === 2 && bobs.offsets.length === 1, { what: 'the changes' });
    expect(bobs.items.map(toQualityEvent)[1]).toMatchObject({ quality: { attendeeId: bob.attendeeId, remoteId: null, band: 'POOR' } });
    const list = async (viewer: Viewer, page: { after: readonly [string, string] | null; limit: number }): Promise<string[]> =>
      (await stage.quality.list(viewer, show.session.id, page)).map(({ attendeeId }) => attendeeId);
    const all = { after: null, limit: 10 };
    expect(await list(show.host, all)).toEqual([ada.attendeeId, bob.attendeeId]);
    expect([await list(ada, all), await list(bob, all)]).toEqual([[ada.attendeeId], [bob.attendeeId]]);
    expect(await list(show.host, { ...all, after: [ada.attendeeId, bob.attendeeId] })).toEqual([bob.attendeeId]);
    const start = (await stage.quality.listEvents(ada, show.session.id, null, 10))[0];
    expect(start).toMatchObject({ kind: 'opened' });
    await Promise.all([host.cut(), bobs.cut()]);
  });

  it('is reported of and by those who are there, in a session that is live', async () => {
    const outsider = await stage.guest((await stage.live()).session);
    await expect(report(ada, outsider, GOOD)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Attendee not found.' });
    await expect(report(outsider, bob, GOOD)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(report(ada, ada, GOOD)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await report(ada, bob, GOOD);
    await stage.sessions.command(by(show.host), show.session.id, 'end');
    await expect(report(ada, bob, GOOD)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
    expect(await stage.quality.list(show.host, show.session.id, { after: null, limit: 10 })).toEqual([]);
  });
});
