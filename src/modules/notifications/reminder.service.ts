import type { Kernel } from '../../realtime/kernel';
import type { SessionService } from '../sessions';
import type { Notifier } from './notifier';
import type { ReminderRepository } from './reminder.repository';
import type { SessionNotices } from './session-notices';

const AT_ONCE = 20;

export interface ReminderServiceDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly sessions: SessionService;
  readonly reminders: ReminderRepository;
  readonly notices: SessionNotices;
  readonly notifier: Notifier;
}

/** Reminds people of sessions that are about to start: once, whichever instances look. */
export class ReminderService {
  constructor(private readonly deps: ReminderServiceDeps) {}

  /** Everything that is due by the database's clock. */
  async remind(): Promise<void> {
    while ((await this.remindSome()) === AT_ONCE);
  }

  private remindSome(): Promise<number> {
    const { kernel, sessions, reminders, notices, notifier } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const due = await reminders.takeDue(tx, AT_ONCE);
      for (const id of due) {
        const session = await sessions.find(tx, id);
        if (session?.status === 'SCHEDULED') await notifier.tell(tx, await notices.ofStarting(tx, session));
      }
      return due.length;
    });
  }
}
