import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * HTTP/1.1 lets a peer send any number of requests without reading an answer. On one connection each is begun when the answer before is out:
 * who reads nothing is owed one answer, however much was asked for.
 */
export class AnswersInTurn {
  private readonly last = new WeakMap<Socket, ServerResponse>();

  /** Calls `begin` when it is this request's turn, at once for who waits for answers; never when the connection ends before. */
  await({ socket }: IncomingMessage, answer: ServerResponse, begin: () => void): void {
    const before = this.last.get(socket);
    this.last.set(socket, answer);
    answer.once('close', () => {
      if (this.last.get(socket) === answer) this.last.delete(socket);
    });
    if (before === undefined || before.closed) begin();
    else before.once('close', () => !socket.destroyed && begin());
  }
}
