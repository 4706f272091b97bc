import fc from 'fast-check';
import type { Database } from '../../src/persistence/database';

/** A small random world: who belongs to what, and what was written. Ids tell what they are: `org_0`, `usr_1`, `chn_2`. */
export interface World {
  readonly memberships: readonly { organization: string; user: string; role: 'OWNER' | 'ADMIN' | 'MEMBER' }[];
  readonly platformAdmins: readonly string[];
  /** Each organization has a session with a channel, and a channel of its own. */
  readonly channels: readonly { id: string; organization: string; session: string | null }[];
  readonly channelMembers: readonly { channel: string; user: string; role: 'OWNER' | 'MEMBER' }[];
  readonly attendees: readonly WorldAttendee[];
  /** One of each who might have written, in each channel, with a place there or not; with a reaction of their own. */
  readonly messages: readonly { id: string; channel: string; sender: string }[];
}

interface WorldAttendee {
  readonly id: string;
  readonly session: string;
  readonly user: string | null;
  readonly role: 'HOST' | 'MODERATOR' | 'ATTENDEE';
  readonly place: 'WAITING' | 'PRESENT' | 'LEFT' | 'ended' | 'REMOVED';
}

export const ORGANIZATIONS = ['org_0', 'org_1'];
/** Each has one. */
export const invitationOf = (organization: string): string => `inv_${organization}`;
/** Each session has one. */
export const itemOf = (session: string): string => `itm_${session}`;
const SESSIONS = ['ses_0', 'ses_1'];
const USERS = ['usr_0', 'usr_1', 'usr_2', 'usr_3'];
/** Belongs to nothing: to be let in. */
const NEWCOMER = 'usr_new';
const GUESTS = ['att_guest_0', 'att_guest_1'];
/** Who may be named as a message's sender. */
export const SENDERS = [...USERS, ...GUESTS];
const CHANNELS: World['channels'] = ORGANIZATIONS.flatMap((organization, n) => [
  { id: `chn_session_${n}`, organization, session: `ses_${n}` },
  { id: `chn_plain_${n}`, organization, session: null },
]);
const MESSAGES: World['messages'] = CHANNELS.flatMap(({ id: channel }) =>
  SENDERS.map((sender) => ({ id: `msg_${channel}_${sender}`, channel, sender })),
);

const attendeeRole = fc.constantFrom('HOST' as const, 'MODERATOR' as const, 'ATTENDEE' as const);
const place = fc.constantFrom('WAITING' as const, 'PRESENT' as const, 'LEFT' as const, 'ended' as const, 'REMOVED' as const);

export const world: fc.Arbitrary<World> = fc.record({
  memberships: someOf(ORGANIZATIONS, USERS, fc.constantFrom('OWNER', 'ADMIN', 'MEMBER')).map((all) =>
    all.map(([organization, user, role]) => ({ organization, user, role })),
  ),
  platformAdmins: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(USERS, { maxLength: 1 })),
  channels: fc.constant(CHANNELS),
  channelMembers: someOf(
    CHANNELS.flatMap(({ id, session }) => (session === null ? [id] : [])),
    USERS,
    fc.constantFrom('OWNER', 'MEMBER'),
  ).map((all) => all.map(([channel, user, role]) => ({ channel, user, role }))),
  attendees: fc
    .tuple(
      someOf(SESSIONS, USERS, fc.tuple(attendeeRole, place)),
      fc.tuple(...GUESTS.map(() => fc.tuple(fc.constantFrom(...SESSIONS), attendeeRole, place))),
    )
    .map(([users, guests]) => [
      ...users.map(([session, user, [role, at]]) => ({ id: `att_${session}_${user}`, session, user, role, place: at })),
      ...guests.map(([session, role, at], n) => ({ id: GUESTS[n] ?? '', session, user: null, role, place: at })),
    ]),
  messages: fc.constant(MESSAGES),
});

/** Some of all pairs, each with something of its own. */
function someOf<T>(lefts: readonly string[], rights: readonly string[], arbitrary: fc.Arbitrary<T>): fc.Arbitrary<[string, string, T][]> {
  const pairs = lefts.flatMap((left) => rights.map((right) => [left, right] as const));
  return fc
    .tuple(...pairs.map(() => fc.option(arbitrary)))
    .map((chosen) => pairs.flatMap(([left, right], n) => (chosen[n] == null ? [] : [[left, right, chosen[n]] as [string, string, T]])));
}

/** Everybody who can come: users, one of whom is a stranger everywhere, and attendees by their own tokens. */
export function peopleOf({ attendees }: World): string[] {
  return [...USERS, NEWCOMER, ...attendees.map(({ id }) => id)];
}

