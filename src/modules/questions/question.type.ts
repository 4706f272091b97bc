import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { Actor } from '../../lib/actor';
import type { StreamEvent } from '../../realtime/event';
import type { Standpoint } from '../attendees';
import { Sender, toSender } from '../channels';
import { ContentRule } from '../content-policy';
import { QuestionOrder } from './question-order';
import type { QuestionListing } from './question-order';
import { questionIn } from './question.events';
import type { QuestionSnapshot } from './question.events';
import { asSeenFrom, canSeeFrom, withheld } from './question.policy';
import { QuestionStatus } from './question.repository';
import type { Tally } from './tally.service';
import type { Ballot } from './vote.repository';

registerEnumType(QuestionStatus, {
  name: 'QuestionStatus',
  description: 'Where a question is in its life.',
  valuesConfig: {
    PENDING: { description: 'Waits for approval; only who asked and who moderates see it.' },
    OPEN: { description: 'Everybody sees it and votes on it.' },
    ANSWERED: { description: 'Answered, in writing or live.' },
    HIDDEN: { description: 'Taken out of sight by a moderator.' },
    WITHDRAWN: { description: 'Taken back by who asked.' },
    REJECTED: { description: 'Not approved; only who asked and who moderates see it, and why.' },
    MERGED: { description: 'One with another question, to which `mergedIntoId` points.' },
    DELETED: { description: 'Taken away for good by a moderator, with all that was written.' },
  },
});

registerEnumType(QuestionOrder, {
  name: 'QuestionOrder',
  description: 'How questions are ordered.',
  valuesConfig: {
    PRIORITY: { description: 'Pinned ones first, then by score.' },
    TOP: { description: 'Most upvotes first.' },
    NEWEST: { description: 'Newest first.' },
    UNANSWERED: { description: 'Open ones only, in order of priority.' },
  },
});

export enum VoteValue {
  UP = 'UP',
  DOWN = 'DOWN',
  NONE = 'NONE',
}

registerEnumType(VoteValue, {
  name: 'VoteValue',
  description: "One person's vote on one question.",
  valuesConfig: {
    UP: { description: 'For it.' },
    DOWN: { description: 'Against it.' },
    NONE: { description: 'No vote, or a vote taken back.' },
  },
});

const BALLOTS: Readonly<Record<VoteValue, Ballot>> = { UP: 1, DOWN: -1, NONE: 0 };

export function toBallot(value: VoteValue): Ballot {
  return BALLOTS[value];
}

export function toVoteValue(ballot: Ballot): VoteValue {
  return ballot === 0 ? VoteValue.NONE : ballot === 1 ? VoteValue.UP : VoteValue.DOWN;
}

@Shareable<Question>(
  'id',
  'sessionId',
  'body',
  'status',
  'asker',
  'upvotes',
  'downvotes',
  'score',
  'pinned',
  'answer',
  'rejectionReason',
  'heldFor',
  'mergedIntoId',
  'createdAt',
)
@ObjectType({ implements: NodeBase, description: 'A question to the people who run a session.' })
export class Question extends NodeBase {
  @Field(() => ID, { description: 'The session it was asked in.' })
  sessionId!: string;

  @Field({ description: 'The text, exactly as it was written: never trusted. Empty in events for those who may not see it any more.' })
  body!: string;

  @Field(() => QuestionStatus, { description: 'Where it is in its life.' })
  status!: QuestionStatus;

  @Field(() => Sender, { nullable: true, description: 'Who asked; null when asked anonymously, to everyone.' })
  asker!: Sender | null;

  @Field(() => Int, { description: 'Votes for it.' })
  upvotes!: number;

  @Field(() => Int, { description: 'Votes against it.' })
  downvotes!: number;

  @Field(() => Float, {
    description: 'Its priority: the votes that can be relied on, halved each hour. Comparable only within the session.',
  })
  score!: number;

  @Field({ description: 'Whether it stands before all others.' })
  pinned!: boolean;

  @Field(() => String, { nullable: true, description: 'The answer in writing; null when there is none, or it was given live.' })
  answer!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was rejected: for who asked and who moderates.' })
  rejectionReason!: string | null;

  @Field(() => ContentRule, { nullable: true, description: 'By which rule of the content policy it waits: for who keeps order.' })
  heldFor!: ContentRule | null;

  @Field(() => ID, { nullable: true, description: 'The question that has taken its votes; it may in turn have been merged.' })
  mergedIntoId!: string | null;

  @Field(() => DateTime, { description: 'When it was asked.' })
  createdAt!: Date;
}

export function toQuestion(record: QuestionSnapshot): Question {
  const { id, sessionId, body, status, anonymous, senderId, senderName, upvotes, downvotes, score, pinned, answer, createdAt } = record;
  const { rejectionReason, mergedIntoId, heldFor } = record;
  const asker = anonymous ? null : toSender({ id: senderId, displayName: senderName });
  const votes = { upvotes, downvotes, score };
  return Object.assign(new Question(), {
    ...{ id, sessionId, body, status, asker, ...votes, pinned, answer, rejectionReason, mergedIntoId, heldFor, createdAt },
  });
}

const { EdgeType, ConnectionType } = connectionTypes('Question', () => Question);

export { EdgeType as QuestionEdge };

@ObjectType({ description: "A page of a session's questions, in the order asked for." })
export class QuestionConnection extends ConnectionType {
  /** What the list is of and who reads it, for `totalCount`; no field of the schema. */
  source!: { readonly sessionId: string; readonly reader: Actor; readonly order: QuestionListing };
}

@ObjectType({ description: 'What a command on a question answers.' })
export class QuestionPayload {
  @Field(() => Question, { description: 'The question after the command.' })
  question!: Question;
}

export function toQuestionPayload(record: QuestionSnapshot): QuestionPayload {
  return Object.assign(new QuestionPayload(), { question: toQuestion(record) });
}

@Shareable<QuestionChanged>('cursor', 'at', 'question')
@ObjectType({
  implements: StreamEventBase,
  description: 'Asked, edited, approved, rejected, hidden, answered, pinned, merged, withdrawn, deleted: the question as it now is.',
})
export class QuestionChanged extends StreamEventBase {
  @Field(() => Question, { description: 'The question; without its text for those who may not see it any more.' })
  question!: Question;
}

/** As it may be known from there; null is nobody in particular. */
export function toQuestionChanged(event: StreamEvent, standpoint: Standpoint | null): QuestionChanged {
  const question = questionIn(event);
  if (question === null) throw new Error(`An event of type ${event.type} tells of no question`);
  const seen = canSeeFrom(standpoint, question) ? asSeenFrom(standpoint, question) : withheld(question);
  return Object.assign(new QuestionChanged(), placeOf(event), { question: toQuestion(seen) });
}

@ObjectType({ description: 'State, not history: only the newest tally matters, so they are coalesced and need no cursor.' })
export class QuestionTally {
  @Field(() => ID, { description: 'The question.' })
  questionId!: string;

  @Field(() => Int, { description: 'Votes for it.' })
  upvotes!: number;

  @Field(() => Int, { description: 'Votes against it.' })
  downvotes!: number;

  @Field(() => Float, { description: 'The priority that follows.' })
  score!: number;
}

export function toQuestionTally({ questionId, upvotes, downvotes, score }: Tally): QuestionTally {
  return Object.assign(new QuestionTally(), { questionId, upvotes, downvotes, score });
}
