import type { Attendee } from './session.part';
import { part, READ_ANEW } from './part';

const REPORT = 'reports reasons { reason count }';
const PUBLIC = ['OPEN', 'ANSWERED'];

interface Report {
  readonly reports: number;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

interface Desk {
  readonly standing: Readonly<Record<string, Report>>;
  readonly own: Pick<Attendee, 'id' | 'role'> | null;
  readonly open: boolean;
}

interface Found {
  readonly viewerAttendee: Pick<Attendee, 'id' | 'role'> | null;
  readonly moderation: { readonly reported: readonly (Report & { readonly question: { readonly id: string } })[] } | null;
}

/** What is said against which questions, for who keeps order. What is out of sight needs no more attention. */
export const reports = part<
  Desk,
  Found,
  {
    AttendeeChanged: { readonly attendee: Attendee };
    QuestionChanged: { readonly question: { readonly id: string; readonly status: string } };
    QuestionReportsChanged: Report & { readonly questionId: string };
  }
>({
  name: 'reports',
  of: 'session',
  selection: `viewerAttendee { id role } moderation { reported(first: 50) { question { id } ${REPORT} } }`,
  read: ({ moderation, viewerAttendee }) => ({
    standing: Object.fromEntries((moderation?.reported ?? []).map(({ question, ...report }) => [question.id, report])),
    own: viewerAttendee,
    open: moderation !== null,
  }),
  events: {
    AttendeeChanged: 'attendee { id role }',
    QuestionChanged: 'question { id status }',
    QuestionReportsChanged: `questionId ${REPORT}`,
  },
  on: {
    AttendeeChanged: (desk, { attendee }) => (attendee.id === desk.own?.id && attendee.role !== desk.own.role ? READ_ANEW : desk),
    QuestionChanged: (desk, { question }) => (PUBLIC.includes(question.status) ? desk : without(desk, question.id)),
    QuestionReportsChanged: (desk, { questionId, ...report }) =>
      report.reports === 0 ? without(desk, questionId) : { ...desk, standing: { ...desk.standing, [questionId]: report } },
  },
  shown: ({ standing }) => standing,
});

function without(desk: Desk, questionId: string): Desk {
  return { ...desk, standing: Object.fromEntries(Object.entries(desk.standing).filter(([id]) => id !== questionId)) };
}
