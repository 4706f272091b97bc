import type { Rule } from '../../src/graphql/access-rules';

/** What somebody is to one session, and to what belongs to it. */
export interface Facts {
  readonly place: { readonly role: 'HOST' | 'PRESENTER' | 'MODERATOR' | 'ATTENDEE' | 'CLIENT' | 'ADVISOR'; readonly status: Status } | null;
  readonly hosts: boolean;
  readonly runs: boolean;
  /** In the organization that the session belongs to. */
  readonly member: 'OWNER' | 'ADMIN' | 'MEMBER' | null;
  /** Whether the message and the questions of the stage are theirs. */
  readonly wrote: boolean;
}

type Status = 'PRESENT' | 'LEFT' | 'REMOVED';

export interface Caller {
  readonly kind: 'anonymous' | 'guest' | 'user';
  readonly platformAdmin: boolean;
}

/**
 * What an answer comes to: `allowed`; `nothing`, which is null or NOT_FOUND, whichever the field has for what does not exist; or the
 * code and reason of the refusal.
 */
export type Verdict = 'allowed' | 'nothing' | `${string} ${string}`;

const SIGN_IN: Verdict = 'UNAUTHENTICATED SIGN_IN_REQUIRED';
const ACCOUNT: Verdict = 'FORBIDDEN ACCOUNT_REQUIRED';
const MODERATES = ['HOST', 'PRESENTER', 'MODERATOR'];

type Decide = (facts: Facts, caller: Caller) => Verdict;

const allowedIf = (allowed: boolean, otherwise: Verdict = 'nothing'): Verdict => (allowed ? 'allowed' : otherwise);
const isOf = ({ place }: Facts): boolean => place !== null && place.status !== 'REMOVED';
/** Looks after the session without needing a place in it. */
const oversees = ({ member }: Facts, { platformAdmin }: Caller): boolean => platformAdmin || member === 'OWNER' || member === 'ADMIN';
const finds = (facts: Facts): boolean => facts.hosts || isOf(facts) || facts.member !== null;
const reads = (facts: Facts, caller: Caller): boolean => finds(facts) || oversees(facts, caller);
const keepsOrder = ({ place }: Facts): boolean => place?.status === 'PRESENT' && MODERATES.includes(place.role);

const collaborates = (facts: Facts): boolean => keepsOrder(facts) || ['CLIENT', 'ADVISOR'].includes(facts.place?.role ?? '');
/** The host and the author's attendee are in a call; of a call session its two parties. */
const isInCall = ({ hosts, wrote, place }: Facts): boolean => hosts || wrote || place?.role === 'ADVISOR';

const isInClub = ({ hosts, wrote }: Facts): boolean => hosts || wrote;

/** Strangers learn nothing; those who were here are told why not any more. */
function present({ place }: Facts): Verdict {
  if (place === null) return 'nothing';
  if (place.status === 'REMOVED') return 'FORBIDDEN ATTENDEE_REMOVED';
  return allowedIf(place.status === 'PRESENT', 'FORBIDDEN NOT_ATTENDING');
}

/** Whoever looks after the session needs no place; the others as `decide` says. */
const overseenOr = (decide: Decide): Decide => {
  return (facts, caller) => (oversees(facts, caller) ? 'allowed' : decide(facts, caller));
};

/** Of a session: its own may, the others who read it are told why not. */
const ownOr = (isOwn: (facts: Facts) => boolean, refusal: Verdict): Decide =>
  overseenOr((facts, caller) => (isOwn(facts) ? 'allowed' : reads(facts, caller) ? refusal : 'nothing'));

/** And then, of those who are here, some. */
function presentAnd(facts: Facts, may: boolean, otherwise: Verdict): Verdict {
  const verdict = present(facts);
  return verdict === 'allowed' ? allowedIf(may, otherwise) : verdict;
}

/** A message that one may not read does not exist. */
function ofMessage(facts: Facts, may: boolean, otherwise: Verdict = 'FORBIDDEN NOT_THE_SENDER'): Verdict {
  return present(facts) === 'allowed' ? allowedIf(may, otherwise) : 'nothing';
}

const signedIn = (decide: Decide): Decide => {
  return (facts, caller) => (caller.kind === 'anonymous' ? SIGN_IN : decide(facts, caller));
};
const withAccount = (decide: Decide): Decide => signedIn((facts, caller) => (caller.kind === 'guest' ? ACCOUNT : decide(facts, caller)));

