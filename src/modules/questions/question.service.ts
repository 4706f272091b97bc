import type { Actor } from '../../lib/actor';
import { digest } from '../../lib/digest';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate } from '../attendees';
import type { AuditAction } from '../audit';
import type { SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { questionScore } from './question-score';
import type { QuestionListing } from './question-order';
import { isMereAsker, questionIds } from './question-commands';
import type { QuestionCommands } from './question-commands';
import { fingerprintOf } from './question-fingerprint';
import { anonymityNotAllowed, clientIdReused, duplicateQuestion } from './question.errors';
import { questionDeleted, snapshotOf, withoutText } from './question.events';
import type { QuestionCommand } from './question.policy';
import { canSeeFrom, changesNothing, seesAll } from './question.policy';
import type { NewQuestion, QuestionChanges, QuestionPage, QuestionRecord, QuestionRepository, Visibility } from './question.repository';

/** What keeping order is: what people do to their own questions is in the session's stream. */
const AUDITED: Readonly<Partial<Record<QuestionCommand, AuditAction>>> = {
  approve: 'question.approved',
  reject: 'question.rejected',
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
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'log'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly questions: QuestionRepository;
  readonly commands: QuestionCommands;
}

export class QuestionService {
  constructor(private readonly deps: QuestionServiceDeps) {}

  async ask(viewer: Viewer, draft: QuestionDraft): Promise<QuestionRecord> {
    const { kernel, sessions, attendance, questions, commands } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const asker = await attendance.require(tx, viewer, draft.sessionId);
      const session = await sessions.requireLive(tx, draft.sessionId);
      if (draft.anonymous && !session.anonymousQuestions) throw anonymityNotAllowed();
      const createdAt = await questions.now(tx);
      const status = session.questionApproval && !canModerate(asker) ? 'PENDING' : 'OPEN';
      const inserted = await questions.insert(tx, { ...draftOf(asker, draft), status }, createdAt, questionScore(0, 0, createdAt));
      if (inserted === null) return this.requireTwin(tx, asker, draft);
      if (session.refuseDuplicates) await this.refuseDuplicate(tx, inserted);
      return commands.changed(tx, inserted);
    });
  }

  /** Brings it into sight: out of the queue, or after it was rejected or hidden. */
  approve(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'approve', { status: 'OPEN', rejectionReason: null });
  }

  /** Who asked is told why. */
  reject(actor: Actor, questionId: string, reason: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'reject', { status: 'REJECTED', rejectionReason: reason });
  }

  hide(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'hide', { status: 'HIDDEN' });
  }

  /** Without a text it was answered live. Answering again replaces the text. */
  answer(actor: Actor, questionId: string, answer: string | null): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'answer', { status: 'ANSWERED', answer });
  }

  /** A text that there is already stays. */
  answerLive(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'answer', { status: 'ANSWERED' });
  }

  pin(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'pin', { pinned: true });
  }

  unpin(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'unpin', { pinned: false });
  }

  withdraw(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'withdraw', { status: 'WITHDRAWN' });
  }

  /** By who asked, or by who keeps order. Where questions are approved, what an asker has changed waits for it again. */
  async edit(actor: Actor, questionId: string, body: string): Promise<QuestionRecord> {
    const { kernel, sessions, attendance, commands } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      const place = await attendance.find(tx, actor.viewer, question.sessionId);
      const isOwn = isMereAsker(place, question);
      await commands.requireRight(tx, actor.viewer, question, isOwn ? 'edit' : 'correct');
      if (question.body === body) return question;
      if (place?.id !== question.askerId) await commands.audit(tx, actor, question, 'question.edited');
      const { questionApproval, refuseDuplicates } = await sessions.get(tx, question.sessionId);
      const text = { body, fingerprint: fingerprintOf(body) };
      const changes = isOwn && questionApproval ? { ...text, status: 'PENDING' as const } : text;
      const edited = await this.deps.questions.update(tx, questionId, changes);
      if (isOwn && refuseDuplicates) await this.refuseDuplicate(tx, edited);
      return commands.changed(tx, edited);
    });
  }

  /** Erases what was written, here and in the log. Deleting twice is the same as deleting once. */
  async delete(actor: Actor, questionId: string): Promise<QuestionRecord> {
    const { kernel, questions, commands } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      await commands.requireRight(tx, actor.viewer, question, 'delete');
      if (question.status === 'DELETED') return question;
      const stream = sessionStream(question.sessionId);
      const erased = await questions.erase(tx, questionId);
      await kernel.log.rewrite(tx, stream, await questions.listEventOffsets(tx, stream, questionId), withoutText);
      tx.record(stream, questionDeleted.record({ question: snapshotOf(erased) }));
      await commands.audit(tx, actor, question, 'question.deleted');
      return erased;
    });
  }

  /** Null when there is none, or the viewer may not see it. */
  async findFor(actor: Actor, id: string): Promise<QuestionRecord | null> {
    const { kernel, attendance, questions } = this.deps;
    const question = questionIds.is(id) ? await questions.find(kernel.database, id) : null;
    if (question === null) return null;
    const standpoint = await attendance.findStandpoint(actor, question.sessionId, 'session.questions_read');
    return standpoint !== null && canSeeFrom(standpoint, question) ? question : null;
  }

  async list(actor: Actor, sessionId: string, page: Omit<QuestionPage, keyof Visibility>): Promise<QuestionRecord[]> {
    return this.deps.questions.page(this.deps.kernel.database, { ...page, ...(await this.visibility(actor, sessionId)) });
  }

  async count(actor: Actor, sessionId: string, order: QuestionListing): Promise<number> {
    return this.deps.questions.count(this.deps.kernel.database, await this.visibility(actor, sessionId), order);
  }

  private async visibility(actor: Actor, sessionId: string): Promise<Visibility> {
    const standpoint = await this.deps.attendance.requireStandpoint(actor, sessionId, 'session.questions_read');
    return { sessionId, attendeeId: standpoint.attendee?.id ?? null, all: seesAll(standpoint) };
  }

  /** A command that changes nothing records nothing. */
  private async command(actor: Actor, questionId: string, command: QuestionCommand, changes: QuestionChanges): Promise<QuestionRecord> {
    const { kernel, questions, commands } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      await commands.requireRight(tx, actor.viewer, question, command);
      if (changesNothing(question, changes)) return question;
      const action = AUDITED[command];
      if (action !== undefined) await commands.audit(tx, actor, question, action);
      return commands.changed(tx, await questions.update(tx, questionId, changes));
    });
  }

  /** Undoes the transaction when the session has the question already. */
  private async refuseDuplicate(tx: Tx, question: QuestionRecord): Promise<void> {
    const twin = await this.deps.questions.findTwin(tx, question);
    if (twin !== null) throw duplicateQuestion(twin);
  }

  /** The question that the same client id made before. */
  private async requireTwin(tx: Tx, asker: AttendeeRecord, draft: QuestionDraft): Promise<QuestionRecord> {
    const twin = await this.deps.questions.findByClientId(tx, asker.sessionId, asker.id, draft.clientId ?? '');
    if (twin?.clientDigest !== digestOf(draft)) throw clientIdReused();
    return twin;
  }
}

function draftOf(asker: AttendeeRecord, draft: QuestionDraft): Omit<NewQuestion, 'status'> {
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
    fingerprint: fingerprintOf(body),
    clientId,
    clientDigest: clientId === null ? null : digestOf(draft),
  };
}

function digestOf({ body, anonymous }: QuestionDraft): string {
  return digest(JSON.stringify([anonymous, body]));
}
