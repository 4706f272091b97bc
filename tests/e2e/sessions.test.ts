import { registerAccount, setStage } from '../support/factories/stage';
import * as operations from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('sessions over the wire', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('are planned by local clocks, listed by their time, copied and deleted', async () => {
    const { api } = await registerAccount(app.url);
    const timeZone = 'America/New_York';
    const input = { title: 'Weekly', timeZone, scheduledForLocal: '2027-03-14T02:30', scheduledEndLocal: '2027-03-14T04:00' };
    const { session } = (await api.run(operations.PlanSessionDocument, { input })).createSession;
    expect(session).toMatchObject({
      scheduledFor: '2027-03-14T07:30:00.000Z',
      scheduledForLocal: '2027-03-14T03:30:00-04:00',
      scheduledEndLocal: '2027-03-14T04:00:00-04:00',
      joinUrl: `https://app.example.org/join/${session.code}`,
      metadata: {},
      notes: { body: '', version: 0 },
      callStatus: null,
    });
    const moved = { sessionId: session.id, scheduledForLocal: '2027-03-13T12:00' };
    expect((await api.run(operations.ReplanSessionDocument, { input: moved })).updateSession.session).toMatchObject({
      scheduledForLocal: '2027-03-13T12:00:00-05:00',
      scheduledEndLocal: '2027-03-13T12:30:00-05:00',
    });
    await api.run(operations.AddCollaborationItemDocument, { input: { sessionId: session.id, list: 'AGENDA', body: 'News' } });

    const copying = { sessionId: session.id, clientId: 'copy', scheduledForLocal: '2027-03-20T12:00' };
    const copies = await Promise.all([1, 2].map(() => api.run(operations.DuplicateSessionDocument, { input: copying })));
    const [copy, again] = copies.map(({ duplicateSession }) => duplicateSession.session);
    expect(again?.id).toBe(copy?.id);
    expect(copy).toMatchObject({ title: 'Weekly', timeZone, collaboration: { edges: [{ node: { body: 'News' } }] } });

    const listed = async (after?: string | null): Promise<operations.PlannedSessionsQuery['sessions']> =>
      (await api.run(operations.PlannedSessionsDocument, { first: 1, after, filter: { scheduledFrom: '2027-01-01T00:00:00Z' } })).sessions;
    const first = await listed();
    expect(first).toMatchObject({ edges: [{ node: { id: session.id } }], pageInfo: { hasNextPage: true } });
    expect(await listed(first.pageInfo.endCursor)).toMatchObject({ edges: [{ node: { id: copy?.id } }], pageInfo: { hasNextPage: false } });

    await api.run(operations.DeleteSessionDocument, { sessionId: session.id });
    expect((await api.run(operations.SessionPlanOfDocument, { id: session.id })).session).toBeNull();
    expect((await listed()).edges.map(({ node }) => node.id)).toEqual([copy?.id]);
  });

  it('book an advisor once, and say how far a call has come', async () => {
    const [client, advisor] = [await registerAccount(app.url, 'Client'), await registerAccount(app.url, 'Advisor')];
    const input = {
      title: 'Advice',
      kind: 'CALL' as const,
      medium: 'AUDIO' as const,
      advisorId: advisor.user.id,
      ratePerMinuteMinor: 250,
      currency: 'EUR',
      scheduledFor: '2027-05-01T10:00:00Z',
    };
    const { session } = (await client.api.run(operations.PlanSessionDocument, { input })).createSession;
    expect(session).toMatchObject({
      advisor: { displayName: 'Advisor' },
      ratePerMinuteMinor: 250,
      currency: 'EUR',
      callStatus: null,
      notes: null,
    });
    const overlapping = { ...input, scheduledFor: '2027-05-01T10:30:00Z' };
    const second = await client.api.ask(operations.PlanSessionDocument, { input: overlapping });
    expect(second.errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'ADVISOR_BOOKED' });

    const status = async (): Promise<string | null | undefined> =>
      (await advisor.api.run(operations.SessionPlanOfDocument, { id: session.id })).session?.callStatus;
    await advisor.api.run(operations.StartSessionDocument, { sessionId: session.id });
    expect(await status()).toBe('CONNECTING');
    for (const { api } of [client, advisor]) await api.run(operations.JoinSessionDocument, { input: { code: session.code } });
    expect(await status()).toBe('ACTIVE');
    await client.api.run(operations.LeaveSessionDocument, { sessionId: session.id });
    expect(await status()).toBe('ENDING');
    const written = await advisor.api.run(operations.UpdateSessionNotesDocument, {
      input: { sessionId: session.id, body: 'Firm.', version: 0 },
    });
    expect(written.updateSessionNotes.session.notes).toEqual({ body: 'Firm.', version: 1 });
    expect((await client.api.run(operations.SessionPlanOfDocument, { id: session.id })).session?.notes).toBeNull();
  });

  it('tell what is kept with them, and what people edit together, to whom it is for', async () => {
    const { host, session, join } = await setStage(app.url);
    const sessionId = session.id;
    const guest = await join('Guest');
    const [atHost, atGuest] = [host, guest].map(({ api }) => api.follow(operations.OnSessionPapersDocument, { sessionId }));
    const items = guest.api.follow(operations.OnCollaborationEventsDocument, { sessionId });
    const pointers = guest.api.follow(operations.OnPointersDocument, { sessionId });
    await waitFor(() => [atHost, atGuest, items].every((follower) => follower?.received.length === 1), { what: 'the openings' });

    await host.api.run(operations.UpdateSessionNotesDocument, { input: { sessionId, body: 'Slowly.', version: 0 } });
    await host.api.run(operations.UpdateSessionMetadataDocument, { input: { sessionId, patch: { room: 4 } } });
    const metadata = { __typename: 'SessionMetadataChanged', metadata: { room: 4 }, version: 1 };
    await waitFor(() => atHost?.received.length === 3 && atGuest?.received.length === 2, { what: 'the papers' });
    expect(atHost?.received.slice(1)).toEqual([
      { sessionEvents: { __typename: 'SessionNotesChanged', version: 1 } },
      { sessionEvents: metadata },
    ]);
    expect(atGuest?.received.slice(1)).toEqual([{ sessionEvents: metadata }]);

    const adding = { sessionId, list: 'AGENDA' as const, body: 'News' };
    const { item } = (await host.api.run(operations.AddCollaborationItemDocument, { input: adding })).addCollaborationItem;
    await host.api.run(operations.EditCollaborationItemDocument, { input: { itemId: item.id, version: 1, done: true } });
    const stale = await host.api.ask(operations.EditCollaborationItemDocument, { input: { itemId: item.id, version: 1, body: 'Old' } });
    expect(stale.errors[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      reason: 'ITEM_CHANGED',
      details: { item: { version: 2, done: true } },
    });
    await waitFor(() => items.received.length === 3, { what: 'the items' });
    expect(items.received.at(-1)).toEqual({
      collaborationEvents: { __typename: 'CollaborationItemChanged', item: { body: 'News', version: 2 } },
    });

    await waitFor(
      async () => {
        await host.api.run(operations.MovePointerDocument, { input: { sessionId, x: 0.5, y: 0.5 } });
        return pointers.received.length > 0;
      },
      { what: 'a pointer' },
    );
    expect(pointers.received[0]).toEqual({ pointers: { pointers: [{ displayName: 'Host', x: 0.5, visible: true }] } });

    const progress = (await guest.api.run(operations.SessionStatusOfDocument, { sessionId })).sessionStatus;
    expect(progress).toMatchObject({ status: 'LIVE', pausedSeconds: 0, attendeeCount: 1 });
    for (const follower of [atHost, atGuest, items, pointers]) follower?.stop();
  });
});
