import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Pace } from '../../realtime/pace';
import type { Attendance } from '../attendees';
import type { AuditTrail } from '../audit';
import type { SessionActivity, SessionOversight, SessionService } from '../sessions';
import type { UserService } from '../users';
import { BallotRepository } from './ballot.repository';
import { ballotsStream } from './poll.events';
import { PollRepository } from './poll.repository';
import { PollResolver } from './poll.resolver';
import { pollIds, PollService } from './poll.service';
import { toPoll } from './poll.type';
import { PollResultsService } from './poll-results.service';
import { PollVotingService } from './poll-voting.service';
import { SessionPollsResolver } from './session-polls.resolver';

export const pollsResolvers = [PollResolver, SessionPollsResolver] as const;

export interface PollsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'log'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly pace?: Pace;
}

export interface PollsRoom extends RoomParts {
  /** Also a companion of sessions. */
  readonly polls: PollService;
  readonly pollVoting: PollVotingService;
  readonly pollResults: PollResultsService;
  /** For `createSessionsRoom`. */
  readonly activity: SessionActivity;
}

export function createPollsRoom({ kernel, audit, users, sessions, oversight, attendance, pace }: PollsDeps): PollsRoom {
  const rows = { polls: new PollRepository(), ballots: new BallotRepository() };
  const polls = new PollService({ kernel, audit, users, sessions, oversight, attendance, ...rows });
  const pollVoting = new PollVotingService({ kernel, sessions, attendance, ...rows });
  const pollResults = new PollResultsService({ kernel, attendance, ...rows, pace });
  const nodes: NodeLoaders = {
    [pollIds.prefix]: async (id, context) => {
      const poll = await polls.findFor(context, id);
      return poll && toPoll(poll);
    },
  };
  const resolvers = [new PollResolver(polls, pollVoting, pollResults), new SessionPollsResolver(polls)];
  const activity: SessionActivity = { streamsOf: (_tx, sessionId) => Promise.resolve([ballotsStream(sessionId)]) };
  return { polls, pollVoting, pollResults, activity, resolvers, nodes };
}
