import type { Db } from '../../persistence/database';
import type { AttendeeRecord, EngagementSource } from '../attendees';

/** What attendees wrote, and what they reacted to, in their session's channel. */
export class MessageEngagement implements EngagementSource {
  async count(db: Db, sessionId: string, attendees: readonly AttendeeRecord[]) {
    const byParticipant = new Map(attendees.map(({ id, userId }) => [userId ?? id, id]));
    const [messages, reactions] = await Promise.all(
      [MESSAGES, REACTIONS].map((text) => db.sql<{ participantId: string; count: number }>(text, [sessionId, [...byParticipant.keys()]])),
    );
    const byAttendee = (rows: readonly { participantId: string; count: number }[] = []): ReadonlyMap<string, number> =>
      new Map(rows.map(({ participantId, count }) => [byParticipant.get(participantId) ?? '', count]));
    return { messages: byAttendee(messages), reactions: byAttendee(reactions) };
  }
}

const MESSAGES = `
  SELECT sender_id AS "participantId", count(*)::int AS count
  FROM channels JOIN messages ON messages.channel_id = channels.id
  WHERE channels.session_id = $1 AND sender_id = ANY($2) AND deleted_at IS NULL GROUP BY sender_id`;

const REACTIONS = `
  SELECT participant_id AS "participantId", count(*)::int AS count
  FROM message_reactions JOIN messages ON messages.id = message_id JOIN channels ON channels.id = messages.channel_id
  WHERE channels.session_id = $1 AND participant_id = ANY($2) GROUP BY participant_id`;
