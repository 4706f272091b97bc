import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Account } from '../support/factories/stage';
import {
  AcknowledgeDocument,
  MovePointerDocument,
  PollChannelEventsDocument,
  SendMessageDocument,
  SetTypingDocument,
  VotePollDocument,
  VoteQuestionDocument,
} from '../support/generated/graphql';
import type { Stage, World } from './world';

/** What others do while somebody waits for it: of two, because nobody is told of their own typing. */
export type Meanwhile = (world: World, stage: Stage, turn: number) => void;

export const othersType: Meanwhile = (world, { name, channelId }, turn) => {
  for (const typist of othersIn(world, name)) doQuietly(typist, SetTypingDocument, { input: { channelId, typing: turn % 2 === 0 } });
};

export const othersVote: Meanwhile = (world, { name, questionId }, turn) => {
  const value = turn % 2 === 0 ? 'UP' : 'DOWN';
  for (const voter of othersIn(world, name)) doQuietly(voter, VoteQuestionDocument, { input: { questionId, value } });
};

export const othersVoteInPoll: Meanwhile = (world, { name, pollId }, turn) => {
  const optionIds = [`${pollId}.${1 + (turn % 2)}`];
  for (const voter of othersIn(world, name)) doQuietly(voter, VotePollDocument, { input: { pollId, optionIds } });
};

/** What was read before tells nothing: each turn there is a message more. */
export const othersRead: Meanwhile = (world, { name, channelId }) => {
  for (const reader of othersIn(world, name)) void readOneMore(reader, channelId).catch(() => undefined);
};

async function readOneMore({ api }: Account, channelId: string): Promise<void> {
  await api.run(SendMessageDocument, { input: { channelId, body: 'Read me.' } });
  const { channelEvents } = await api.run(PollChannelEventsDocument, { channelId });
  const cursor = channelEvents.at(-1)?.cursor;
  if (cursor !== undefined) await api.run(AcknowledgeDocument, { input: { channelId, cursor } });
}

export const othersPoint: Meanwhile = (world, { name, sessionId }) => {
  for (const pointer of othersIn(world, name)) doQuietly(pointer, MovePointerDocument, { input: { sessionId, x: 0.5, y: 0.5 } });
};

function othersIn({ accounts }: World, stage: Stage['name']): readonly Account[] {
  return stage === 'conference' ? [accounts.presenter, accounts.moderator] : [accounts.client, accounts.advisor];
}

/** One that fails is followed by the next. */
function doQuietly<Data, Variables>({ api }: Account, document: TypedDocumentNode<Data, Variables>, variables: Variables): void {
  void api.ask(document, variables).catch(() => undefined);
}
