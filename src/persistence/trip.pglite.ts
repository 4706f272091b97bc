import type { PGlite } from '@electric-sql/pglite';
import { protocol } from '@electric-sql/pglite';
import type { Column, PreparedStatements } from './prepared-statements';
import type { Answer, Statement } from './round-trips';
import { Trip } from './trip';
import type { Wire } from './trip';

type Received = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number];

/** A trip's messages as the bytes that PGlite is given at once. */
class Bytes implements Wire {
  readonly stream = { cork: nothing, uncork: nothing };
  private readonly parts: Uint8Array[] = [];

  close(what: Parameters<Wire['close']>[0]): void {
    this.parts.push(protocol.serialize.close(what));
  }

  parse(statement: Parameters<Wire['parse']>[0]): void {
    this.parts.push(protocol.serialize.parse(statement));
  }

  bind({ statement, values }: Parameters<Wire['bind']>[0]): void {
    this.parts.push(protocol.serialize.bind({ statement, values: [...values] }));
  }

  describe(what: Parameters<Wire['describe']>[0]): void {
    this.parts.push(protocol.serialize.describe(what));
  }

  execute(): void {
    this.parts.push(protocol.serialize.execute());
  }

  sync(): void {
    this.parts.push(protocol.serialize.sync());
  }

  joined(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

/** One trip into PGlite and back. Its own `query` makes four of each statement, and parses and plans it every time. */
export function travel(pglite: PGlite, known: PreparedStatements, statements: readonly Statement[]): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const trip = new Trip(statements, known, (error, answers = []) => (error === null ? resolve(answers) : reject(error)));
    const bytes = new Bytes();
    trip.write(bytes);
    pglite.execProtocol(bytes.joined(), { throwOnError: false }).then(({ messages }) => {
      for (const message of messages) hand(message, trip);
    }, reject);
  });
}

function hand(message: Received, trip: Trip): void {
  switch (message.name) {
    case 'rowDescription':
      return trip.handleRowDescription(message as Received & { fields: Column[] });
    case 'dataRow':
      return trip.handleDataRow(message as Received & { fields: (string | null)[] });
    case 'commandComplete':
      return trip.handleCommandComplete(message as Received & { text: string });
    case 'error':
      return trip.handleError(message as Received & Error);
    case 'readyForQuery':
      return trip.handleReadyForQuery();
    default:
  }
}

function nothing(): void {
  // What is given is sent together anyway.
}
