import type { Logger } from './logger';

/** What is needed of the process; tests give an emitter. */
export interface ClosableProcess {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Closing has its own bounds; this one is for a bug in it. */
const LAST_RESORT_MS = 12_000;

/**
 * SIGTERM and SIGINT close and exit 0; a second signal exits 1 at once. An error that nobody caught leaves the process in a state that
 * nobody knows: it is logged, what is in flight may finish, and the process exits 1.
 */
export function closeOnSignals(close: () => Promise<void>, logger: Logger, proc: ClosableProcess = process): void {
  let closing = false;

  const closeAndExit = (code: number): void => {
    closing = true;
    setTimeout(() => proc.exit(1), LAST_RESORT_MS).unref();
    close().then(
      () => proc.exit(code),
      (error: unknown) => {
        logger.fatal({ err: error }, 'closing failed');
        proc.exit(1);
      },
    );
  };

  for (const signal of SIGNALS) {
    proc.on(signal, () => {
      if (closing) return proc.exit(1);
      logger.info({ signal }, 'closing');
      closeAndExit(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    proc.on(event, (error) => {
      logger.fatal({ err: error, event }, 'an error that nobody caught');
      if (!closing) closeAndExit(1);
    });
  }
}
