import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const questionsAccess: AccessTable = {
  Mutation: {
    askQuestion: allow('presentAttendee', 'questions:write'),
    voteQuestion: allow('voter', 'questions:write'),
    hideQuestion: allow('moderator', 'questions:write'),
    answerQuestion: allow('moderator', 'questions:write'),
    pinQuestion: allow('moderator', 'questions:write'),
    unpinQuestion: allow('moderator', 'questions:write'),
    editQuestion: allow('asker', 'questions:write'),
    withdrawQuestion: allow('asker', 'questions:write'),
  },
  Subscription: { questionTallies: allow('sessionFollower', 'questions:read') },
  Session: { questions: allow('sessionFollower', 'questions:read') },
  Question: {
    '*': allow('questionReader'),
    asker: allow('askerUnlessAnonymous'),
    viewerVote: allow('self'),
  },
  QuestionConnection: { '*': allow('parent'), totalCount: allow('sessionFollower') },
  QuestionEdge: AS_PARENT,
  QuestionPayload: AS_PARENT,
  QuestionChanged: { ...AS_PARENT, question: allow('parent', 'questions:read') },
  QuestionTally: AS_PARENT,
};
