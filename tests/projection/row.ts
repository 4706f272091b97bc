import type { Draw } from './draw';
import type { Person, World } from './world';

/**
 * HOW TO ADD A MUTATION. Each mutation of the schema has one row, in the file of its room (`questions.ts`, `messages.ts`, …; a new room: a
 * new file, and a line in `rows.ts`):
 *
 *     pinQuestion: {
 *       changes: ['questions'],
 *       call: async (world, draw) => ({ by: world.host, variables: { input: { questionId: await world.question(draw) } } }),
 *     },
 *
 * - `changes` names what changes for those who follow it: parts of `parts.ts`. A change of something that no part holds needs a part of its
 *   own (a query, and what each event does to its answer). `outside: 'why'` is for what nobody follows; that nothing changes is checked.
 * - `call` says who does it, to what. It must succeed: what it needs it makes (`world.question(draw)` is one that is there, or a new one).
 *   In the random sequences somebody else may try it, at any time, and is refused or not: both must leave everybody with what is true.
 * - `answer`, where only the caller knows: what a client does with its own answer.
 *
 * HOW TO ADD AN EVENT: a handler under its type's name in the part that it changes, together with the fields a client selects.
 */
export type Row = Changing | Outside;

interface Callable {
  readonly call: (world: World, draw: Draw) => Promise<Call>;
}

export interface Changing extends Callable {
  readonly changes: readonly string[];
  readonly answer?: Answer;
  /** Nothing much can be done in the session afterwards: it comes last. */
  readonly ends?: true;
}

export interface Outside extends Callable {
  /** Why nobody who follows is told of it. */
  readonly outside: string;
  /** With this reason, where a test cannot have what it takes. */
  readonly refused?: string;
  /** It would spoil the account of whoever else tried it. */
  readonly alone?: true;
}

export interface Call {
  readonly by: Person;
  readonly variables: Record<string, unknown>;
}

/** What the caller's own client makes of the mutation's answer. */
export interface Answer {
  readonly part: string;
  /** Which session or channel it is about; any that knows what it is about when left out. */
  readonly of?: (variables: never) => string;
  /** The selection on the payload. */
  readonly select: string;
  readonly apply: (state: never, payload: never) => unknown;
}

export type Rows = Readonly<Record<string, Row>>;