export async function create(database: Database, { memberships, platformAdmins, ...made }: World): Promise<void> {
  await database.as('system').transaction(async ({ sql }) => {
    for (const id of [...USERS, NEWCOMER])
      await sql(`INSERT INTO users (id, display_name, email, password_hash, platform_role) VALUES ($1, $1, $1, '', $2::"PlatformRole")`, [
        id,
        platformAdmins.includes(id) ? 'ADMIN' : null,
      ]);
    for (const id of ORGANIZATIONS) {
      await sql(`INSERT INTO organizations (id, name) VALUES ($1, $1)`, [id]);
      await sql(
        `INSERT INTO invitations (id, organization_id, email, role, token_hash, expires_at) VALUES ($1, $2, '', 'MEMBER', $1, now())`,
        [invitationOf(id), id],
      );
    }
    for (const { organization, user, role } of memberships)
      await sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [
        organization,
        user,
        role,
      ]);
    for (const { id, organization, session } of made.channels) {
      if (session !== null)
        await sql(
          `INSERT INTO sessions (id, organization_id, host_id, code, title, kind, medium, capacity) VALUES ($1, $2, 'h', $1, 't', 'CONFERENCE', 'CHAT', 9)`,
          [session, organization],
        );
      if (session !== null)
        await sql(`INSERT INTO collaboration_items (id, session_id, list, position, body) VALUES ($1, $2, 'AGENDA', 'U', '')`, [
          itemOf(session),
          session,
        ]);
      await sql(`INSERT INTO channels (id, organization_id, session_id, name, type) VALUES ($1, $2, $3, $1, 'SHARED')`, [
        id,
        organization,
        session,
      ]);
    }
    for (const { channel, user, role } of made.channelMembers)
      await sql(`INSERT INTO channel_members (channel_id, user_id, role) VALUES ($1, $2, $3::"ChannelRole")`, [channel, user, role]);
    for (const { id, session, user, role, place: at } of made.attendees)
      await sql(
        `INSERT INTO attendees (id, session_id, user_id, display_name, role, status, leave_reason)
         VALUES ($1, $2, $3, $1, $4::"AttendeeRole", $5::"AttendeeStatus", $6::"LeaveReason")`,
        [id, session, user, role, at === 'ended' ? 'LEFT' : at, at === 'ended' ? 'ended' : at === 'LEFT' ? 'left' : null],
      );
    for (const [n, { id, channel, sender }] of made.messages.entries()) {
      await sql(
        `INSERT INTO messages (id, channel_id, "offset", sender_id, sender_name, body, created_at) VALUES ($1, $2, $3, $4, $4, '', now())`,
        [id, channel, n + 1, sender],
      );
      await sql(`INSERT INTO message_reactions (message_id, participant_id, emoji) VALUES ($1, $2, '')`, [id, sender]);
      await sql(`INSERT INTO message_edits (message_id, number, body, edited_at) VALUES ($1, 1, '', now())`, [id]);
      await sql(`INSERT INTO reaction_tallies (message_id, tallies) VALUES ($1, '[]')`, [id]);
    }
  });
}

/** What row security should allow one person, said once more in another language. */
export class Rights {
  private readonly readsAll: boolean;
  private readonly belongsTo: ReadonlySet<string>;
  private readonly runs: ReadonlySet<string>;

  constructor(
    private readonly world: World,
    readonly who: string,
  ) {
    const mine = world.memberships.filter(({ user }) => user === who);
    this.readsAll = world.platformAdmins.includes(who);
    this.belongsTo = new Set(mine.map(({ organization }) => organization));
    this.runs = new Set(mine.filter(({ role }) => role !== 'MEMBER').map(({ organization }) => organization));
  }

  readsOrganization(id: string): boolean {
    return this.readsAll || this.belongsTo.has(id);
  }

  belongsToOrganization(id: string): boolean {
    return this.belongsTo.has(id);
  }

  runsOrganization(id: string): boolean {
    return this.runs.has(id);
  }

  readsInvitations(organization: string): boolean {
    return this.readsAll || this.runs.has(organization);
  }

  readsMembers(channel: string): boolean {
    return this.readsAll || this.runs.has(this.channel(channel).organization) || this.hasPlace(channel, () => true);
  }

  readsChannel(id: string): boolean {
    const { organization, session } = this.channel(id);
    return this.readsMembers(id) || (session !== null && this.belongsTo.has(organization));
  }

  readsMessages(channel: string): boolean {
    return this.readsAll || this.runs.has(this.channel(channel).organization) || this.hasPlace(channel, takesPart);
  }

  /** Has a place of one's own, not by running the organization. */
  takesPart(channel: string): boolean {
    return this.hasPlace(channel, takesPart);
  }

  speaksAs(sender: string, channel: string): boolean {
    const { session } = this.channel(channel);
    if (session === null) return sender === this.who && this.hasPlace(channel, () => false);
    return this.world.attendees.some(
      (place) =>
        place.session === session && (place.user ?? place.id) === sender && [sender, place.id].includes(this.who) && takesPart(place),
    );
  }

  moderates(channel: string): boolean {
    const { organization, session } = this.channel(channel);
    return (
      this.runs.has(organization) ||
      this.world.channelMembers.some((member) => member.channel === channel && member.user === this.who && member.role === 'OWNER') ||
      this.myPlaces(session).some((place) => takesPart(place) && place.role !== 'ATTENDEE')
    );
  }

  private hasPlace(channel: string, counts: (place: WorldAttendee) => boolean): boolean {
    return (
      this.world.channelMembers.some((member) => member.channel === channel && member.user === this.who) ||
      this.myPlaces(this.channel(channel).session).some(counts)
    );
  }

  private myPlaces(session: string | null): WorldAttendee[] {
    return this.world.attendees.filter((place) => place.session === session && [place.id, place.user].includes(this.who));
  }

  private channel(id: string): World['channels'][number] {
    const found = this.world.channels.find((channel) => channel.id === id);
    if (found === undefined) throw new Error(`no channel ${id}`);
    return found;
  }
}

function takesPart({ place: at }: WorldAttendee): boolean {
  return at === 'PRESENT' || at === 'ended';
}
