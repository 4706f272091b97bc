import type { Meanwhile } from './meanwhile';
import { belowOrganization, byId, MODEL } from './model';
import type { Caller, Facts, Verdict } from './model';
import type { Role } from './roles';
import type { Stage, World } from './world';

/** One cell about to be tried. */
export interface Attempt {
  readonly world: World;
  readonly stage: Stage;
  readonly role: Role;
  readonly token: string | null;
  /** Whether the model says that it will be done: then nothing may be harmed by it. */
  readonly allowed: boolean;
}

export type Variables = Record<string, unknown>;

/** What is asked to find out about one field. Its rule stands in the access table. */
export interface Cell {
  /** `Type.field`, as in the table. */
  readonly field: string;
  /** Which of several ways to ask for it. */
  readonly about?: string;
  readonly text: string;
  readonly variables: (attempt: Attempt) => Variables | Promise<Variables>;
  /** Where in `data` the answer stands: null there is nothing. `list:id` counts as nothing unless it holds the session. */
  readonly at: string;
  /** In place of the table's rule, where the field follows the object that it is asked of. */
  readonly expects?: (facts: Facts, caller: Caller, stage: Stage) => Verdict;
  /** Reasons that only those are told who may: the request is not in a state, or not of a form, to be done. */
  readonly passesAs?: readonly string[];
  readonly only?: Stage['name'];
  /** With the token of another sign-in, which this ends. */
  readonly ownToken?: (attempt: Attempt) => Promise<string | null>;
  readonly after?: (attempt: Attempt) => Promise<void>;
  /** Done again and again until the answer is there. */
  readonly meanwhile?: Meanwhile;
}

const PAYLOAD = '{ __typename }';
export const EVENT = '{ __typename }';
/** Mutations that answer with true. */
const PLAIN = [
  ...['logout', 'logoutEverywhere', 'changePassword', 'unlinkIdentity'],
  ...['declineChannelInvitation', 'leaveChannel', 'removeMember', 'leaveOrganization', 'sendReaction'],
];

export function query(field: string, args: string, selection: string, variables: Cell['variables'], rest: Partial<Cell> = {}): Cell {
  return root('query', `Query.${field}`, args, selection, variables, rest);
}

export function mutation(field: string, args: string, variables: Cell['variables'], rest: Partial<Cell> = {}): Cell {
  return root('mutation', `Mutation.${field}`, args, PLAIN.includes(field) ? '' : PAYLOAD, variables, rest);
}

export function subscription(field: string, args: string, variables: Cell['variables'], rest: Partial<Cell> = {}): Cell {
  return root('subscription', `Subscription.${field}`, args, EVENT, variables, rest);
}

/** `args` as they are declared, `id: ID!`; each is passed to the argument of its name. */
function root(kind: string, field: string, args: string, selection: string, variables: Cell['variables'], rest: Partial<Cell>): Cell {
  const name = field.split('.')[1] ?? '';
  const declared = args === '' ? [] : args.split(', ');
  const declaration = declared.length === 0 ? '' : `(${declared.map((arg) => `$${arg}`).join(', ')})`;
  const passed = declared.map((arg) => arg.split(':')[0] ?? '').map((arg) => `${arg}: $${arg}`);
  const text = `${kind} ${declaration} { ${name}${passed.length === 0 ? '' : `(${passed.join(', ')})`} ${selection} }`;
  return { field, text, variables, at: name, ...rest };
}

/** A field below a card, which everybody may see: so that nothing but its own rule decides. */
export function onCard(field: string, selection: string, at: string, rest: Partial<Cell> = {}): Cell {
  const text = `query ($code: String!) { sessionByCode(code: $code) { ${selection} } }`;
  return { field, text, variables: ({ stage }) => ({ code: stage.code }), at: `sessionByCode.${at}`, ...rest };
}

/** The same thing by `node` and by `nodes`. */
export function byNode(type: string, id: (stage: Stage) => string | null, expects: Cell['expects'], rest: Partial<Cell> = {}): Cell[] {
  const about = `of ${type}`;
  return [
    query('node', 'id: ID!', '{ id }', ({ stage }) => ({ id: id(stage) }), { about, expects, ...rest }),
    query('nodes', 'ids: [ID!]!', '{ id }', ({ stage }) => ({ ids: [id(stage)] }), { about, expects, at: 'nodes.0', ...rest }),
  ];
}

/** A field of the caller's own account. */
export function ofViewer(field: string, selection = ''): Cell {
  return { field: `Viewer.${field}`, text: `{ viewer { ${field} ${selection} } }`, variables: () => ({}), at: `viewer.${field}` };
}

/** A field of the organization, which its members alone are given. */
export function ofOrganization(field: string, selection: string, at: string): Cell {
  const text = `query ($id: ID!) { node(id: $id) { ... on Organization { ${selection} } } }`;
  const variables = ({ stage }: Attempt): Variables => ({ id: stage.organizationId });
  return { field, text, variables, at: `node.${at}`, expects: belowOrganization };
}

/** A field of a poll, which those alone are shown who are in its session, or look after it. */
export function ofPoll(field: string, selection = ''): Cell {
  const text = `query ($id: ID!) { node(id: $id) { ... on Poll { ${field} ${selection} } } }`;
  const variables = ({ stage }: Attempt): Variables => ({ id: stage.pollId });
  return { field: `Poll.${field}`, text, variables, at: `node.${field}`, expects: byId(MODEL.sessionFollower) };
}

/** A field of a message, which those alone are shown who read its channel. */
export function ofMessage(field: string, selection = '', id = ({ messageId }: Stage): string => messageId): Cell {
  const text = `query ($id: ID!) { node(id: $id) { ... on Message { ${field} ${selection} } } }`;
  const variables = ({ stage }: Attempt): Variables => ({ id: id(stage) });
  return { field: `Message.${field}`, text, variables, at: `node.${field}`, expects: byId(MODEL.channelReader) };
}
