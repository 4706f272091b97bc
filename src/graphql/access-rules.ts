/** Who comes as far as the resolver, told from the viewer alone. */
export type FieldGate = 'anyone' | 'somebody' | 'user';

/** The columns of `docs/authorization.md`: what people can be to the thing that is asked for. */
export const COLUMNS = [
  'anonymous',
  'guest',
  'attendee',
  'moderator',
  'host',
  'party of a call',
  'org member',
  'org admin',
  'other tenant',
  'platform admin',
] as const;

type Column = (typeof COLUMNS)[number];
/** `own`: what concerns the caller alone. `session`, `tenant`: within the session they are in, the organization they belong to. */
type Answer = 'Y' | 'own' | 'session' | 'tenant' | '–';

interface RuleText {
  readonly gate: FieldGate;
  readonly says: string;
  /** For those columns that are not refused. */
  readonly answers: Partial<Record<Column, Answer>>;
}

const rule = (gate: FieldGate, says: string, answers: RuleText['answers']): RuleText => ({ gate, says, answers });

/** The same answer for every column from one on, up to another and without it. */
function from(first: Column, answer: Answer, end?: Column): RuleText['answers'] {
  const columns = COLUMNS.slice(COLUMNS.indexOf(first), end && COLUMNS.indexOf(end));
  return Object.fromEntries(columns.map((column) => [column, answer]));
}

const IN_SESSION = from('guest', 'session', 'org member');
const RUNNING = { host: 'own', 'party of a call': 'own' } as const;
/** Whoever looks after a session without a place in it. */
const OVERSIGHT = { 'org admin': 'tenant', 'platform admin': 'Y' } as const;
const TENANT = { 'org member': 'tenant', 'org admin': 'tenant' } as const;

/**
 * The closed list of rules. The gate decides what can be told from the viewer alone; the rest is decided from stored facts by the policy
 * of the room that declares the field, and `tests/authorization` proves that it decides as it says here.
 */
