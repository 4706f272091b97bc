import type { Server } from 'graphql-ws';
import WebSocket from 'ws';
import type { Connection } from './connection';
import { frameCode } from './closing';
import { parsed, sendText, startsOperation } from './socket-messages';

export type Extra = Connection & Record<PropertyKey, unknown>;

/** Who is told what becomes of a conversation. */
export interface ConversationHost {
  readonly protocol: Server<Extra>;
  /** The peer, or the network, has done what ends a socket. */
  socketFailed(connection: Connection, error: Error): void;
  messageFailed(connection: Connection, error: unknown): void;
  closed(connection: Connection, code: number): void;
}

/**
 * What graphql-ws speaks with: one socket's messages, in and out. One object, and listeners that all sockets share, rather than a closure for
 * each thing that may happen to one: most of them are idle.
 */
export class Conversation {
  private receive: ((message: string) => Promise<void>) | null = null;
  private readonly protocolClosed: (code: number, reason: string) => Promise<void>;

  constructor(
    private readonly host: ConversationHost,
    private readonly connection: Connection,
    private readonly socket: ConversingSocket,
  ) {
    socket.conversation = this;
    socket.on('error', onError).on('ping', onControlFrame).on('pong', onControlFrame);
    this.protocolClosed = host.protocol.opened(this, connection as Extra);
    socket.on('close', onClose);
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  send(data: string): Promise<void> {
    return sendText(this.socket, data);
  }

  close(code = 1000, reason = ''): void {
    this.connection.closeWith('protocol', code, reason);
  }

  onMessage(receive: (message: string) => Promise<void>): void {
    this.receive = receive;
    this.socket.on('message', onMessage);
  }

  /** `ws` has checked that text is UTF-8. */
  hear(data: Buffer): void {
    const { connection } = this;
    connection.hearMessage();
    if (connection.signal.aborted) return;
    const message = parsed(data);
    if (!startsOperation(message) && !connection.takeFrame()) return;
    this.receive?.(message).catch((error: unknown) => this.host.messageFailed(connection, error));
  }

  hearControlFrame(payloadBytes: number): void {
    this.connection.hearControlFrame(payloadBytes);
  }

  /** Such as a frame over the limit: `ws` closes with the right code by itself. */
  fail(error: Error): void {
    const code = frameCode(error);
    if (code !== null) this.connection.endedWith('frame', code);
    this.host.socketFailed(this.connection, error);
  }

  end(code: number, reason: string): void {
    this.host.closed(this.connection, code);
    void this.protocolClosed(code, reason);
  }
}

/** A WebSocket that knows its conversation. */
export class ConversingSocket extends WebSocket {
  conversation: Conversation | null = null;
}

/** One buffer, as `ws` gives messages unless told otherwise. */
function onMessage(this: WebSocket, data: WebSocket.RawData): void {
  conversationOf(this)?.hear(data as Buffer);
}

function onControlFrame(this: WebSocket, { length }: Buffer): void {
  conversationOf(this)?.hearControlFrame(length);
}

function onError(this: WebSocket, error: Error): void {
  conversationOf(this)?.fail(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  conversationOf(this)?.end(code, reason.toString());
}

function conversationOf(socket: WebSocket): Conversation | null {
  return (socket as ConversingSocket).conversation;
}
