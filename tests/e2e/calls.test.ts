import { createHmac } from 'node:crypto';
import { setStage } from '../support/factories/stage';
import type { Guest, Stage } from '../support/factories/stage';
import * as operations from '../support/generated/graphql';
import type { TestApp } from '../support/test-app';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

const codeOf = (json: unknown) => (json as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
const LIVEKIT = { url: 'wss://media.example.org', apiKey: 'APItest', apiSecret: 'a-secret-for-tests-of-more-than-32-bytes' };

describe('calls, quality and the media server, over the wire', () => {
  let app: TestApp;
  let elsewhere: TestApp;
  let stage: Stage;
  let ada: Guest;
  let bob: Guest;

  beforeAll(async () => {
    app = await startTestApp({ livekit: LIVEKIT, sfuAbove: 2 });
    elsewhere = APP_BACKENDS === 'embedded' ? app : await app.another();
  }, 60_000);
  beforeEach(async () => {
    stage = await setStage(app.url);
    [ada, bob] = [await stage.join('Ada'), await stage.join('Bob', elsewhere.url)];
  });
  afterAll(() => app.close());

  it('a call rings on both devices of the callee, one answers, and both sides follow it to its end', async () => {
    const sessionId = stage.session.id;
    const [phone, laptop] = ['phone', 'laptop'].map((peerId) => bob.api.follow(operations.OnCallEventsDocument, { sessionId, peerId }));
    await waitFor(() => phone?.received.length === 1 && laptop?.received.length === 1, { what: 'the openings' });
    const input = { sessionId, calleeId: bob.attendee.id, peerId: 'desk', ringSeconds: 60 };
    const { call } = (await ada.api.run(operations.StartCallDocument, { input })).startCall;
    const callId = call.id;
    expect(call).toMatchObject({ status: 'RINGING', caller: { displayName: 'Ada', peerId: 'desk' }, callee: { peerId: null } });
    const answered = await bob.api.run(operations.AnswerCallDocument, { input: { callId, peerId: 'phone' } });
    expect(answered.answerCall.call).toMatchObject({ status: 'ACTIVE', callee: { displayName: 'Bob', peerId: 'phone', holds: false } });
    await bob.api.run(operations.HoldCallDocument, { callId });
    await bob.api.run(operations.ResumeCallDocument, { callId });
    await ada.api.run(operations.HangUpCallDocument, { callId });
    await waitFor(() => phone?.received.length === 6 && laptop?.received.length === 6, { what: 'the whole call' });
    const seen = (received: readonly { callEvents: operations.OnCallEventsSubscription['callEvents'] }[] = []) =>
      received.flatMap(({ callEvents }) =>
        callEvents.__typename === 'CallChanged'
          ? [`${callEvents.call.endReason ?? callEvents.call.status} ${callEvents.answeredElsewhere}`]
          : [],
      );
    expect(seen(phone?.received)).toEqual(['RINGING false', 'ACTIVE false', 'HELD false', 'ACTIVE false', 'HUNG_UP false']);
    expect(seen(laptop?.received)).toEqual(['RINGING false', 'ACTIVE true', 'HELD true', 'ACTIVE true', 'HUNG_UP true']);
    const { calls } = await ada.api.run(operations.CallsDocument, { sessionId });
    expect(calls.edges.map(({ node }) => node.endReason)).toEqual(['HUNG_UP']);
    phone?.stop();
    laptop?.stop();
  });

  it('a call that nobody answers ends by itself', async () => {
    const sessionId = stage.session.id;
    const input = { sessionId, calleeId: bob.attendee.id, peerId: 'desk', ringSeconds: 60 };
    const { startCall } = await ada.api.run(operations.StartCallDocument, { input });
    await app.database.sql(`UPDATE calls SET rings_until = now() WHERE id = $1`, [startCall.call.id]);
    const isOver = async (): Promise<boolean> => {
      const { calls } = await bob.api.run(operations.CallsDocument, { sessionId });
      return calls.edges[0]?.node.endReason === 'TIMEOUT';
    };
    await waitFor(isOver, { what: 'the sweeper' });
  });

  it.each([
    [{ ringSeconds: 4 }],
    [{ ringSeconds: 121 }],
    [{ peerId: '' }],
    [{ peerId: 'x'.repeat(65) }],
    [{ peerId: 'a b' }],
    [{ calleeId: 'nobody' }],
  ])('a call with %j is refused', async (wrong) => {
    const input = { sessionId: stage.session.id, calleeId: bob.attendee.id, peerId: 'desk', ringSeconds: 30, ...wrong };
    const code = 'calleeId' in wrong ? 'NOT_FOUND' : 'BAD_USER_INPUT';
    await expect(ada.api.run(operations.StartCallDocument, { input })).rejects.toMatchObject({ code });
  });

  it('reports are scored for who presents, and what is out of bounds is refused', async () => {
    const sessionId = stage.session.id;
    const good = {
      sessionId,
      remoteId: bob.attendee.id,
      state: 'CONNECTED' as const,
      rttMs: 40,
      jitterMs: 5,
      lossPercent: 0.5,
      bitrateKbps: 900,
    };
    const { reportQuality } = await ada.api.run(operations.ReportQualityDocument, { input: good });
    expect(reportQuality.quality).toMatchObject({ band: 'EXCELLENT', attendeeId: ada.attendee.id, remoteId: bob.attendee.id });
    const { connectionQualities } = await stage.host.api.run(operations.ConnectionQualitiesDocument, { sessionId });
    expect(connectionQualities.edges.map(({ node }) => node)).toEqual([reportQuality.quality]);
    for (const wrong of [
      { rttMs: -1 },
      { rttMs: 60_001 },
      { jitterMs: -0.1 },
      { jitterMs: 1e308 },
      { lossPercent: 100.1 },
      { lossPercent: -1 },
      { bitrateKbps: -1 },
      { bitrateKbps: 1e12 },
      { rttMs: Number.NaN },
      { rttMs: 'NaN' },
      { rttMs: null },
    ]) {
      const { json } = await ada.api.post({
        query: 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { quality { score } } }',
        variables: { input: { ...good, ...wrong } },
      });
      expect([wrong, codeOf(json)]).toEqual([wrong, 'BAD_USER_INPUT']);
    }
  });

  it('signals go to many at once', async () => {
    const sessionId = stage.session.id;
    const eve = await stage.join('Eve');
    const inbox = bob.api.follow(operations.OnSignalsDocument, { sessionId });
    await waitFor(() => inbox.received.length === 1, { what: 'the opening' });
    const signals = [bob, eve].map(({ attendee }) => ({ to: attendee.id, type: 'MUTE_STATE' as const, payload: { audio: true } }));
    const { sendSignals } = await ada.api.run(operations.SendSignalsDocument, { input: { sessionId, signals } });
    expect(sendSignals.waiting).toEqual([eve.attendee.id]);
    await waitFor(() => inbox.received.length === 2, { what: 'the signal' });
    const none = { sessionId, signals: [] };
    await expect(ada.api.run(operations.SendSignalsDocument, { input: none })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const wrong = { sessionId, signals: [{ ...signals[0]!, toPeer: 'a b' }] };
    await expect(ada.api.run(operations.SendSignalsDocument, { input: wrong })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    inbox.stop();
  });

  it('a session of more people than a mesh carries goes to the media server, whose tokens it gives', async () => {
    await stage.join('Eve');
    const { json } = await ada.api.post({ query: `{ session(id: "${stage.session.id}") { mediaMode } }` });
    expect(json.data).toEqual({ session: { mediaMode: 'SFU' } });
    const { mediaToken } = await ada.api.run(operations.MediaTokenDocument, { sessionId: stage.session.id });
    const [header = '', claims = '', signature] = mediaToken.token.split('.');
    expect(signature).toBe(createHmac('sha256', LIVEKIT.apiSecret).update(`${header}.${claims}`).digest('base64url'));
    expect(mediaToken).toMatchObject({ url: LIVEKIT.url, room: stage.session.id });
  });
});
