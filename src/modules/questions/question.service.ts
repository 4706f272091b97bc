import type { Actor } from '../../lib/actor';
import { digest } from '../../lib/digest';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance, AttendeeRecord, Standpoint } from '../attendees';
import { attendeeSilenced, canModerate } from '../attendees';
import type { AuditAction } from '../audit';
import type { ContentScreen, Verdict } from '../content-policy';
import { contentRefused } from '../content-policy';
import type { SessionRecord, SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { questionScore } from './question-score';
import type { QuestionListing } from './question-order';
import { isMereAsker, questionIds } from './question-commands';
import type { QuestionCommands } from './question-commands';
import { fingerprintOf } from './question-fingerprint';
import { anonymityNotAllowed, clientIdReused, duplicateQuestion } from './question.errors';
import { questionDeleted, snapshotOf, withoutText } from './question.events';
import type { QuestionCommand } from './question.policy';
import { asSeenFrom, canSeeFrom, changesNothing, isModeration, isPublic, seesAll } from './question.policy';
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
  readonly screen: ContentScreen;
  readonly questions: QuestionRepository;
  readonly commands: QuestionCommands;
}

export class QuestionService {
  constructor(private readonly deps: QuestionServiceDeps) {}

  async ask(viewer: Viewer, draft: QuestionDraft): Promise<QuestionRecord> {
    const { kernel, sessions, attendance, questions, commands } = this.deps;
    const verdict = await this.judge(draft.sessionId, draft.body);
    return kernel.unitOfWork.run(async (tx) => {
      const asker = await attendance.require(tx, viewer, draft.sessionId);
      if (asker.silenced) throw attendeeSilenced();
      const session = await sessions.requireLive(tx, draft.sessionId);
      if (draft.anonymous && !session.anonymousQuestions) throw anonymityNotAllowed();
      const createdAt = await questions.now(tx);
      const standing = canModerate(asker) ? NOT_HELD : standingOf(session, verdict);
      const question = { ...draftOf(asker, draft), ...standing };
      const inserted = await questions.insert(tx, question, createdAt, questionScore(0, 0, createdAt));
      const seen = { attendee: asker, oversight: null };
      if (inserted === null) return asSeenFrom(seen, await this.requireTwin(tx, asker, draft));
      if (verdict.action === 'REFUSE') throw contentRefused('body', verdict.rule);
      if (session.refuseDuplicates) await this.refuseDuplicate(tx, inserted);
      return asSeenFrom(seen, commands.changed(tx, inserted));
    });
  }

  /** Brings it into sight: out of the queue, or after it was rejected or hidden. */
  approve(actor: Actor, questionId: string): Promise<QuestionRecord> {
    return this.command(actor, questionId, 'approve', { status: 'OPEN', rejectionReason: null, heldFor: null, shadowed: false });
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
    const verdict = await this.judgeOf(questionId, body);
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      const place = await attendance.find(tx, actor.viewer, question.sessionId);
      const isOwn = isMereAsker(place, question);
      await commands.requireRight(tx, actor.viewer, question, isOwn ? 'edit' : 'correct');
      const seen = place && { attendee: place, oversight: null };
      if (question.body === body) return isOwn ? asSeenFrom(seen, question) : question;
      if (place?.id !== question.askerId) await commands.audit(tx, actor, question, 'question.edited');
      if (isOwn && verdict.action === 'REFUSE') throw contentRefused('body', verdict.rule);
      const session = await sessions.get(tx, question.sessionId);
      const text = { body, fingerprint: fingerprintOf(body) };
      const changes = isOwn ? { ...text, ...standingAfter(question, standingOf(session, verdict)) } : text;
      const edited = await this.deps.questions.update(tx, questionId, changes);
      if (isOwn && session.refuseDuplicates) await this.refuseDuplicate(tx, edited);
      commands.changed(tx, edited);
      return isOwn ? asSeenFrom(seen, edited) : edited;
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
    return standpoint !== null && canSeeFrom(standpoint, question) ? asSeenFrom(standpoint, question) : null;
  }

  async list(actor: Actor, sessionId: string, page: Omit<QuestionPage, keyof Visibility>): Promise<QuestionRecord[]> {
    const standpoint = await this.standpointOf(actor, sessionId);
    const rows = await this.deps.questions.page(this.deps.kernel.database, { ...page, ...visibilityFrom(standpoint, sessionId) });
    return rows.map((question) => asSeenFrom(standpoint, question));
  }

  async count(actor: Actor, sessionId: string, order: QuestionListing): Promise<number> {
    return this.deps.questions.count(
      this.deps.kernel.database,
      visibilityFrom(await this.standpointOf(actor, sessionId), sessionId),
      order,
    );
  }

  private standpointOf(actor: Actor, sessionId: string): Promise<Standpoint> {
    return this.deps.attendance.requireStandpoint(actor, sessionId, 'session.questions_read');
  }

  /** What becomes of a text by the policy of the session's organization. */
  private async judge(sessionId: string, text: string): Promise<Verdict> {
    const { kernel, sessions, screen } = this.deps;
    const session = await sessions.find(kernel.database, sessionId);
    return session === null ? ALLOWED : screen.judge(session.organizationId, text);
  }

  private async judgeOf(questionId: string, text: string): Promise<Verdict> {
    const question = questionIds.is(questionId) ? await this.deps.questions.find(this.deps.kernel.database, questionId) : null;
    return question === null ? ALLOWED : this.judge(question.sessionId, text);
  }

  /** A command that changes nothing records nothing. */
  private async command(actor: Actor, questionId: string, command: QuestionCommand, changes: QuestionChanges): Promise<QuestionRecord> {
    const { kernel, questions, commands } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const question = await commands.hold(tx, questionId);
      await commands.requireRight(tx, actor.viewer, question, command);
      if (changesNothing(question, changes)) return isModeration(command) ? question : asSeenFrom(null, question);
      const action = AUDITED[command];
      if (action !== undefined) await commands.audit(tx, actor, question, action);
      const changed = commands.changed(tx, await questions.update(tx, questionId, changes));
      // What was said against it before it went out of sight stands again.
      if (isPublic(changed) && !isPublic(question)) await commands.tellReports(tx, changed, { evenNone: false });
      return isModeration(command) ? changed : asSeenFrom(null, changed);
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

const ALLOWED: Verdict = { action: 'ALLOW' };

type Standing = Pick<QuestionRecord, 'status' | 'heldFor' | 'shadowed'>;

const NOT_HELD: Standing = { status: 'OPEN', heldFor: null, shadowed: false };

/** Where a text begins that somebody wrote who does not keep order. Only where nobody else waits is it hidden from them that they do. */
function standingOf({ questionApproval }: SessionRecord, verdict: Verdict): Standing {
  const heldFor = verdict.action === 'HOLD' ? verdict.rule : null;
  const waits = questionApproval || heldFor !== null;
  return { status: waits ? 'PENDING' : 'OPEN', heldFor, shadowed: waits && !questionApproval };
}

/** What was held before stays so: another text does not take it past who decides. */
function standingAfter(before: Standing, written: Standing): Partial<Standing> {
  if (written.status === 'OPEN') return {};
  return { ...written, heldFor: written.heldFor ?? before.heldFor };
}

function visibilityFrom(standpoint: Standpoint, sessionId: string): Visibility {
  return { sessionId, attendeeId: standpoint.attendee?.id ?? null, all: seesAll(standpoint) };
}

function draftOf(asker: AttendeeRecord, draft: QuestionDraft): Omit<NewQuestion, keyof Standing> {
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
