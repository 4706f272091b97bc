import { ApiClient } from '../support/api-client';
import {
  AnswerQuestionDocument,
  AskQuestionDocument,
  CreateApiKeyDocument,
  JoinSessionDocument,
  MarkAllNotificationsReadDocument,
  MarkNotificationReadDocument,
  NotificationEventsDocument,
  NotificationPreferencesDocument,
  NotificationsDocument,
  OnNotificationEventsDocument,
  PublishNotificationDocument,
  ReportProgressDocument,
  SetNotificationPreferenceDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import { registerAccount, setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('notifications', () => {
  let app: TestApp;
  let there: { readonly url: string };
  beforeAll(async () => {
    app = await startTestApp();
    there = await app.another();
  });
  afterAll(() => app.close());

  it('tell people on any instance what happened to them, from where they left off', async () => {
    const stage = await setStage(app.url, {}, { start: false });
    const ann = await registerAccount(there.url, 'Ann');
    await ann.api.run(JoinSessionDocument, { input: { code: stage.session.code } });
    const following = ann.api.follow(OnNotificationEventsDocument, {});
    await waitFor(() => following.received.length === 1, { what: 'the opening' });
    await stage.start();
    await waitFor(() => following.received.length === 2, { what: 'the start' });
    const [opened, started] = following.received.map(({ notificationEvents: event }) => event);
    expect(opened).toMatchObject({ __typename: 'StreamOpened', recovered: true });
    expect(started).toMatchObject({
      __typename: 'NotificationAdded',
      notification: { type: 'SESSION_STARTED', title: '“All hands” has started', subjectId: stage.session.id, count: 1, readAt: null },
    });
    following.stop();

    const input = { sessionId: stage.session.id, body: 'Why?' };
    const { askQuestion } = await ann.api.run(AskQuestionDocument, { input });
    await stage.host.api.run(AnswerQuestionDocument, { input: { questionId: askQuestion.question.id, answer: 'Because.' } });
    const listed = async () => ann.api.run(NotificationsDocument, {});
    await waitFor(async () => (await listed()).unreadNotificationCount === 2, { what: 'the answer' });
    const again = ann.api.follow(OnNotificationEventsDocument, { after: started?.cursor });
    await waitFor(() => again.received.length === 2, { what: 'what was missed' });
    expect(again.received.map(({ notificationEvents: event }) => event)).toMatchObject([
      { __typename: 'StreamOpened', recovered: true },
      { __typename: 'NotificationAdded', notification: { type: 'QUESTION_ANSWERED', subjectId: askQuestion.question.id } },
    ]);
    const polled = await ann.api.run(NotificationEventsDocument, { after: opened?.cursor });
    expect(polled.notificationEvents).toMatchObject([{ cursor: started?.cursor }, { __typename: 'NotificationAdded' }]);

    const [answer] = (await listed()).notifications.edges.map(({ node }) => node);
    const notificationId = answer?.id ?? '';
    const { markNotificationRead } = await ann.api.run(MarkNotificationReadDocument, { notificationId });
    expect(markNotificationRead.notification).toMatchObject({ id: notificationId, readAt: expect.any(String) as string });
    expect((await ann.api.run(MarkAllNotificationsReadDocument, {})).markAllNotificationsRead).toEqual({ count: 1 });
    await waitFor(() => again.received.length === 4, { what: 'the reading' });
    expect(again.received.slice(2).map(({ notificationEvents: event }) => event)).toMatchObject([
      { __typename: 'NotificationsRead', notificationIds: [notificationId] },
      { __typename: 'NotificationsRead', notificationIds: [started?.__typename === 'NotificationAdded' ? started.notification.id : ''] },
    ]);
    expect(await listed()).toMatchObject({ unreadNotificationCount: 0 });
    again.stop();
    const stranger = await registerAccount(app.url, 'Ben');
    await expect(stranger.api.run(MarkNotificationReadDocument, { notificationId })).rejects.toThrow('NOT_FOUND');
  });

  it('carry what applications publish by their keys, and how far their work is', async () => {
    const ann = await registerAccount(app.url, 'Ann');
    const [organization] = (await ann.api.run(ViewerDocument, {})).viewer?.organizations ?? [];
    const organizationId = organization?.id ?? '';
    const { createApiKey } = await ann.api.run(CreateApiKeyDocument, {
      input: { organizationId, name: 'CRM', scopes: ['NOTIFICATIONS_WRITE'] },
    });
    const application = new ApiClient(app.url, createApiKey.secret);
    const notice = { organizationId, userIds: [ann.user.id], type: 'crm.deal_won', title: '<b>Won</b>' };
    await application.run(PublishNotificationDocument, {
      input: { ...notice, priority: 'URGENT', link: 'https://crm.example.org/1', data: { deal: 1 } },
    });
    await application.run(ReportProgressDocument, { input: { ...notice, type: 'crm.export', key: 'e1', done: 3, total: 10 } });
    const listed = async () => (await ann.api.run(NotificationsDocument, {})).notifications.edges.map(({ node }) => node);
    await waitFor(async () => (await listed()).length === 2, { what: 'both' });
    const told = await listed();
    expect(told.find(({ type }) => type === 'APPLICATION')).toMatchObject({
      applicationType: 'crm.deal_won',
      priority: 'URGENT',
      title: '<b>Won</b>',
      link: 'https://crm.example.org/1',
      data: { deal: 1 },
      progress: null,
    });
    expect(told.find(({ type }) => type === 'PROGRESS')).toMatchObject({ progress: { done: 3, total: 10, state: 'RUNNING' } });
    await expect(application.run(NotificationsDocument, {})).rejects.toThrow('FORBIDDEN');
    const wrong: readonly object[] = [
      { link: 'javascript:alert(1)' },
      { link: 'https://a b' },
      { type: 'NEW_MESSAGE' },
      { data: [1] },
      { data: { long: 'x'.repeat(5_000) } },
      { userIds: [] },
      { title: ' ' },
    ];
    for (const part of wrong) {
      await expect(application.run(PublishNotificationDocument, { input: { ...notice, ...part } })).rejects.toThrow('BAD_USER_INPUT');
    }
  });

  it('follow what somebody wants, and say which ways there are', async () => {
    const ann = await registerAccount(app.url, 'Ann');
    const input = { type: 'SESSION_STARTED', port: 'IN_APP', enabled: false } as const;
    const { setNotificationPreference } = await ann.api.run(SetNotificationPreferenceDocument, { input });
    expect(setNotificationPreference.preference).toEqual({ ...input, available: true });
    const { notificationPreferences } = await ann.api.run(NotificationPreferencesDocument, {});
    expect(notificationPreferences).toContainEqual({ ...input, available: true });
    expect(notificationPreferences.filter(({ port }) => port !== 'IN_APP').every(({ available }) => !available)).toBe(true);
  });

  it('come from a consumer that health and metrics tell of', async () => {
    interface Ready {
      readonly checks: Readonly<Record<string, { state: string; detail: string }>>;
    }
    const checked = await waitFor(
      async () => {
        const ready = (await (await fetch(`${app.url}/readyz?verbose`)).json()) as Ready;
        return ready.checks.consumers?.detail !== '' && ready.checks.consumers;
      },
      { what: 'the first look' },
    );
    expect(checked).toEqual({ state: 'up', detail: expect.stringMatching(/^notifications: \d+\.\d s behind, 0 parked$/) as string });
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toMatch(/parley_consumer_handled_total\{consumer="notifications"\} \d+/);
    expect(metrics).toContain('parley_consumer_lag_seconds');
  });
});
