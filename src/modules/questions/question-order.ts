import type { SqlValue } from '../../persistence/database';

export const QuestionOrder = { PRIORITY: 'PRIORITY', TOP: 'TOP', NEWEST: 'NEWEST', UNANSWERED: 'UNANSWERED' } as const;
export type QuestionOrder = keyof typeof QuestionOrder;

/** What questions are listed as: in an order, or as the queue of those that wait for approval. */
export type QuestionListing = QuestionOrder | 'QUEUE';

/** The key of one question in one order: what a page goes on from. */
export type Place = readonly (string | number)[];

/** What questions are ordered by. */
interface Sortable {
  readonly id: string;
  readonly pinned: boolean;
  readonly score: number;
  readonly upvotes: number;
  readonly createdAt: Date;
}

/** How an order walks the index that was made for it. */
interface Walk {
  readonly orderBy: string;
  /** The rows after the place in `$5…`. The row comparison finds the start in the index; ids break ties, ascending. */
  readonly beyond: string;
  readonly only: string | null;
  readonly placeOf: (question: Sortable) => Place;
  /** The parts of a place as a client sends them back, each checked. */
  readonly parts: readonly ((text: string) => SqlValue | null)[];
}

const COUNT = integerWithin(0, 2 ** 31 - 1);
const SCORE = numberWithin(-1e9, 1e9);
const FLAG = integerWithin(0, 1);
const MILLISECONDS = integerWithin(0, 8.64e15);
const id = (text: string): string | null => (/^[a-z0-9_]{1,64}$/.test(text) ? text : null);

const PRIORITY: Walk = {
  orderBy: 'pinned DESC, score DESC, id',
  beyond: '(pinned, score) <= ($5::int = 1, $6::float8) AND ((pinned, score) < ($5::int = 1, $6::float8) OR id > $7)',
  only: null,
  placeOf: (question) => [question.pinned ? 1 : 0, question.score, question.id],
  parts: [FLAG, SCORE, id],
};

export const WALKS: Readonly<Record<QuestionListing, Walk>> = {
  PRIORITY,
  // What is held is open to who asked it.
  UNANSWERED: { ...PRIORITY, only: `(status = 'OPEN' OR (status = 'PENDING' AND shadowed AND NOT $2::boolean))` },
  TOP: {
    orderBy: 'upvotes DESC, id',
    beyond: 'upvotes <= $5::int AND (upvotes < $5::int OR id > $6)',
    only: null,
    placeOf: (question) => [question.upvotes, question.id],
    parts: [COUNT, id],
  },
  NEWEST: {
    orderBy: 'created_at DESC, id',
    beyond: 'created_at <= to_timestamp($5::float8 / 1000) AND (created_at < to_timestamp($5::float8 / 1000) OR id > $6)',
    only: null,
    placeOf: (question) => [question.createdAt.getTime(), question.id],
    parts: [MILLISECONDS, id],
  },
  QUEUE: {
    orderBy: 'created_at, id',
    beyond: '(created_at, id) > (to_timestamp($5::float8 / 1000), $6)',
    only: `status = 'PENDING'`,
    placeOf: (question) => [question.createdAt.getTime(), question.id],
    parts: [MILLISECONDS, id],
  },
};

/** Null when these parts are no place in this order. */
export function parsePlace(order: QuestionListing, parts: readonly string[]): SqlValue[] | null {
  const values = WALKS[order].parts.map((parse, index) => parse(parts[index] ?? ''));
  return values.includes(null) ? null : values;
}

function integerWithin(min: number, max: number): (text: string) => number | null {
  const parse = numberWithin(min, max);
  return (text) => (/^-?\d+$/.test(text) ? parse(text) : null);
}

function numberWithin(min: number, max: number): (text: string) => number | null {
  return (text) => {
    const value = /^-?\d/.test(text) && text.length <= 32 ? Number(text) : NaN;
    return value >= min && value <= max ? value : null;
  };
}
