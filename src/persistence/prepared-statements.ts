import pg from 'pg';
import { PARSERS } from './sql-values';

export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

type Row = Record<string, unknown>;
type Parser = (text: string) => unknown;

const FIRST_USES = 8;
const MOST_USES = 1_024;

/** Makes rows of what the server sends, which is text or null. */
export class RowReader {
  private readonly names: readonly string[];
  private readonly parsers: readonly Parser[];
  /** Copied for each row, so that all of them have one shape. */
  private readonly blank: Row;

  constructor(columns: readonly Column[]) {
    this.names = columns.map(({ name }) => name);
    this.parsers = columns.map(({ dataTypeID }) => PARSERS[dataTypeID] ?? (pg.types.getTypeParser(dataTypeID) as Parser));
    this.blank = Object.fromEntries(this.names.map((name) => [name, null]));
  }

  read(texts: readonly (string | null)[]): Row {
    const row = { ...this.blank };
    for (let index = 0; index < texts.length; index += 1) {
      const text = texts[index];
      if (text != null) row[this.names[index] as string] = (this.parsers[index] as Parser)(text);
    }
    return row;
  }
}

/** A statement as one connection knows it. */
export class PreparedStatement {
  /** Set once the server has parsed it and told what its rows are like. */
  reader: RowReader | null = null;
  private uses = 0;
  private lastUse = FIRST_USES;

  constructor(
    readonly name: string,
    readonly text: string,
  ) {}

  /**
   * A plan is made for tables as large as they are then: one for a table that was nearly empty may read all of it later. So a statement is
   * parsed anew when it has been used twice as often as the last time, when the table cannot have grown much more than that.
   */
  use(): void {
    this.uses += 1;
    if (this.uses <= this.lastUse) return;
    this.reader = null;
    this.uses = 1;
    this.lastUse = Math.min(2 * this.lastUse, MOST_USES);
  }
}

/** What a connection remembers of the statements it was given: those that were used last, this many; none with 0. */
export class PreparedStatements {
  private readonly statements = new Map<string, PreparedStatement>();

  constructor(private readonly most: number) {}

  get(text: string): PreparedStatement {
    if (this.most === 0) return new PreparedStatement('', text);
    const known = this.statements.get(text);
    const statement = known ?? new PreparedStatement(this.freeName(), text);
    if (known !== undefined) this.statements.delete(text);
    this.statements.set(text, statement);
    statement.use();
    return statement;
  }

  /** Names are used again: there are never more on the server than here. */
  private freeName(): string {
    const [oldest] = this.statements.values();
    if (oldest === undefined || this.statements.size < this.most) return `parley_${this.statements.size}`;
    this.statements.delete(oldest.text);
    return oldest.name;
  }
}
