import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { attendeeIds } from '../attendees';
import { CreatePollInput, PollInput, VotePollInput } from './poll.input';
import type { PollStanding } from './poll.events';
import type { PollResultsService } from './poll-results.service';
import type { PollService } from './poll.service';
import { Poll, PollBallotConnection, PollPayload, PollResults, toOptionIds, toPollBallot, toPollPayload, toPollResults } from './poll.type';
import type { PollVotingService } from './poll-voting.service';

const STAFF = "For hosts, presenters, moderators and admins of the session's organization.";
const WHICH = 'Which one.';
const BALLOTS = 'pollBallots';

@Resolver(() => Poll)
export class PollResolver {
  constructor(
    private readonly polls: PollService,
    private readonly voting: PollVotingService,
    private readonly standings: PollResultsService,
  ) {}

  @FieldResolver(() => PollResults, {
    nullable: true,
    description: 'What the votes come to now; null while the caller may not know.',
  })
  async results(@Root() poll: Poll, @Ctx() { viewer }: Context): Promise<PollResults | null> {
    const current = await this.standings.findFor(viewer, poll);
    return current && toPollResults({ ...current, pollId: current.id });
  }

  @FieldResolver(() => [ID], { description: 'What the caller has chosen.' })
  async viewerOptionIds(@Root() poll: Poll, @Ctx() { viewer }: Context): Promise<string[]> {
    return toOptionIds(poll.id, await this.standings.chosenBy(viewer, poll));
  }

  @FieldResolver(() => PollBallotConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'Who chose what, for those who may know the results; null of an anonymous poll.',
  })
  async ballots(
    @Root() poll: Poll,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<PollBallotConnection | null> {
    const request = pageRequest({ first, after }, BALLOTS, 2);
    const rows = await this.standings.listBallots(viewer, poll, keysetOf(request, attendeeIds), request.size + 1);
    if (rows === null) return null;
    const connection = toConnection(request, BALLOTS, rows, ({ votedAt, attendeeId }) => [votedAt.getTime(), attendeeId], toPollBallot);
    return Object.assign(new PollBallotConnection(), connection);
  }

  @Mutation(() => PollPayload, {
    description: `Makes a poll: as a draft in a session that is not over, open only while it is live. ${STAFF} FAILED_PRECONDITION SESSION_NOT_LIVE.`,
  })
  async createPoll(
    @Arg('input', () => CreatePollInput, { description: 'The poll.' }) input: CreatePollInput,
    @Ctx() context: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.polls.create(context, input));
  }

  @Mutation(() => PollPayload, { description: `Lets everybody vote: on a draft, or again on a poll that was closed. ${STAFF}` })
  async openPoll(
    @Arg('input', () => PollInput, { description: WHICH }) { pollId }: PollInput,
    @Ctx() context: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.polls.open(context, pollId));
  }

  @Mutation(() => PollPayload, { description: `Ends the voting; the end of the session does so too. ${STAFF}` })
  async closePoll(
    @Arg('input', () => PollInput, { description: WHICH }) { pollId }: PollInput,
    @Ctx() context: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.polls.close(context, pollId));
  }

  @Mutation(() => PollPayload, { description: `Takes all votes back; whoever may, votes anew. ${STAFF}` })
  async resetPoll(
    @Arg('input', () => PollInput, { description: WHICH }) { pollId }: PollInput,
    @Ctx() context: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.polls.reset(context, pollId));
  }

  @Mutation(() => PollPayload, {
    description: `Takes a poll away for good: what was written is erased, from past events too, and what was voted. ${STAFF}`,
  })
  async deletePoll(
    @Arg('input', () => PollInput, { description: WHICH }) { pollId }: PollInput,
    @Ctx() context: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.polls.delete(context, pollId));
  }

  @Mutation(() => PollPayload, {
    description:
      'Votes, changes a vote or takes it back: one vote per person. Repeating it changes nothing. FAILED_PRECONDITION POLL_CLOSED.',
  })
  async votePoll(
    @Arg('input', () => VotePollInput, { description: 'The poll and the choice.' }) { pollId, optionIds }: VotePollInput,
    @Ctx() { viewer }: Context,
  ): Promise<PollPayload> {
    return toPollPayload(await this.voting.vote(viewer, pollId, optionIds));
  }

  @Subscription(() => PollResults, {
    description:
      "The results of the session's polls that the caller may know: first of those voted on in the last two minutes, then each as it changes, " +
      'at most ten times a second per poll; the last one always comes. Ends when the caller is no longer present.',
    subscribe: source(
      () => PollResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.standings.follow(context, sessionId, context.signal),
    ),
  })
  pollResults(
    @Root() standing: PollStanding,
    @Arg('sessionId', () => ID, { description: 'The session.' }) _sessionId: string,
  ): PollResults {
    return toPollResults(standing);
  }
}
