type Undo = () => Promise<void>;

const pending = new Set<Undo>();

/** `undo`, made to run once: when it is called, or at last, when the program fails or is told to end. Newest first. */
export function undoAtLast(undo: Undo): Undo {
  const once = async (): Promise<void> => {
    if (pending.delete(once)) await undo();
  };
  pending.add(once);
  return once;
}

async function end(): Promise<void> {
  for (const undo of [...pending].reverse()) await undo().catch(() => undefined);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end());
process.once('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  void end();
});