export const RULES = {
  anyone: rule('anyone', 'Everybody, signed in or not.', from('anonymous', 'Y')),
  somebody: rule('somebody', 'Whoever came in by some door: users and guests.', from('guest', 'Y')),
  user: rule('user', 'Users: whoever signed in with an account.', from('attendee', 'Y')),
  parent: rule('anyone', 'Whoever was given the object it belongs to.', {}),
  account: rule('anyone', "The caller's own account; null without one.", from('attendee', 'own')),
  self: rule('anyone', "The caller's own part in the object, nothing for whoever has none.", from('guest', 'own')),
  nodeReader: rule('anyone', "Null unless the rule of the id's own type allows it.", {}),

  joiner: rule('anyone', 'Whoever has the code and was not removed; of a call its two parties alone.', from('anonymous', 'Y')),
  sessionCard: rule('anyone', 'Whoever has the join code, or may read the session.', from('anonymous', 'Y')),
  sessionReader: rule(
    'anyone',
    'Who has a place in the session and was not removed, its host, members of its organization; administrators of the platform.',
    { ...IN_SESSION, ...TENANT, ...OVERSIGHT },
  ),
  sessionFollower: rule('anyone', 'Who is in the session now, or was until it ended; who administers its organization, or the platform.', {
    ...IN_SESSION,
    ...OVERSIGHT,
  }),
  presentAttendee: rule('anyone', 'Who is in the session now, or was until it ended.', IN_SESSION),
  attendeeOverviewer: rule(
    'anyone',
    'The attendee themselves; who keeps order in the session, its host; who administers its organization, or the platform.',
    { ...from('guest', 'own', 'org member'), moderator: 'session', host: 'session', ...OVERSIGHT },
  ),
  ownPlace: rule('anyone', 'Who has a place in the session, in whatever status: their own.', from('guest', 'own', 'org member')),
  callParty: rule('anyone', 'Who is on either side of the call, while they are in its session.', from('guest', 'own', 'org member')),
  placeHolder: rule('anyone', 'Who is in the session or was, and was not removed.', IN_SESSION),
  voter: rule('somebody', 'Who is in the session and sees what is voted on: one vote each.', IN_SESSION),
  moderator: rule(
    'anyone',
    'Who is in the session and keeps order: its host, presenters and moderators, nobody in a call; who administers its organization, or ' +
      'the platform.',
    { moderator: 'session', host: 'own', ...OVERSIGHT },
  ),
  attendeeRemover: rule(
    'anyone',
    'The host, present or not; presenters and moderators while they are in the session; who administers its organization, or the platform.',
    { moderator: 'session', host: 'own', ...OVERSIGHT },
  ),
  runner: rule('anyone', 'Who runs the session: its host, either party of a call; who administers its organization, or the platform.', {
    ...RUNNING,
    ...OVERSIGHT,
  }),
  host: rule('anyone', 'The host of the session, of a call its client; who administers its organization, or the platform.', {
    ...RUNNING,
    ...OVERSIGHT,
  }),
  noteKeeper: rule('anyone', 'The host of a conference, the advisor of a call.', { host: 'own', 'party of a call': 'own' }),
  collaborator: rule('anyone', 'Who is in the session and may present, or keeps order in it; both parties of a call.', {
    moderator: 'session',
    host: 'session',
    'party of a call': 'session',
  }),
  itemEditor: rule('anyone', 'The same; to whoever may not read the item it does not exist.', {
    moderator: 'session',
    host: 'session',
    'party of a call': 'session',
  }),
  asker: rule('anyone', 'Who asked the question, while they are in the session.', from('guest', 'own', 'org member')),
  questionEditor: rule(
    'anyone',
    'Who asked the question, while they are in the session; who keeps order in it, administers its organization, or the platform.',
    { ...from('guest', 'own', 'org member'), moderator: 'session', host: 'session', ...OVERSIGHT },
  ),
  orderKeeper: rule('anyone', 'Who is in the session and keeps order; administrators of the platform.', {
    moderator: 'session',
    host: 'own',
    'platform admin': 'Y',
  }),
  questionReader: rule(
    'anyone',
    'Who is in the session, or administers its organization; of what is not public, who asked, who keeps order, administrators of the platform.',
    { ...IN_SESSION, ...OVERSIGHT },
  ),
  askerUnlessAnonymous: rule('anyone', 'Whoever sees the question; nobody when it was asked anonymously.', IN_SESSION),

  channelViewer: rule('anyone', 'Members of the channel; of a session its attendees who were not removed.', IN_SESSION),
  channelReader: rule('somebody', 'Members of the channel; of a session those who are in it.', IN_SESSION),
  channelWriter: rule('somebody', 'The same, while the session is not over; in a broadcast channel its owner.', IN_SESSION),
  channelReactor: rule('somebody', 'Who reads the channel, while its session is not over.', IN_SESSION),
  channelSpeaker: rule('somebody', 'The same, also when nobody may write there now; null, or nothing, for others.', IN_SESSION),
  messageSender: rule(
    'somebody',
    'Who wrote the message, while they read its channel; null for others.',
    from('guest', 'own', 'org member'),
  ),
  messageAuthor: rule('somebody', 'Who wrote the message, while they may write in its channel.', from('guest', 'own', 'org member')),
  messageEraser: rule('somebody', 'Who wrote the message, who keeps order in the session, the owner of the channel.', {
    ...from('guest', 'own', 'org member'),
    moderator: 'session',
    host: 'session',
  }),

  channelModerator: rule('somebody', 'Who keeps order in the session, while they are in it; the owner of the channel.', {
    moderator: 'session',
    host: 'session',
  }),

  channelMember: rule('user', "Members of the channel; a session's has none.", from('attendee', 'own')),
  channelInviter: rule('user', 'The owner of the channel; of a shared one all its members.', from('attendee', 'own')),
  channelInvited: rule('user', 'Who was invited into the channel, and is no member yet.', from('attendee', 'own')),
  channelOwner: rule('user', 'The owner of the channel.', from('attendee', 'own')),

  invited: rule('user', 'The account with the address that the invitation is for, while it is pending.', from('attendee', 'own')),
  organizationMember: rule('anyone', 'Members of the organization; to others it does not exist.', TENANT),
  organizationAdmin: rule('user', 'Administrators and owners of the organization.', { 'org admin': 'tenant' }),
  platformAdmin: rule('user', 'Administrators of the platform; nobody else learns that it is there.', { 'platform admin': 'Y' }),
} as const satisfies Readonly<Record<string, RuleText>>;

export type Rule = keyof typeof RULES;

export function ruleText(name: Rule): RuleText {
  return RULES[name];
}
