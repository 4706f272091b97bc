import { EventEmitter } from 'node:events';
import { deferred } from '../../src/lib/deferred';
import { createLogger } from '../../src/observability/logger';
import { closeOnSignals } from '../../src/observability/shutdown';
import { waitFor } from '../support/wait-for';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

function start(close: () => Promise<void>): { proc: FakeProcess; lines: string[] } {
  const proc = new FakeProcess();
  const lines: string[] = [];
  closeOnSignals(close, createLogger({ level: 'info' }, { write: (line) => void lines.push(line) }), proc);
  return { proc, lines };
}

test.each(['SIGTERM', 'SIGINT'])('%s closes, then exits 0', async (signal) => {
  const closing = deferred();
  const { proc } = start(() => closing.promise);
  proc.emit(signal);
  expect(proc.exits).toEqual([]);
  closing.resolve();
  await waitFor(() => proc.exits.length > 0);
  expect(proc.exits).toEqual([0]);
});

test('a second signal exits 1 at once', () => {
  const { proc } = start(() => new Promise(() => undefined));
  proc.emit('SIGTERM');
  proc.emit('SIGINT');
  expect(proc.exits).toEqual([1]);
});

test.each(['uncaughtException', 'unhandledRejection'])(
  '%s is logged, what is in flight may finish, and the process exits 1',
  async (event) => {
    let closed = 0;
    const { proc, lines } = start(async () => void (closed += 1));
    proc.emit(event, new Error('unforeseen'));
    await waitFor(() => proc.exits.length > 0);
    expect([proc.exits, closed]).toEqual([[1], 1]);
    expect(lines.join('')).toContain('unforeseen');
  },
);

test('a close that fails exits 1', async () => {
  const { proc } = start(() => Promise.reject(new Error('stuck')));
  proc.emit('SIGTERM');
  await waitFor(() => proc.exits.length > 0);
  expect(proc.exits).toEqual([1]);
});
