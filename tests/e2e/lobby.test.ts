import {
  AdmitAllDocument,
  AdmitAttendeeDocument,
  DenyAttendeeDocument,
  JoinSessionDocument,
  LeaveSessionDocument,
  LowerHandDocument,
  MuteAttendeeDocument,
  OnPresenceCountDocument,
  OnPresenceDocument,
  OnSessionEventsDocument,
  OnWaitingDocument,
  OwnWaitingDocument,
  RaiseHandDocument,
  SendMessageDocument,
  SessionPeopleDocument,
  UpdateAttendanceDocument,
  WaitingLineDocument,
} from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('the way into a session', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('leads through the lobby and the line for a seat, live on both sides of the door', async () => {
    const { host, session, join } = await setStage(app.url, { capacity: 1 });
    const sessionId = session.id;
    const input = { sessionId, lobby: true, waitingList: true, attendeesVisible: 'STAFF', duplicateIdentity: 'REPLACE_OLD' } as const;
    const { updateSessionSettings } = await host.api.run(UpdateAttendanceDocument, { input });
    expect({ sessionId, ...updateSessionSettings.session.settings }).toEqual(input);

    const atHost = host.api.follow(OnSessionEventsDocument, { sessionId });
    await waitFor(() => atHost.received.length === 1, { what: 'the opening' });
    const [ann, bob, cid] = [await join('Ann'), await join('Bob'), await join('Cid')];
    expect(ann.attendee.status).toBe('WAITING');
    const atBob = bob.api.follow(OnWaitingDocument, { sessionId });
    await waitFor(() => atBob.received.at(-1)?.waiting.place === 2, { what: 'the place in the lobby' });
    const first = await host.api.run(WaitingLineDocument, { id: sessionId, for: 'ADMISSION', first: 2 });
    expect(first.session?.waiting).toMatchObject({
      totalCount: 3,
      edges: [{ node: { displayName: 'Ann' } }, { node: { displayName: 'Bob' } }],
    });
    const after = first.session?.waiting.pageInfo.endCursor;
    const second = await host.api.run(WaitingLineDocument, { id: sessionId, for: 'ADMISSION', first: 2, after });
    expect(second.session?.waiting.edges.map(({ node }) => node.displayName)).toEqual(['Cid']);

    await host.api.run(DenyAttendeeDocument, { input: { attendeeId: cid.attendee.id } });
    const { admitAttendee } = await host.api.run(AdmitAttendeeDocument, { input: { attendeeId: ann.attendee.id } });
    expect(admitAttendee.attendee).toMatchObject({ status: 'PRESENT', waitingFor: null });
    expect((await host.api.run(AdmitAllDocument, { sessionId })).admitAll).toEqual({ count: 1, waiting: 1 });
    expect((await bob.api.run(OwnWaitingDocument, { sessionId })).waiting).toMatchObject({ place: 1, attendee: { waitingFor: 'SEAT' } });
    await ann.api.run(LeaveSessionDocument, { sessionId });
    await waitFor(() => atBob.received.at(-1)?.waiting.attendee.status === 'PRESENT', { what: 'the seat' });
    const names = atHost.received.map(({ sessionEvents: { __typename } }) => __typename);
    expect(names.slice(1)).toEqual([
      ...['AttendeeWaiting', 'AttendeeWaiting', 'AttendeeWaiting', 'AttendeeStoppedWaiting'],
      ...['AttendeeJoined', 'AttendeeWaiting', 'AttendeeLeft', 'AttendeeJoined'],
    ]);
    atHost.stop();
    atBob.stop();
    await Promise.all([host, ann, bob, cid].map(({ api }) => api.close()));
  });

  it('ends among others: who is online, who speaks next, who may not write, who took part', async () => {
    const { host, session, channelId, join } = await setStage(app.url);
    const [sessionId, ann] = [session.id, await join('Ann')];
    const present = host.api.follow(OnPresenceDocument, { sessionId });
    const counted = ann.api.follow(OnPresenceCountDocument, { sessionId });
    await waitFor(() => counted.received.at(-1)?.presenceCount.count === 2, { what: 'the number' });
    await waitFor(() => present.received.at(-1)?.presence.online.length === 2, { what: 'the people' });
    await ann.api.run(SendMessageDocument, { input: { channelId, body: 'Hello' } });
    await ann.api.run(RaiseHandDocument, { sessionId, raised: true });
    const { session: seen } = await host.api.run(SessionPeopleDocument, { id: sessionId });
    expect(seen).toMatchObject({ onlineCount: 2, raisedHands: [{ id: ann.attendee.id }], attendees: { totalCount: 2 } });
    expect(seen?.attendees.edges[1]?.node).toMatchObject({ displayName: 'Ann', engagement: { messages: 1, handRaises: 1, votes: 0 } });
    const { session: own } = await ann.api.run(SessionPeopleDocument, { id: sessionId });
    expect(own?.attendees.edges.map(({ node }) => node.engagement?.messages)).toEqual([undefined, 1]);

    const { lowerHand } = await host.api.run(LowerHandDocument, { input: { attendeeId: ann.attendee.id } });
    expect(lowerHand.attendee).toMatchObject({ handRaised: false, handRaisedAt: null });
    await host.api.run(MuteAttendeeDocument, { input: { attendeeId: ann.attendee.id, silenced: true } });
    await expect(ann.api.run(SendMessageDocument, { input: { channelId, body: 'Hello' } })).rejects.toThrow();
    counted.stop();
    await ann.api.close();
    await waitFor(() => present.received.at(-1)?.presence.count === 1, { what: 'that one has gone' });
    expect((await ann.api.run(JoinSessionDocument, { input: { code: session.code } })).joinSession.attendee.id).toBe(ann.attendee.id);
    present.stop();
    await Promise.all([host, ann].map(({ api }) => api.close()));
  });
});
