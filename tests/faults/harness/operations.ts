import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { ApiClient } from '../../support/api-client';
import type { Guest, Stage } from '../../support/factories/stage';
import { PASSWORD } from '../../support/factories/stage';
import {
  AskQuestionDocument,
  ChannelDocument,
  CreateSessionDocument,
  JoinSessionDocument,
  LoginDocument,
  NodesDocument,
  PollChannelEventsDocument,
  QuestionsDocument,
  RefreshTokensDocument,
  RegisterDocument,
  SessionDocument,
  SessionsDocument,
  UpdateSessionDocument,
  ViewerDocument,
} from '../../support/generated/graphql';

/** What one request was answered with: `data`, the code of its first error, or `no answer` when the connection broke. */
export interface Answered {
  readonly operation: string;
  readonly outcome: string;
  readonly ms: number;
}

/** Asks one question of every kind of path to the database, all at once: raw SQL, models, transactions, nested fields. Writers send messages. */
export function askEverything({ host, session, channelId }: Stage, guest: Guest): Promise<Answered[]> {
  const email = `${Math.random().toString(36).slice(2)}@example.org`;
  const [sessionId, { api }] = [session.id, host];
  return Promise.all([
    ask(api, 'viewer', ViewerDocument, {}),
    ask(api, 'sessions', SessionsDocument, { first: 5 }),
    ask(api, 'session', SessionDocument, { id: sessionId }),
    ask(api, 'questions', QuestionsDocument, { id: sessionId, first: 5 }),
    ask(api, 'nodes', NodesDocument, { ids: [sessionId, channelId] }),
    ask(api, 'login', LoginDocument, { input: { email: host.email, password: PASSWORD } }),
    ask(api, 'register', RegisterDocument, { input: { email, password: PASSWORD, displayName: 'Late' } }),
    ask(api, 'refreshTokens', RefreshTokensDocument, { input: { refreshToken: 'of nobody' } }),
    ask(api, 'createSession', CreateSessionDocument, { input: { title: 'Another' } }),
    ask(api, 'updateSession', UpdateSessionDocument, { input: { sessionId, title: `Now ${Math.random()}` } }),
    ask(api, 'joinSession', JoinSessionDocument, { input: { code: session.code, displayName: 'Late' } }),
    ask(guest.api, 'channel', ChannelDocument, { id: channelId, first: 10 }),
    ask(guest.api, 'channelEvents', PollChannelEventsDocument, { channelId, first: 10 }),
    ask(guest.api, 'askQuestion', AskQuestionDocument, { input: { sessionId, body: 'Still there?' } }),
  ]);
}

async function ask<T, V>(api: ApiClient, operation: string, document: TypedDocumentNode<T, V>, variables: V): Promise<Answered> {
  const sentAt = performance.now();
  const outcome = await api.ask(document, variables).then(
    ({ errors }) => errors[0]?.extensions.code ?? 'data',
    () => 'no answer',
  );
  return { operation, outcome, ms: performance.now() - sentAt };
}