/** Written from section 8 of the guarantees and the words of the rules, never from what the server was seen to answer. */
export const MODEL: Readonly<Record<Rule, Decide>> = {
  anyone: () => 'allowed',
  parent: () => 'allowed',
  sessionCard: () => 'allowed',
  somebody: signedIn(() => 'allowed'),
  user: withAccount(() => 'allowed'),
  account: (_, { kind }) => allowedIf(kind === 'user'),
  self: (facts) => allowedIf(facts.place !== null),
  nodeReader: (facts, caller) => allowedIf(reads(facts, caller)),

  joiner: ({ place }) => (place?.status === 'REMOVED' ? 'FORBIDDEN ATTENDEE_REMOVED' : 'allowed'),
  sessionReader: (facts, caller) => allowedIf(reads(facts, caller)),
  sessionFollower: overseenOr(present),
  presentAttendee: present,
  // Null for whoever sees the attendee, and not how much they take part.
  attendeeOverviewer: (facts, caller) => allowedIf(facts.hosts || keepsOrder(facts) || oversees(facts, caller)),
  ownPlace: ({ place }) => allowedIf(place !== null),
  callParty: (facts) => (isInCall(facts) ? present(facts) : 'nothing'),
  placeHolder: ({ place }) => (place === null ? 'nothing' : allowedIf(place.status !== 'REMOVED', 'FORBIDDEN ATTENDEE_REMOVED')),
  voter: signedIn(present),
  moderator: overseenOr((facts) => presentAnd(facts, keepsOrder(facts), 'FORBIDDEN MODERATORS_ONLY')),
  attendeeRemover: ownOr((facts) => facts.hosts || keepsOrder(facts), 'FORBIDDEN MODERATORS_ONLY'),
  runner: ownOr(({ runs }) => runs, 'FORBIDDEN NOT_THE_HOST'),
  host: ownOr(({ hosts }) => hosts, 'FORBIDDEN NOT_THE_HOST'),
  noteKeeper: keepsNotes,
  collaborator: (facts) => presentAnd(facts, collaborates(facts), 'FORBIDDEN NOT_A_COLLABORATOR'),
  itemEditor: (facts, caller) => {
    if (present(facts) === 'allowed') return allowedIf(collaborates(facts), 'FORBIDDEN NOT_A_COLLABORATOR');
    return oversees(facts, caller) ? present(facts) : 'nothing';
  },
  asker: (facts) => presentAnd(facts, facts.wrote, 'FORBIDDEN NOT_THE_ASKER'),
  questionEditor: overseenOr((facts) => presentAnd(facts, facts.wrote || keepsOrder(facts), 'FORBIDDEN MODERATORS_ONLY')),
  orderKeeper: approves,
  questionReader: overseenOr((facts) => allowedIf(present(facts) === 'allowed')),
  askerUnlessAnonymous: () => 'nothing',

  channelViewer: (facts) => allowedIf(isOf(facts)),
  channelReader: signedIn(present),
  channelWriter: signedIn(present),
  channelReactor: signedIn(present),
  channelSpeaker: signedIn(present),
  messageSender: signedIn((facts) => (present(facts) === 'allowed' ? allowedIf(facts.wrote) : 'nothing')),
  messageAuthor: signedIn((facts) => ofMessage(facts, facts.wrote)),
  messageEraser: signedIn((facts) => ofMessage(facts, facts.wrote || keepsOrder(facts))),

  channelModerator: signedIn((facts) => ofMessage(facts, keepsOrder(facts), 'FORBIDDEN NOT_CHANNEL_MODERATOR')),

  // Of the club, which is the host's; the author is a member, where they are not the same.
  channelMember: withAccount((facts) => allowedIf(isInClub(facts))),
  channelInviter: withAccount((facts) => allowedIf(isInClub(facts))),
  // Nobody in the world is.
  channelInvited: withAccount(() => 'nothing'),
  channelOwner: withAccount((facts) => (facts.hosts ? 'allowed' : isInClub(facts) ? 'FORBIDDEN NOT_CHANNEL_OWNER' : 'nothing')),

  // Nobody in the world is.
  invited: withAccount(() => 'nothing'),
  organizationMember: ({ member }) => allowedIf(member !== null),
  organizationAdmin: withAccount(belowOrganization),
  platformAdmin: withAccount((_, { platformAdmin }) => allowedIf(platformAdmin)),
};

/** What an organization shows to those alone who run it. */
export function belowOrganization({ member }: Facts): Verdict {
  if (member === null) return 'nothing';
  return allowedIf(member !== 'MEMBER', 'FORBIDDEN ORGANIZATION_ROLE_TOO_LOW');
}

/** A hidden question: for who asked it, who keeps order, and administrators of the platform. To the others it does not exist. */
export function readsHidden(facts: Facts, { platformAdmin }: Caller): Verdict {
  return allowedIf(platformAdmin || (present(facts) === 'allowed' && (facts.wrote || keepsOrder(facts))));
}

/** To whoever may not see what waits for approval it does not exist; who asked it is told that others approve. */
function approves(facts: Facts, caller: Caller): Verdict {
  if (caller.platformAdmin || (present(facts) === 'allowed' && keepsOrder(facts))) return 'allowed';
  if (oversees(facts, caller)) return 'nothing';
  return presentAnd(facts, false, facts.wrote ? 'FORBIDDEN MODERATORS_ONLY' : 'nothing');
}

/** The host of a conference, the advisor of a call; not its client, whose session it is. */
function keepsNotes(facts: Facts, caller: Caller): Verdict {
  const { hosts, place } = facts;
  if (place?.role === 'ADVISOR' || (hosts && place?.role !== 'CLIENT')) return 'allowed';
  return allowedIf(false, reads(facts, caller) ? 'FORBIDDEN NOT_THE_NOTE_KEEPER' : 'nothing');
}

/** Lists show what is somebody's own; who administers the platform knows an id, or finds nothing. */
export function findsInLists(facts: Facts): Verdict {
  return allowedIf(finds(facts));
}

/** What cannot be read by its id is answered with null, never with a reason. */
export function byId(decide: Decide): Decide {
  return (facts, caller) => allowedIf(decide(facts, caller) === 'allowed');
}
