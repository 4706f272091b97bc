import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance } from '../attendees';
import { questionChanged } from '../questions';
import type { SessionService } from '../sessions';
import type { NoticeSource } from './notice-source';
import { draft } from './notice-source';
import type { NotificationDraft } from './notification.repository';

export interface QuestionNoticesDeps {
  readonly sessions: SessionService;
  readonly attendance: Attendance;
}

/** Answers, to who asked. */
export class QuestionNotices implements NoticeSource {
  readonly types = [questionChanged.type];

  constructor(private readonly deps: QuestionNoticesDeps) {}

  async draftsOf(tx: RecordingTx, events: readonly StreamEvent[]): Promise<NotificationDraft[]> {
    const drafts: NotificationDraft[] = [];
    for (const event of events) {
      const { question } = questionChanged.read(event);
      if (question.status !== 'ANSWERED') continue;
      const session = await this.deps.sessions.find(tx, question.sessionId);
      const asker = await this.deps.attendance.findById(tx, question.sessionId, question.askerId);
      if (session === null || asker?.userId == null) continue;
      drafts.push(
        draft({
          userId: asker.userId,
          key: `answered:${question.id}`,
          type: 'QUESTION_ANSWERED',
          title: `Your question in “${session.title}” was answered`,
          subjectId: question.id,
          data: { sessionId: session.id, questionId: question.id },
        }),
      );
    }
    return drafts;
  }
}
