import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance, AttendeeRecord } from '../attendees';
import { refusalOf } from '../attendees';
import type { AuditEntryRecord, AuditTrail } from '../audit';
import type { UserService } from '../users';
import type { QuestionCommands } from './question-commands';
import { illegalInStatus, questionNotFound } from './question.errors';
import { asSeenFrom, canSee, isPublic, isShadowed, seesAll } from './question.policy';
import type { QuestionRecord, QuestionRepository, QuestionStatus } from './question.repository';
import type { ReportCount, ReportReason, ReportRepository } from './report.repository';

/** A question and what is said against it. */
export interface Reported extends Omit<ReportCount, 'questionId'> {
  readonly question: QuestionRecord;
}

/** How many questions of a session are in each status, and how many are held or reported. */
export type ModerationCounts = Readonly<Record<QuestionStatus, number>> & { readonly held: number; readonly reported: number };

/** An act of keeping order, and the name of whoever did it; null for the server itself, and where no name is known. */
export interface ModerationAct {
  readonly entry: AuditEntryRecord;
  readonly actorName: string | null;
}

export interface ModerationDeskDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly attendance: Attendance;
  readonly commands: QuestionCommands;
  readonly questions: QuestionRepository;
  readonly reports: ReportRepository;
}

/** What those who keep order see at a glance, and the reports that attendees bring there. */
export class ModerationDesk {
  constructor(private readonly deps: ModerationDeskDeps) {}

  /** Once for each attendee and question: again changes nothing. */
  async report(viewer: Viewer, questionId: string, reason: ReportReason): Promise<QuestionRecord> {
    const { kernel, attendance, commands, reports } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      const place = await attendance.find(tx, viewer, question.sessionId);
      requireReporter(place, question);
      const isNew = await reports.insert(tx, { sessionId: question.sessionId, questionId, attendeeId: place.id, reason });
      if (isNew) await commands.tellReports(tx, question, { evenNone: false });
      return asSeenFrom({ attendee: place, oversight: null }, question);
    });
  }

  /** The question stays as it is; who has reported it does not do so again. */
  async dismissReports(actor: Actor, questionId: string): Promise<QuestionRecord> {
    const { kernel, commands, reports } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      await commands.requireRight(tx, actor.viewer, question, 'dismissReports');
      const dismissed = await reports.dismiss(tx, questionId);
      if (dismissed === 0) return question;
      await commands.tellReports(tx, question, { evenNone: true });
      await commands.audit(tx, actor, question, 'question.reports_dismissed', { reports: dismissed });
      return question;
    });
  }

  /** Whether the desk is open to them. */
  async isOpenTo(actor: Actor, sessionId: string): Promise<boolean> {
    const standpoint = await this.deps.attendance.findStandpoint(actor, sessionId, 'session.questions_read');
    return standpoint !== null && seesAll(standpoint);
  }

  async listReported(sessionId: string, limit: number): Promise<Reported[]> {
    const { kernel, questions, reports } = this.deps;
    const counts = await reports.list(kernel.database, sessionId, limit);
    const found = await questions.listByIds(
      kernel.database,
      counts.map(({ questionId }) => questionId),
    );
    const byId = new Map(found.map((question) => [question.id, question]));
    return counts.flatMap(({ questionId, ...count }) => {
      const question = byId.get(questionId);
      return question === undefined ? [] : [{ ...count, question }];
    });
  }

  async count(sessionId: string): Promise<ModerationCounts> {
    const { kernel, questions, reports } = this.deps;
    const [byStatus, held, reported] = await Promise.all([
      questions.countByStatus(kernel.database, sessionId),
      questions.countHeld(kernel.database, sessionId),
      reports.count(kernel.database, sessionId),
    ]);
    return { ...byStatus, held, reported };
  }

  /** What was done in the session and is audited, newest first. */
  async listActs(sessionId: string, limit: number): Promise<ModerationAct[]> {
    const { kernel, audit } = this.deps;
    const entries = await audit.listOfSession(kernel.database, sessionId, limit);
    const names = await this.namesOf(sessionId, [...new Set(entries.flatMap(({ actorId }) => (actorId === null ? [] : [actorId])))]);
    return entries.map((entry) => ({ entry, actorName: names.get(entry.actorId) ?? null }));
  }

  /** As they are called in the session, else by their accounts. */
  private async namesOf(sessionId: string, actorIds: readonly string[]): Promise<ReadonlyMap<string | null, string>> {
    const { kernel, attendance, users } = this.deps;
    const [places, accounts] = await Promise.all([attendance.listAmong(kernel.database, sessionId, actorIds), users.listByIds(actorIds)]);
    return new Map([
      ...accounts.map(({ id, displayName }) => [id, displayName] as const),
      ...[...places].map(([key, { displayName }]) => [key, displayName] as const),
    ]);
  }
}

/** Whoever is there and sees it, as long as everybody does. */
function requireReporter(place: AttendeeRecord | null, question: QuestionRecord): asserts place is AttendeeRecord {
  const refusal = place && refusalOf(place);
  if (refusal !== null) throw refusal;
  if (place === null || !canSee(place, question)) throw questionNotFound();
  if (!isPublic(question) && !isShadowed(question)) throw illegalInStatus(question.status);
}
