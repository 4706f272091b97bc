/**
 * Questions and votes. `question.changed` and `question.deleted` on the session's stream carry the question as it is after each change; what of it a viewer
 * may know is decided by `canReceive` (is it told at all) and `toQuestionChanged` (with its text or without). `question.reports_changed` is
 * for who keeps order alone. Votes have a stream of
 * their own.
 */
export { questionChanged, questionDeleted, questionIn, questionVoted, reportsChanged, votesStream } from './question.events';
export type { QuestionSnapshot, QuestionVoted } from './question.events';
export { canReceive, isPublic, seesAll } from './question.policy';
export { QuestionService } from './question.service';
export { Question, QuestionChanged, toQuestionChanged } from './question.type';
export { QuestionReportsChanged, toQuestionReportsChanged } from './session-moderation.type';
export { VoteService } from './vote.service';
