import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const pollsAccess: AccessTable = {
  Mutation: {
    createPoll: allow('moderator', 'polls:write'),
    openPoll: allow('moderator', 'polls:write'),
    closePoll: allow('moderator', 'polls:write'),
    resetPoll: allow('moderator', 'polls:write'),
    deletePoll: allow('moderator', 'polls:write'),
    votePoll: allow('voter', 'polls:write'),
  },
  Subscription: { pollResults: allow('sessionFollower', 'polls:read') },
  Session: { polls: allow('sessionFollower', 'polls:read') },
  Poll: {
    '*': allow('sessionFollower'),
    results: allow('sessionFollower'),
    ballots: allow('sessionFollower'),
    viewerOptionIds: allow('self'),
  },
  PollOption: AS_PARENT,
  PollConnection: AS_PARENT,
  PollEdge: AS_PARENT,
  PollResults: AS_PARENT,
  PollOptionResult: AS_PARENT,
  PollBallot: AS_PARENT,
  PollBallotConnection: AS_PARENT,
  PollBallotEdge: AS_PARENT,
  PollPayload: AS_PARENT,
  PollChanged: { ...AS_PARENT, poll: allow('parent', 'polls:read') },
};
