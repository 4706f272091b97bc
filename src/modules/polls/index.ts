/**
 * Polls and the votes in them. `poll.changed` and `poll.deleted` on the session's stream carry the poll as it is after each change; who is
 * told is decided by `canReceivePoll`. Votes have a stream of their own, from which live results are made.
 */
export { ballotsStream, pollChanged, pollCounted, pollDeleted, pollNewsIn, pollVoted } from './poll.events';
export type { PollNews, PollVoted } from './poll.events';
export { canReceive as canReceivePoll } from './poll.policy';
export { PollChanged, toPollChanged } from './poll.type';
