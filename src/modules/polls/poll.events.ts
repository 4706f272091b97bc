import type { Json, StreamEvent, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { Choices } from './choices';
import type { PollCounts, PollRecord } from './poll.repository';

/** A poll as the log tells it: what its votes come to is told by the stream of ballots, to those who may know it. */
export type PollSnapshot = Omit<PollRecord, 'clientId' | 'clientDigest' | 'votedAt' | keyof PollCounts>;

export const PollChange = { CREATED: 'CREATED', OPENED: 'OPENED', CLOSED: 'CLOSED', RESET: 'RESET', DELETED: 'DELETED' } as const;
export type PollChange = keyof typeof PollChange;

export interface PollNews {
  readonly change: PollChange;
  readonly poll: PollSnapshot;
}

const DATES = ['poll.createdAt', 'poll.openedAt', 'poll.closedAt'];

/** On the session's stream: everything that becomes of a poll but its deletion. Not for votes. */
export const pollChanged = defineEvent<PollNews>('poll.changed', { dates: DATES });

/** The poll without its text; the events before it are rewritten without theirs. */
export const pollDeleted = defineEvent<PollNews>('poll.deleted', { dates: DATES, erasesPast: true });

/** What the event tells of a poll; null when it tells of something else. */
export function pollNewsIn(event: StreamEvent): PollNews | null {
  const kind = [pollChanged, pollDeleted].find((known) => known.is(event));
  return kind === undefined ? null : kind.read(event);
}

/** What a past event of a poll that was deleted is rewritten to. */
export function withoutText(payload: Json): Json {
  const { poll, ...rest } = payload as { poll: Record<string, Json> };
  return { ...rest, poll: { ...poll, title: '', options: [] } };
}

/** What a poll's votes come to at a moment, and what tells who may know it. */
export interface PollStanding extends PollCounts, Pick<PollRecord, 'status' | 'resultsVisibility'> {
  readonly pollId: string;
}

/** One ballot that became another, and the standing after it. Since a poll was last emptied, its changes sum up to its counts. */
export interface PollVoted extends PollStanding {
  /** Null of an anonymous poll: the log does not know who chose what. */
  readonly attendeeId: string | null;
  readonly choices: Choices;
  readonly previous: Choices;
}

/** On the session's stream of ballots, away from its own. */
export const pollVoted = defineEvent<PollVoted>('poll.voted');

/** The standing where no vote has changed it: the poll was emptied, or more or fewer may know of it than before. */
export const pollCounted = defineEvent<PollStanding>('poll.counted');

export function ballotsStream(sessionId: string): StreamId {
  return `ballots:${sessionId}`;
}

export function standingOf({ id, counts, voters, status, resultsVisibility }: PollRecord): PollStanding {
  return { pollId: id, counts, voters, status, resultsVisibility };
}

/** What a poll's votes come to after the event; null when it tells of something else. */
export function standingIn(event: StreamEvent): PollStanding | null {
  if (pollCounted.is(event)) return pollCounted.read(event);
  if (!pollVoted.is(event)) return null;
  const { attendeeId: _, choices: __, previous: ___, ...standing } = pollVoted.read(event);
  return standing;
}

export function snapshotOf(poll: PollRecord): PollSnapshot {
  const { clientId: _, clientDigest: __, votedAt: ___, counts: ____, voters: _____, ...snapshot } = poll;
  return snapshot;
}
