import {
  AnswerQuestionDocument,
  AskQuestionDocument,
  DeleteMessageDocument,
  EditMessageDocument,
  EndSessionDocument,
  HideQuestionDocument,
  OnChannelEventsDocument,
  OnQuestionTalliesDocument,
  OnSessionEventsDocument,
  OnSignalsDocument,
  OnTypingDocument,
  PollChannelEventsDocument,
  SendMessageDocument,
  SendSignalDocument,
  SetTypingDocument,
  VoteQuestionDocument,
} from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n';

describe('a live session', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('shows everything to everyone, in order, from the first join to the end', async () => {
    const stage = await setStage(app.url);
    const sessionId = stage.session.id;
    const atHost = stage.host.api.follow(OnSessionEventsDocument, { sessionId });
    await waitFor(() => atHost.received.length === 1, { what: 'the opening' });

    const ann = await stage.join('Ann');
    const bob = await stage.join('Bob');
    const chat = bob.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    const tallies = bob.api.follow(OnQuestionTalliesDocument, { sessionId });
    const typing = bob.api.follow(OnTypingDocument, { channelId: stage.channelId });
    const inbox = bob.api.follow(OnSignalsDocument, { sessionId });
    await waitFor(() => chat.received.length === 1 && inbox.received.length === 1, { what: 'the openings' });

    await waitFor(
      async () => {
        await ann.api.run(SetTypingDocument, { input: { channelId: stage.channelId, typing: true } });
        return typing.received.length > 0;
      },
      { what: 'typing' },
    );
    expect(typing.received[0]?.typing).toMatchObject({ typing: true, sender: { displayName: 'Ann' } });

    const { sendMessage } = await ann.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'Hello' } });
    await ann.api.run(EditMessageDocument, { input: { messageId: sendMessage.message.id, body: 'Hello all' } });
    await ann.api.run(DeleteMessageDocument, { input: { messageId: sendMessage.message.id } });
    await waitFor(() => chat.received.length === 4, { what: 'the chat' });
    expect(chat.received.map(({ channelEvents }) => channelEvents.__typename)).toEqual([
      'StreamOpened',
      'MessageAdded',
      'MessageEdited',
      'MessageDeleted',
    ]);
    expect(chat.received[2]?.channelEvents).toMatchObject({ message: { body: 'Hello all', sender: { displayName: 'Ann' } } });
    expect(chat.received[3]?.channelEvents).toMatchObject({ message: { body: '' } });

    const { askQuestion } = await ann.api.run(AskQuestionDocument, { input: { sessionId, body: 'When?' } });
    const questionId = askQuestion.question.id;
    await bob.api.run(VoteQuestionDocument, { input: { questionId, value: 'UP' } });
    await waitFor(() => tallies.received.length > 0, { what: 'the tally' });
    expect(tallies.received.at(-1)?.questionTallies).toMatchObject({ questionId, upvotes: 1, downvotes: 0 });
    await stage.host.api.run(AnswerQuestionDocument, { input: { questionId, answer: 'Now.' } });
    await stage.host.api.run(HideQuestionDocument, { input: { questionId } });

    const signal = { sessionId, to: bob.attendee.id, type: 'OFFER' as const, payload: { sdp: SDP } };
    expect((await ann.api.run(SendSignalDocument, { input: signal })).sendSignal.delivered).toBe(true);
    await waitFor(() => inbox.received.length === 2, { what: 'the offer' });
    expect(inbox.received[1]?.signals).toMatchObject({ signal: { from: ann.attendee.id, type: 'OFFER', payload: { sdp: SDP } } });

    await stage.host.api.run(EndSessionDocument, { sessionId });
    await waitFor(() => atHost.received.length === 7, { what: 'the whole story' });
    expect(atHost.received.map(({ sessionEvents }) => sessionEvents.__typename)).toEqual([
      'StreamOpened',
      'AttendeeJoined',
      'AttendeeJoined',
      'QuestionChanged',
      'QuestionChanged',
      'QuestionChanged',
      'SessionChanged',
    ]);
    await Promise.all([stage.host.api.close(), ann.api.close(), bob.api.close()]);
  });

  it('gives the same events by polling as by subscription', async () => {
    const stage = await setStage(app.url);
    const ann = await stage.join('Ann');
    const live = ann.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    const [opened] = (await ann.api.run(PollChannelEventsDocument, { channelId: stage.channelId })).channelEvents;
    await waitFor(() => live.received.length === 1, { what: 'the opening' });
    for (let n = 0; n < 5; n += 1) await ann.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: `${n}` } });
    await waitFor(() => live.received.length === 6, { what: 'five messages' });
    const polled = await ann.api.run(PollChannelEventsDocument, { channelId: stage.channelId, after: opened?.cursor, first: 100 });
    expect(polled.channelEvents).toEqual(live.received.slice(1).map(({ channelEvents }) => channelEvents));
    await ann.api.close();
  });
});
