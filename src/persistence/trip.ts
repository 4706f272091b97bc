import type pg from 'pg';
import { RowReader } from './prepared-statements';
import type { Column, PreparedStatement, PreparedStatements } from './prepared-statements';
import type { Answer, Statement } from './round-trips';

/** What takes a trip's messages to the server: a connection of pg, or the bytes for PGlite. */
export interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  close(what: { type: 'S'; name: string }): void;
  parse(statement: { name: string; text: string }): void;
  bind(portal: { statement: string; values: readonly (string | null)[] }): void;
  describe(what: { type: 'P' }): void;
  execute(): void;
  sync(): void;
}

type Settled = (error: Error | null, answers?: Answer[]) => void;

const NO_ROWS = new RowReader([]);

/**
 * Several statements in one write and one answer: pg by itself asks for an answer (Sync) after each. The server skips whatever stands
 * behind a statement that failed, so nothing ever runs outside the transaction that should have been begun before it.
 *
 * A statement that the connection knows already is neither parsed nor described again. One that fails is parsed anew the next time: its
 * tables may have changed, or the server may have forgotten it.
 */
export class Trip {
  private readonly prepared: readonly PreparedStatement[];
  private readonly answers: Answer[] = [];
  private rows: object[] = [];
  private reader: RowReader | null = null;
  private misread: Error | null = null;

  /** `callback` and `query_timeout` are what pg looks for: it answers in the callback's place when there is no answer in time. */
  constructor(
    private readonly statements: readonly Statement[],
    known: PreparedStatements,
    public callback: Settled,
    readonly query_timeout = 0,
  ) {
    this.prepared = statements.map(({ text }) => known.get(text));
  }

  submit(connection: pg.Connection): void {
    this.write(connection as unknown as Wire);
  }

  write(wire: Wire): void {
    wire.stream.cork();
    this.statements.forEach(({ values }, index) => {
      const { name, text, reader } = this.prepared[index] as PreparedStatement;
      if (reader === null) {
        wire.close({ type: 'S', name });
        wire.parse({ name, text });
      }
      wire.bind({ statement: name, values });
      if (reader === null) wire.describe({ type: 'P' });
      wire.execute();
    });
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly Column[] }): void {
    this.reader = new RowReader(fields);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    try {
      this.reader ??= this.current.reader ?? NO_ROWS;
      this.rows.push(this.reader.read(fields));
    } catch (error) {
      this.misread ??= error as Error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.current.reader ??= this.reader ?? NO_ROWS;
    this.answers.push({ rows: this.rows, command: text });
    this.rows = [];
    this.reader = null;
  }

  handleReadyForQuery(): void {
    this.callback(this.misread, this.answers);
  }

  handleError(error: Error): void {
    const failed = this.prepared[this.answers.length];
    if (failed !== undefined) failed.reader = null;
    this.callback(error);
  }

  private get current(): PreparedStatement {
    return this.prepared[this.answers.length] as PreparedStatement;
  }
}
