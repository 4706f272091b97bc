import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { Actor } from '../../lib/actor';
import type { StreamEvent } from '../../realtime/event';
import type { ModerationAct, ModerationCounts, Reported } from './moderation-desk';
import { reportsChanged } from './question.events';
import { Question, toQuestion } from './question.type';
import { ReportReason } from './report.repository';

registerEnumType(ReportReason, {
  name: 'ReportReason',
  description: 'Why somebody reports a question.',
  valuesConfig: {
    SPAM: { description: 'It advertises, or repeats itself.' },
    ABUSE: { description: 'It insults or threatens.' },
    OFF_TOPIC: { description: 'It does not belong here.' },
    OTHER: { description: 'Something else.' },
  },
});

/** Whose desk it is and who reads it; its fields are read when they are asked for. */
@ObjectType({ description: 'What those who keep order in a session see at a glance.' })
export class SessionModeration {
  sessionId!: string;
  reader!: Actor;
}

@ObjectType({ description: 'How many questions of a session are where.' })
export class QuestionCounts {
  @Field(() => Int, { description: 'Wait for approval.' })
  pending!: number;

  @Field(() => Int, { description: 'Of these, wait because of the content policy.' })
  held!: number;

  @Field(() => Int, { description: 'Are open.' })
  open!: number;

  @Field(() => Int, { description: 'Are answered.' })
  answered!: number;

  @Field(() => Int, { description: 'Were hidden.' })
  hidden!: number;

  @Field(() => Int, { description: 'Were not approved.' })
  rejected!: number;

  @Field(() => Int, { description: 'Have reports that nobody has dismissed.' })
  reported!: number;
}

@Shareable<ReportReasonCount>('reason', 'count')
@ObjectType({ description: 'How often one reason was given.' })
export class ReportReasonCount {
  @Field(() => ReportReason, { description: 'The reason.' })
  reason!: ReportReason;

  @Field(() => Int, { description: 'By how many.' })
  count!: number;
}

@ObjectType({ description: 'A question that attendees have reported.' })
export class ReportedQuestion {
  @Field(() => Question, { description: 'The question.' })
  question!: Question;

  @Field(() => Int, { description: 'By how many.' })
  reports!: number;

  @Field(() => [ReportReasonCount], { description: 'Why, the most frequent reason first.', complexity: 0 })
  reasons!: ReportReasonCount[];
}

@ObjectType({ description: 'Something that was done in a session and is in the audit log.' })
export class ModerationAction {
  @Field({ description: 'What, as in docs/audit.md: `question.hidden`.' })
  action!: string;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => ID, { nullable: true, description: 'Who: a user, the attendee of a guest, an API key; null for the server itself.' })
  actorId!: string | null;

  @Field(() => String, { nullable: true, description: "The actor's name, when they have one." })
  actorName!: string | null;

  @Field(() => ID, { nullable: true, description: 'To what it was done: a question, an attendee, the session.' })
  targetId!: string | null;
}

export function toQuestionCounts({ PENDING, OPEN, ANSWERED, HIDDEN, REJECTED, held, reported }: ModerationCounts): QuestionCounts {
  const counts = { pending: PENDING, held, open: OPEN, answered: ANSWERED, hidden: HIDDEN, rejected: REJECTED, reported };
  return Object.assign(new QuestionCounts(), counts);
}

export function toReportedQuestion({ question, reports, byReason }: Reported): ReportedQuestion {
  return Object.assign(new ReportedQuestion(), { question: toQuestion(question), reports, reasons: toReasonCounts(byReason) });
}

@Shareable<QuestionReportsChanged>('cursor', 'at', 'questionId', 'reports', 'reasons')
@ObjectType({
  implements: StreamEventBase,
  description:
    'A question was reported, its reports were dismissed, or it came into sight again with those that it had. Only who keeps order is told.',
})
export class QuestionReportsChanged extends StreamEventBase {
  @Field(() => ID, { description: 'The question.' })
  questionId!: string;

  @Field(() => Int, { description: 'By how many it is reported now; none: nothing stands against it any more.' })
  reports!: number;

  @Field(() => [ReportReasonCount], { description: 'Why, the most frequent reason first.', complexity: 0 })
  reasons!: ReportReasonCount[];
}

export function toQuestionReportsChanged(event: StreamEvent): QuestionReportsChanged {
  const { questionId, reports, byReason } = reportsChanged.read(event).reported;
  return Object.assign(new QuestionReportsChanged(), placeOf(event), { questionId, reports, reasons: toReasonCounts(byReason) });
}

function toReasonCounts(byReason: Reported['byReason']): ReportReasonCount[] {
  return Object.values(ReportReason)
    .map((reason) => Object.assign(new ReportReasonCount(), { reason, count: byReason[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

export function toModerationAction({ entry: { action, at, actorId, targetId }, actorName }: ModerationAct): ModerationAction {
  return Object.assign(new ModerationAction(), { action, at, actorId, actorName, targetId });
}
