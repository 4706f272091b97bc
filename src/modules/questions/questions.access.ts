import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const questionsAccess: AccessTable = {
  Mutation: {
    askQuestion: allow('presentAttendee', 'questions:write'),
    voteQuestion: allow('voter', 'questions:write'),
    approveQuestion: allow('orderKeeper', 'questions:write'),
    rejectQuestion: allow('orderKeeper', 'questions:write'),
    markAnsweredLive: allow('moderator', 'questions:write'),
    mergeQuestions: allow('moderator', 'questions:write'),
    resetVotes: allow('moderator', 'questions:write'),
    deleteQuestion: allow('moderator', 'questions:write'),
    reportQuestion: allow('presentAttendee', 'questions:write'),
    dismissReports: allow('moderator', 'questions:write'),
    hideQuestion: allow('moderator', 'questions:write'),
    answerQuestion: allow('moderator', 'questions:write'),
    pinQuestion: allow('moderator', 'questions:write'),
    unpinQuestion: allow('moderator', 'questions:write'),
    editQuestion: allow('questionEditor', 'questions:write'),
    withdrawQuestion: allow('asker', 'questions:write'),
  },
  Subscription: { questionTallies: allow('sessionFollower', 'questions:read') },
  Session: {
    questions: allow('sessionFollower', 'questions:read'),
    moderation: allow('orderKeeper', 'questions:read'),
  },
  Question: {
    '*': allow('questionReader'),
    asker: allow('askerUnlessAnonymous'),
    viewerVote: allow('self'),
  },
  QuestionConnection: { '*': allow('parent'), totalCount: allow('sessionFollower') },
  QuestionEdge: AS_PARENT,
  SessionModeration: { counts: allow('parent'), pending: allow('parent'), reported: allow('parent'), recentActions: allow('parent') },
  QuestionCounts: AS_PARENT,
  ReportedQuestion: AS_PARENT,
  ReportReasonCount: AS_PARENT,
  ModerationAction: AS_PARENT,
  QuestionPayload: AS_PARENT,
  QuestionChanged: { ...AS_PARENT, question: allow('parent', 'questions:read') },
  QuestionReportsChanged: {
    ...AS_PARENT,
    questionId: allow('parent', 'questions:read'),
    reports: allow('parent', 'questions:read'),
    reasons: allow('parent', 'questions:read'),
  },
  QuestionTally: AS_PARENT,
};
