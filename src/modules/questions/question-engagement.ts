import type { Db } from '../../persistence/database';
import type { AttendeeRecord, EngagementSource } from '../attendees';

/** What attendees asked by name, and voted on. */
export class QuestionEngagement implements EngagementSource {
  async count(db: Db, sessionId: string, attendees: readonly AttendeeRecord[]) {
    const ids = attendees.map(({ id }) => id);
    const [questions = [], votes = []] = await Promise.all(
      [QUESTIONS, VOTES].map((text) => db.sql<{ attendeeId: string; count: number }>(text, [sessionId, ids])),
    );
    return { questions: byAttendee(questions), votes: byAttendee(votes) };
  }
}

function byAttendee(rows: readonly { attendeeId: string; count: number }[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ attendeeId, count }) => [attendeeId, count]));
}

/** To count the anonymous ones would tell who asked them. */
const QUESTIONS = `
  SELECT asker_id AS "attendeeId", count(*)::int AS count FROM questions
  WHERE session_id = $1 AND asker_id = ANY($2) AND NOT anonymous AND status <> 'DELETED' GROUP BY asker_id`;

const VOTES = `
  SELECT attendee_id AS "attendeeId", count(*)::int AS count FROM votes JOIN questions ON questions.id = question_id
  WHERE session_id = $1 AND attendee_id = ANY($2) GROUP BY attendee_id`;
