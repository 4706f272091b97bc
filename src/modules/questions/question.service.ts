import { createHash } from 'node:crypto';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate, refusalOf } from '../attendees';
import type { SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { questionScore } from './question-score';
import type { QuestionOrder } from './question-order';
import { clientIdReused, questionNotFound } from './question.errors';
import { questionChanged, snapshotOf } from './question.events';
import type { QuestionCommand } from './question.policy';
import { canSee, changesNothing, refusalOfCommand } from './question.policy';
import type { QuestionChanges, QuestionPage, QuestionRecord, QuestionRepository, Visibility } from './question.repository';

export const questionIds = idKind('qst');

export interface QuestionDraft {
  readonly sessionId: string;
  readonly body: string;
  readonly anonymous: boolean;
  readonly clientId?: string | null;
}

export interface QuestionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly questions: QuestionRepository;
}

export class QuestionService {
  constructor(private readonly deps: QuestionServiceDeps) {}

  async ask(viewer: Viewer, draft: QuestionDraft): Promise<QuestionRecord> {
    const { kernel, sessions, attendance, questions } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const asker = await attendance.require(tx, viewer, draft.sessionId);
      await sessions.requireLive(tx, draft.sessionId);
      const createdAt = await questions.now(tx);
      const inserted = await questions.insert(tx, newQuestion(asker, draft), createdAt, questionScore(0, 0, createdAt));
      return inserted === null ? this.requireTwin(tx, asker, draft) : this.changed(tx, inserted);
    });
  }

  hide(viewer: Viewer, questionId: string): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'hide', { status: 'HIDDEN' });
  }

  /** Without a text it was answered live. Answering again replaces the text. */
  answer(viewer: Viewer, questionId: string, answer: string | null): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'answer', { status: 'ANSWERED', answer });
  }

  pin(viewer: Viewer, questionId: string): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'pin', { pinned: true });
  }

  unpin(viewer: Viewer, questionId: string): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'unpin', { pinned: false });
  }

  edit(viewer: Viewer, questionId: string, body: string): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'edit', { body });
  }

  withdraw(viewer: Viewer, questionId: string): Promise<QuestionRecord> {
    return this.command(viewer, questionId, 'withdraw', { status: 'WITHDRAWN' });
  }

  /** Null when there is none, or the viewer may not see it. */
  async findFor(viewer: Viewer, id: string): Promise<QuestionRecord | null> {
    const { kernel, attendance, questions } = this.deps;
    const question = questionIds.is(id) ? await questions.find(kernel.database, id) : null;
    const attendee = question && (await attendance.find(kernel.database, viewer, question.sessionId));
    if (question === null || attendee === null || refusalOf(attendee) !== null) return null;
    return canSee(attendee, question) ? question : null;
  }

  async list(viewer: Viewer, sessionId: string, page: Omit<QuestionPage, keyof Visibility>): Promise<QuestionRecord[]> {
    return this.deps.questions.page(this.deps.kernel.database, { ...page, ...(await this.visibility(viewer, sessionId)) });
  }

  async count(viewer: Viewer, sessionId: string, order: QuestionOrder): Promise<number> {
    return this.deps.questions.count(this.deps.kernel.database, await this.visibility(viewer, sessionId), order);
  }

  private async visibility(viewer: Viewer, sessionId: string): Promise<Visibility> {
    const attendee = await this.deps.attendance.require(this.deps.kernel.database, viewer, sessionId);
    return { sessionId, attendeeId: attendee.id, all: canModerate(attendee) };
  }

  /** Of commands at once each sees the question as the one before left it. A command that changes nothing records nothing. */
  private async command(viewer: Viewer, questionId: string, command: QuestionCommand, changes: QuestionChanges): Promise<QuestionRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const question = questionIds.is(questionId) ? await this.deps.questions.lock(tx, questionId) : null;
      if (question === null) throw questionNotFound();
      const attendee = await this.requireSight(tx, viewer, question);
      const refusal = refusalOfCommand(attendee, question, command);
      if (refusal !== null) throw refusal;
      if (changesNothing(question, changes)) return question;
      return this.changed(tx, await this.deps.questions.update(tx, questionId, changes));
    });
  }

  /** A question of a session the viewer has no place in, or that is hidden from the viewer, does not exist. */
  private async requireSight(tx: Tx, viewer: Viewer, question: QuestionRecord): Promise<AttendeeRecord> {
    const attendee = await this.deps.attendance.find(tx, viewer, question.sessionId);
    const refusal = attendee && refusalOf(attendee);
    if (refusal !== null) throw refusal;
    if (attendee === null || !canSee(attendee, question)) throw questionNotFound();
    return attendee;
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
