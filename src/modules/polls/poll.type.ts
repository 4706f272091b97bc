import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { StreamEvent } from '../../realtime/event';
import { Sender, toSender } from '../channels';
import { optionIdOf, placesOf } from './choices';
import { PollChange, pollNewsIn } from './poll.events';
import type { PollSnapshot } from './poll.events';
import { PollResultsVisibility, PollStatus } from './poll.repository';
import type { PollCounts } from './poll.repository';
import type { NamedBallot } from './poll-results.service';

registerEnumType(PollStatus, {
  name: 'PollStatus',
  description: 'Where a poll is in its life.',
  valuesConfig: {
    DRAFT: { description: 'Being prepared; only those who keep order see it.' },
    OPEN: { description: 'Everybody votes.' },
    CLOSED: { description: 'Nobody votes any more; openPoll opens it again.' },
    DELETED: { description: 'Taken away for good, with all that was written and voted.' },
  },
});

registerEnumType(PollResultsVisibility, {
  name: 'PollResultsVisibility',
  description: 'Who knows what the votes of a poll come to, and when. Those who keep order always do.',
  valuesConfig: {
    ALWAYS: { description: 'Everybody, at once.' },
    AFTER_VOTE: { description: 'Whoever has voted; once it is closed, everybody.' },
    AFTER_CLOSE: { description: 'Everybody, once it is closed.' },
    STAFF: { description: 'Those who keep order alone.' },
  },
});

registerEnumType(PollChange, {
  name: 'PollChange',
  description: 'What became of a poll.',
  valuesConfig: {
    CREATED: { description: 'It was made.' },
    OPENED: { description: 'Everybody may vote.' },
    CLOSED: { description: 'Nobody may vote any more.' },
    RESET: { description: 'All votes were taken back.' },
    DELETED: { description: 'It was taken away for good.' },
  },
});

@Shareable<PollOption>('id', 'text')
@ObjectType({ description: 'Something that can be chosen in a poll.' })
export class PollOption {
  @Field(() => ID, { description: 'What votePoll names it by.' })
  id!: string;

  @Field({ description: 'The text, exactly as it was written: never trusted.' })
  text!: string;
}

@Shareable<Poll>(
  'id',
  'sessionId',
  'title',
  'options',
  'maxChoices',
  'anonymous',
  'resultsVisibility',
  'status',
  'creator',
  'createdAt',
  'openedAt',
  'closedAt',
)
@ObjectType({ implements: NodeBase, description: 'Something that the people in a session vote on.' })
export class Poll extends NodeBase {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field({ description: 'What is asked, exactly as it was written: never trusted. Empty once deleted.' })
  title!: string;

  @Field(() => [PollOption], { complexity: 0, description: 'What can be chosen, in order.' })
  options!: PollOption[];

  @Field(() => Int, { description: 'How many options one person may choose.' })
  maxChoices!: number;

  @Field({ description: 'Whether nobody is told who chose what.' })
  anonymous!: boolean;

  @Field(() => PollResultsVisibility, { description: 'Who knows what the votes come to, and when.' })
  resultsVisibility!: PollResultsVisibility;

  @Field(() => PollStatus, { description: 'Where it is in its life.' })
  status!: PollStatus;

  @Field(() => Sender, { description: 'Who made it.' })
  creator!: Sender;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was opened first; null for a draft.' })
  openedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was closed; null while it is not.' })
  closedAt!: Date | null;
}

export function toPoll(record: PollSnapshot): Poll {
  const { id, sessionId, title, maxChoices, anonymous, resultsVisibility, status, creatorId, creatorName, createdAt } = record;
  const { openedAt, closedAt } = record;
  const options = record.options.map((text, place) => Object.assign(new PollOption(), { id: optionIdOf(id, place), text }));
  const creator = toSender({ id: creatorId, displayName: creatorName });
  return Object.assign(new Poll(), {
    ...{ id, sessionId, title, options, maxChoices, anonymous, resultsVisibility, status, creator, createdAt, openedAt, closedAt },
  });
}

const { EdgeType: PollEdge, ConnectionType: PollConnectionType } = connectionTypes('Poll', () => Poll);

export { PollEdge };

@ObjectType({ description: "A page of a session's polls, newest first." })
export class PollConnection extends PollConnectionType {}

@ObjectType({ description: 'How often one option was chosen.' })
export class PollOptionResult {
  @Field(() => ID, { description: 'The option.' })
  optionId!: string;

  @Field(() => Int, { description: 'By how many.' })
  votes!: number;
}

@ObjectType({ description: 'What the votes of a poll come to. State, not history: live, only the newest matters, so it needs no cursor.' })
export class PollResults {
  @Field(() => ID, { description: 'The poll.' })
  pollId!: string;

  @Field(() => Int, { description: 'How many people have voted.' })
  voters!: number;

  @Field(() => [PollOptionResult], { complexity: 0, description: 'Each option, in order.' })
  options!: PollOptionResult[];
}

export function toPollResults({ pollId, counts, voters }: { readonly pollId: string } & PollCounts): PollResults {
  const options = counts.map((votes, place) => Object.assign(new PollOptionResult(), { optionId: optionIdOf(pollId, place), votes }));
  return Object.assign(new PollResults(), { pollId, voters, options });
}

@ObjectType({ description: "One person's vote in a poll that is not anonymous." })
export class PollBallot {
  @Field(() => Sender, { description: 'Who voted.' })
  voter!: Sender;

  @Field(() => [ID], { description: 'What they chose.' })
  optionIds!: string[];

  @Field(() => DateTime, { description: 'When, or when they last changed it.' })
  votedAt!: Date;
}

export function toPollBallot({ pollId, choices, votedAt, voter }: NamedBallot): PollBallot {
  const sender = toSender({ id: voter.userId ?? voter.id, displayName: voter.displayName });
  return Object.assign(new PollBallot(), { voter: sender, optionIds: toOptionIds(pollId, choices), votedAt });
}

export function toOptionIds(pollId: string, choices: number): string[] {
  return placesOf(choices).map((place) => optionIdOf(pollId, place));
}

const { EdgeType: PollBallotEdge, ConnectionType: BallotConnectionType } = connectionTypes('PollBallot', () => PollBallot);

export { PollBallotEdge };

@ObjectType({ description: 'A page of votes, in the order in which they were cast.' })
export class PollBallotConnection extends BallotConnectionType {}

@ObjectType({ description: 'What a command on a poll answers.' })
export class PollPayload {
  @Field(() => Poll, { description: 'The poll after the command.' })
  poll!: Poll;
}

export function toPollPayload(record: PollSnapshot): PollPayload {
  return Object.assign(new PollPayload(), { poll: toPoll(record) });
}

@Shareable<PollChanged>('cursor', 'at', 'change', 'poll')
@ObjectType({
  implements: StreamEventBase,
  description: 'A poll was created, opened, closed, reset or deleted. Votes are told by pollResults.',
})
export class PollChanged extends StreamEventBase {
  @Field(() => PollChange, { description: 'What became of it.' })
  change!: PollChange;

  @Field(() => Poll, { description: 'The poll after the change; without its text once deleted.' })
  poll!: Poll;
}

export function toPollChanged(event: StreamEvent): PollChanged {
  const news = pollNewsIn(event);
  if (news === null) throw new Error(`An event of type ${event.type} tells of no poll`);
  return Object.assign(new PollChanged(), placeOf(event), { change: news.change, poll: toPoll(news.poll) });
}
