import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { undoAtLast } from '../at-last';
import { stopProcess } from '../contestant';
import type { RoomSeat } from './contestant';
import type { Order, Outcome, Report } from './room-process';

/** The subscribers, in a process of their own so that their work is not counted. */
export class Room {
  private readonly child: ChildProcess;
  private onEveryone: (n: number) => void = () => undefined;
  private onDone: (outcome: Outcome) => void = () => undefined;
  private onReady: () => void = () => undefined;
  private onBroken: (error: Error) => void = () => undefined;

  constructor() {
    const register = path.join(__dirname, '..', '..', 'scripts', 'register.cjs');
    this.child = fork(path.join(__dirname, 'room-process.ts'), { execArgv: ['-r', register] });
    undoAtLast(() => stopProcess(this.child));
    this.child.on('message', (report: Report) => this.hear(report));
  }

  open(seats: readonly RoomSeat[], rooms: number): Promise<void> {
    return this.order({ kind: 'open', seats, rooms });
  }

  /**
   * Resolves when the room is ready for these events. `done` resolves when everyone has everything, or nothing has arrived for half a
   * minute; rejects when a subscriber is closed.
   */
  async expect(from: number, count: number, onEveryone: (n: number) => void): Promise<{ readonly done: Promise<Outcome> }> {
    this.onEveryone = onEveryone;
    await this.order({ kind: 'expect', from, count });
    const done = new Promise<Outcome>((resolve, reject) => {
      this.onDone = resolve;
      this.onBroken = reject;
    });
    return { done };
  }

  stop(): Promise<void> {
    this.onBroken = () => undefined;
    return stopProcess(this.child);
  }

  private order(order: Order): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onReady = resolve;
      this.onBroken = reject;
      this.child.send(order);
    });
  }

  private hear(report: Report): void {
    if (report.kind === 'everyone') this.onEveryone(report.n);
    else if (report.kind === 'done') this.onDone(report);
    else if (report.kind === 'broken') this.onBroken(new Error(report.reason));
    else this.onReady();
  }
}
