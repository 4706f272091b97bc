import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate } from '../attendees';
import type { AuditAction, AuditFact, AuditTrail } from '../audit';
import type { SessionOversight, SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { questionNotFound } from './question.errors';
import { questionChanged, reportsChanged, snapshotOf } from './question.events';
import type { QuestionCommand } from './question.policy';
import { isModeration, refusalOfCommand, refusalOfOverseer } from './question.policy';
import type { QuestionRecord, QuestionRepository } from './question.repository';
import type { ReportRepository } from './report.repository';

export const questionIds = idKind('qst');

export interface QuestionCommandsDeps {
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly questions: QuestionRepository;
  readonly reports: ReportRepository;
}

/** What every command on a question begins and ends with. */
export class QuestionCommands {
  constructor(private readonly deps: QuestionCommandsDeps) {}

  /** Throws NOT_FOUND. */
  async get(db: Db, id: string): Promise<QuestionRecord> {
    const question = questionIds.is(id) ? await this.deps.questions.find(db, id) : null;
    if (question === null) throw questionNotFound();
    return question;
  }

  /** Of commands at once each sees the question as the one before left it. */
  async hold(tx: Tx, id: string): Promise<QuestionRecord> {
    const question = questionIds.is(id) ? await this.deps.questions.lock(tx, id) : null;
    if (question === null) throw questionNotFound();
    return question;
  }

  /** Throws why the viewer may not give this command now. */
  async requireRight(tx: Tx, viewer: Viewer, question: QuestionRecord, command: QuestionCommand): Promise<void> {
    const { attendance, sessions, oversight } = this.deps;
    const place = await attendance.find(tx, viewer, question.sessionId);
    const refusal = refusalOfCommand(place, question, command);
    if (refusal === null) return;
    if (!isModeration(command) || (place !== null && canModerate(place))) throw refusal;
    const role = await oversight.find(tx, viewer, await sessions.get(tx, question.sessionId));
    const refusalOfRole = role === null ? refusal : refusalOfOverseer(role, question, command);
    if (refusalOfRole !== null) throw refusalOfRole;
  }

  async audit(
    tx: Tx,
    actor: Actor,
    { id, sessionId }: QuestionRecord,
    action: AuditAction,
    details: AuditFact['details'] = {},
  ): Promise<void> {
    const { organizationId } = await this.deps.sessions.get(tx, sessionId);
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details: { sessionId, ...details } });
  }

  changed(tx: RecordingTx, question: QuestionRecord): QuestionRecord {
    tx.record(sessionStream(question.sessionId), questionChanged.record({ question: snapshotOf(question) }));
    return question;
  }

  /** Who holds the question counts all that were told before. */
  async tellReports(tx: RecordingTx, { id, sessionId }: QuestionRecord, { evenNone }: { evenNone: boolean }): Promise<void> {
    const reported = await this.deps.reports.countOf(tx, id);
    if (evenNone || reported.reports > 0) tx.record(sessionStream(sessionId), reportsChanged.record({ reported }));
  }
}

/** Their own, and they do not keep order: who does edits as such. */
export function isMereAsker(place: AttendeeRecord | null, { askerId }: Pick<QuestionRecord, 'askerId'>): boolean {
  return place !== null && place.id === askerId && !canModerate(place);
}
