import { createHash } from 'node:crypto';
import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate } from '../attendees';
import type { AuditAction, AuditTrail } from '../audit';
import type { SessionOversight, SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { questionScore } from './question-score';
import type { QuestionOrder } from './question-order';
import { anonymityNotAllowed, clientIdReused, questionNotFound } from './question.errors';
import { questionChanged, snapshotOf } from './question.events';
import type { QuestionCommand } from './question.policy';
import { canSee, changesNothing, isModeration, refusalOfCommand, refusalOfOverseer, seesAll } from './question.policy';
import type { QuestionChanges, QuestionPage, QuestionRecord, QuestionRepository, Visibility } from './question.repository';

export const questionIds = idKind('qst');

/** What keeping order is: what people do to their own questions is in the session's stream. */
const AUDITED: Readonly<Partial<Record<QuestionCommand, AuditAction>>> = {
  hide: 'question.hidden',
  answer: 'question.answered',
  pin: 'question.pinned',
  unpin: 'question.unpinned',
};

export interface QuestionDraft {
  readonly sessionId: string;
  readonly body: string;
  readonly anonymous: boolean;
  readonly clientId?: string | null;
}

export interface QuestionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly questions: QuestionRepository;
}

export class QuestionService {
  constructor(private readonly deps: QuestionServiceDeps) {}

  async ask(viewer: Viewer, draft: QuestionDraft): Promise<QuestionRecord> {
    const { kernel, sessions, attendance, questions } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const asker = await attendance.require(tx, viewer, draft.sessionId);
      const session = await sessions.requireLive(tx, draft.sessionId);
      if (draft.anonymous && !session.anonymousQuestions) throw anonymityNotAllowed();
      const createdAt = await questions.now(tx);
      const inserted = await questions.insert(tx, newQuestion(asker, draft), createdAt, questionScore(0, 0, createdAt));
      return inserted === null ? this.requireTwin(tx, asker, draft) : this.changed(tx, inserted);
    });
  }

  hide(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'hide', { status: 'HIDDEN' });
  }

  /** Without a text it was answered live. Answering again replaces the text. */
  answer(actor: Actor, questionId: string, answer: string | null): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'answer', { status: 'ANSWERED', answer });
  }

  pin(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'pin', { pinned: true });
  }

  unpin(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'unpin', { pinned: false });
  }

  edit(actor: Actor, questionId: string, body: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'edit', { body });
  }

  withdraw(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'withdraw', { status: 'WITHDRAWN' });
  }

  /** Null when there is none, or the viewer may not see it. */
  async findFor(actor: Actor, id: string): Promise<QuestionRecord | null> {
    const { kernel, attendance, questions } = this.deps;
    const question = questionIds.is(id) ? await questions.find(kernel.database, id) : null;
    if (question === null) return null;
    const standpoint = await attendance.findStandpoint(actor, question.sessionId, 'session.questions_read');
    return standpoint !== null && (seesAll(standpoint) || canSee(standpoint.attendee, question)) ? question : null;
  }

  async list(actor: Actor, sessionId: string, page: Omit<QuestionPage, keyof Visibility>): Promise<QuestionRecord[]> {
    return this.deps.questions.page(this.deps.kernel.database, { ...page, ...(await this.visibility(actor, sessionId)) });
  }

  async count(actor: Actor, sessionId: string, order: QuestionOrder): Promise<number> {
    return this.deps.questions.count(this.deps.kernel.database, await this.visibility(actor, sessionId), order);
  }

  private async visibility(actor: Actor, sessionId: string): Promise<Visibility> {
    const standpoint = await this.deps.attendance.requireStandpoint(actor, sessionId, 'session.questions_read');
    return { sessionId, attendeeId: standpoint.attendee?.id ?? null, all: seesAll(standpoint) };
  }

  /** Of commands at once each sees the question as the one before left it. A command that changes nothing records nothing. */
  private async command(actor: Actor, questionId: string, command: QuestionCommand, changes: QuestionChanges): Promise<QuestionRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = questionIds.is(questionId) ? await this.deps.questions.lock(tx, questionId) : null;
      if (question === null) throw questionNotFound();
      await this.requireRight(tx, actor.viewer, question, command);
      if (changesNothing(question, changes)) return question;
      await this.audited(tx, actor, question, command);
      return this.changed(tx, await this.deps.questions.update(tx, questionId, changes));
    });
  }

  private async audited(tx: Tx, actor: Actor, { id, sessionId }: QuestionRecord, command: QuestionCommand): Promise<void> {
    const action = AUDITED[command];
    if (action === undefined) return;
    const { organizationId } = await this.deps.sessions.get(tx, sessionId);
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details: { sessionId } });
  }

  private async requireRight(tx: Tx, viewer: Viewer, question: QuestionRecord, command: QuestionCommand): Promise<void> {
    const { attendance, sessions, oversight } = this.deps;
    const place = await attendance.find(tx, viewer, question.sessionId);
    const refusal = refusalOfCommand(place, question, command);
    if (refusal === null) return;
    if (!isModeration(command) || (place !== null && canModerate(place))) throw refusal;
    const role = await oversight.find(tx, viewer, await sessions.get(tx, question.sessionId));
    const refusalOfRole = role === null ? refusal : refusalOfOverseer(role, question, command);
    if (refusalOfRole !== null) throw refusalOfRole;
  }

  /** The question that the same client id made before. */
  private async requireTwin(tx: Tx, asker: AttendeeRecord, draft: QuestionDraft): Promise<QuestionRecord> {
    const twin = await this.deps.questions.findByClientId(tx, asker.sessionId, asker.id, draft.clientId ?? '');
    if (twin?.clientDigest !== digestOf(draft)) throw clientIdReused();
    return twin;
  }

  private changed(tx: RecordingTx, question: QuestionRecord): QuestionRecord {
    tx.record(sessionStream(question.sessionId), questionChanged.record({ question: snapshotOf(question) }));
    return question;
  }
}

function newQuestion(asker: AttendeeRecord, draft: QuestionDraft): Parameters<QuestionRepository['insert']>[1] {
  const { sessionId, body, anonymous } = draft;
  const clientId = draft.clientId ?? null;
  return {
    id: questionIds.create(),
    sessionId,
    askerId: asker.id,
    senderId: asker.userId ?? asker.id,
    senderName: asker.displayName,
    anonymous,
    body,
    clientId,
    clientDigest: clientId === null ? null : digestOf(draft),
  };
}

function digestOf({ body, anonymous }: QuestionDraft): string {
  return createHash('sha256')
    .update(JSON.stringify([anonymous, body]))
    .digest('hex');
}
