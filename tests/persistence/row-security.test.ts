import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { ChannelRepository } from '../../src/modules/channels/channel.repository';
import { MessageRepository } from '../../src/modules/messages/message.repository';
import { InvitationRepository } from '../../src/modules/organizations/invitation.repository';
import { MembershipRepository } from '../../src/modules/organizations/membership.repository';
import { OrganizationRepository } from '../../src/modules/organizations/organization.repository';
import { isBound } from '../../src/persistence/application-role';
import type { Database, Db, Tx } from '../../src/persistence/database';
import { SqlError } from '../../src/persistence/database';
import { createPostgresDatabase } from '../../src/persistence/database.postgres';
import { migrate } from '../../src/persistence/migrate';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../support/property-runs';
import { create, invitationOf, itemOf, ORGANIZATIONS, peopleOf, Rights, SENDERS, world } from './row-world';
import type { World } from './row-world';

const TABLES = [
  'organizations',
  'memberships',
  'invitations',
  'channels',
  'channel_members',
  'messages',
  'message_reactions',
  'reaction_tallies',
  'message_edits',
  'collaboration_items',
];
const KEYS: Readonly<Record<string, string>> = {
  memberships: `organization_id || ' ' || user_id`,
  channel_members: `channel_id || ' ' || user_id`,
  message_reactions: 'message_id',
  reaction_tallies: 'message_id',
  message_edits: 'message_id',
};
const NOTHING = Object.fromEntries(TABLES.map((table) => [table, []]));
const INSUFFICIENT_PRIVILEGE = '42501';
/** Bob is a member of one organization and its channel; Eve of neither. */
const SMALL: World = {
  memberships: [
    { organization: 'org_0', user: 'usr_0', role: 'OWNER' },
    { organization: 'org_0', user: 'usr_1', role: 'MEMBER' },
    { organization: 'org_1', user: 'usr_2', role: 'OWNER' },
  ],
  platformAdmins: [],
  channels: [
    { id: 'chn_plain_0', organization: 'org_0', session: null },
    { id: 'chn_session_0', organization: 'org_0', session: 'ses_0' },
  ],
  channelMembers: [{ channel: 'chn_plain_0', user: 'usr_1', role: 'MEMBER' }],
  attendees: [{ id: 'att_guest_0', session: 'ses_0', user: null, role: 'ATTENDEE', place: 'PRESENT' }],
  messages: [
    { id: 'msg_plain', channel: 'chn_plain_0', sender: 'usr_1' },
    { id: 'msg_session', channel: 'chn_session_0', sender: 'att_guest_0' },
  ],
};
const [ADA, BOB, EVE] = ['usr_0', 'usr_1', 'usr_2'];

describe.each(testBackends())('row security on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    database = opened.database;
  });
  afterEach(() => asOwner(database, 'TRUNCATE organizations, users, sessions, channels CASCADE'));
  afterAll(() => opened.drop());

  it(
    'lets each read what is theirs, and nothing else',
    () =>
      fc.assert(
        fc.asyncProperty(world, async (made) => {
          await create(database, made);
          for (const who of peopleOf(made)) expect([who, await readAll(database.as([who]))]).toEqual([who, readable(made, who)]);
          expect(await readAll(database.as('system'))).toEqual(readable(made, null));
          await asOwner(database, 'TRUNCATE organizations, users, sessions, channels CASCADE');
        }),
        { numRuns: propertyRuns(12) },
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'lets each write what is theirs, and nothing else',
    () =>
      fc.assert(
        fc.asyncProperty(world, fc.nat(), fc.constantFrom(...SENDERS), async (made, lot, sender) => {
          await create(database, made);
          const people = peopleOf(made);
          const who = people[lot % people.length] ?? '';
          const rights = new Rights(made, who);
          for (const write of writesOf(made, rights, sender))
            expect([who, write.text, await attempt(who, write)]).toEqual([who, write.text, write.expected]);
          await asOwner(database, 'TRUNCATE organizations, users, sessions, channels CASCADE');
        }),
        { numRuns: propertyRuns(12) },
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it('shows nothing to whoever names nobody, in SQL, in transactions and to Prisma', async () => {
    await create(database, SMALL);
    expect(await readAll(database)).toEqual(NOTHING);
    expect(await readAll(database.as([]))).toEqual(NOTHING);
    expect(await database.transaction((tx) => readAll(tx))).toEqual(NOTHING);
    expect(await database.orm.message.findMany()).toEqual([]);
    expect(await database.orm.organization.findMany()).toEqual([]);
    await expect(database.orm.organization.create({ data: { id: 'org_new', name: 'x' } })).rejects.toMatchObject({
      state: INSUFFICIENT_PRIVILEGE,
    });
  });

  it('gives nothing foreign to whoever asks the repositories past every check', async () => {
    await create(database, SMALL);
    const asked = async (db: Db): Promise<unknown[]> => {
      const [channels, messages, organizations] = [new ChannelRepository(), new MessageRepository(), new OrganizationRepository()];
      const [memberships, invitations] = [new MembershipRepository(), new InvitationRepository()];
      return [
        await channels.find(db, 'chn_plain_0'),
        (await channels.listBySessions(db, ['ses_0'])).length,
        (await channels.listMembers(db, 'chn_plain_0', [BOB])).length,
        await messages.find(db, 'msg_plain'),
        (await messages.history(db, 'chn_plain_0', { direction: 'forward', beyond: null, limit: 50 })).length,
        await messages.countUnread(db, 'chn_plain_0', 'somebody'),
        await messages.edit(db, 'msg_plain', { body: 'mine now', mentions: null }),
        await messages.delete(db, 'msg_plain'),
        (await organizations.listOf(db, BOB)).length,
        await organizations.findForMember(db, 'org_0', BOB),
        await memberships.findRole(db, 'org_0', BOB),
        (await memberships.list(db, 'org_0', null, 50)).length,
        await invitations.find(db, 'inv_org_0'),
      ];
    };
    expect(await asked(database.as([EVE]))).toEqual([null, 0, 0, null, 0, 0, null, null, 0, null, null, 0, null]);
    const theirs = await asked(database.as([BOB]));
    // Only the invitation is not for members.
    expect(theirs.filter((answer) => answer === null || answer === 0)).toEqual([null]);
    expect(await new InvitationRepository().find(database.as([ADA]), 'inv_org_0')).toMatchObject({ id: 'inv_org_0' });
    await expect(
      database.as([EVE]).transaction((tx) => {
        new MessageRepository().insertAllAtCommit(tx, [forged()]);
        return Promise.resolve();
      }),
    ).rejects.toMatchObject({ state: INSUFFICIENT_PRIVILEGE });
  });

  it('keeps mentions to those who read the channel, and turns to whose they are', async () => {
    await create(database, SMALL);
    const mention = `INSERT INTO message_mentions (channel_id, participant_id, "offset") VALUES ('chn_plain_0', $1, 1)`;
    const turn = `INSERT INTO slow_mode_turns (channel_id, participant_id, at) VALUES ('chn_plain_0', $1, now())`;
    for (const statement of [mention, turn]) {
      await database.as([BOB]).sql(statement, [BOB]);
      await expect(database.as([EVE]).sql(statement, [EVE])).rejects.toMatchObject({ state: INSUFFICIENT_PRIVILEGE });
    }
    await expect(database.as([BOB]).sql(turn, [EVE])).rejects.toMatchObject({ state: INSUFFICIENT_PRIVILEGE });
    for (const table of ['message_mentions', 'slow_mode_turns']) {
      const rowsFor = async (viewer: string): Promise<number> => (await database.as([viewer]).sql(`SELECT 1 FROM ${table}`)).length;
      expect([await rowsFor(BOB), await rowsFor(EVE)]).toEqual([1, 0]);
    }
  });

  it('lets a batch speak for each of its writers, and for nobody else', async () => {
    await create(database, SMALL);
    let offset = 10;
    const write = (...senders: string[]): Promise<void> =>
      database.as([BOB, 'att_guest_0']).transaction(async (tx) => {
        const messages = senders.map((senderId) => ({ ...forged(), senderId, offset: (offset += 1), id: `msg_${offset}` }));
        new MessageRepository().insertAllAtCommit(tx, messages);
        return Promise.resolve();
      });
    await write(BOB, BOB);
    await expect(write(BOB, EVE)).rejects.toMatchObject({ state: INSUFFICIENT_PRIVILEGE });
    await expect(write('att_guest_0')).rejects.toMatchObject({ state: INSUFFICIENT_PRIVILEGE });
  });

  it('forgets for whom a connection acted, when it ends well and when it fails', async () => {
    await create(database, SMALL);
    for (let n = 0; n < 20; n += 1) {
      await database.as('system').sql('SELECT 1');
      await database
        .as('system')
        .sql('SELECT 1/0')
        .catch(() => undefined);
      await database.as('system').transaction((tx) => tx.sql('SELECT 1'));
      await database
        .as('system')
        .transaction((tx) => tx.sql('SELECT 1/0'))
        .catch(() => undefined);
      expect(await readAll(database)).toEqual(NOTHING);
    }
  });

  it('takes an id for an id, whatever it looks like', async () => {
    await create(database, SMALL);
    for (const id of ['system', '{system}', `${BOB},x`, `",${BOB}`, "'", '\\', 'NULL', ''])
      expect(await readAll(database.as([id]))).toEqual(NOTHING);
    expect(await database.as(['"}', BOB]).sql('SELECT id FROM organizations')).toEqual([{ id: 'org_0' }]);
  });

  it('cannot be changed or turned off by the role that it binds', async () => {
    expect(await isBound(database)).toBe(true);
    for (const statement of [
      'ALTER TABLE messages DISABLE ROW LEVEL SECURITY',
      'DROP POLICY "read" ON messages',
      'CREATE POLICY all_mine ON messages USING (true)',
      'CREATE OR REPLACE FUNCTION acts_as_system() RETURNS boolean LANGUAGE sql AS $$ SELECT true $$',
      'ALTER TABLE messages OWNER TO CURRENT_USER',
      'TRUNCATE messages',
      'DELETE FROM _prisma_migrations',
    ])
      expect([statement, await stateOf(database.as([EVE]).sql(statement))]).toEqual([statement, INSUFFICIENT_PRIVILEGE]);
    const unguarded = database.as([EVE]).transaction(async (tx) => {
      await tx.sql('SET LOCAL row_security = off');
      return tx.sql('SELECT * FROM messages');
    });
    expect(await stateOf(unguarded)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  if (kind === 'postgres') {
    it('does not bind an owner, which is told', async () => {
      const owner = await createPostgresDatabase({ url: opened.url ?? '', role: null, poolSize: 1 });
      expect(await isBound(owner).finally(() => owner.close())).toBe(false);
    });

    it('leaves no way to the owner when the application signs in as its role itself', async () => {
      const role = `parley_test_${randomBytes(6).toString('hex')}`;
      await asOwner(database, `CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
      const url = Object.assign(new URL(opened.url ?? ''), { username: role, password: role }).href;
      const own = await createPostgresDatabase({ url, ownerUrl: opened.url, role, poolSize: 1 });
      try {
        expect(await migrate(own)).toEqual([]);
        expect(await isBound(own)).toBe(true);
        await create(own, SMALL);
        await own.sql('SET ROLE NONE');
        expect(await own.sql('SELECT current_user AS name, session_user AS login')).toEqual([{ name: role, login: role }]);
        expect(await readAll(own)).toEqual(NOTHING);
        expect(await stateOf(own.sql(`SET ROLE "${new URL(opened.url ?? '').username}"`))).toBe(INSUFFICIENT_PRIVILEGE);
      } finally {
        await own.close();
        await asOwner(database, `DROP OWNED BY ${role}`);
        await asOwner(database, `DROP ROLE ${role}`);
      }
    });
  }

  /** What a write touches; `refused` when row security says no. Nothing of it stays. */
  async function attempt(who: string, { text }: Write): Promise<Write['expected']> {
    const undo = new Error('undo');
    let touched: string[] = [];
    try {
      await database.as([who]).transaction(async (tx) => {
        const rows = await tx.sql<{ key: string }>(text);
        touched = rows.map(({ key }) => key).sort();
        throw undo;
      });
    } catch (error) {
      if (error !== undo)
        return stateOf(Promise.reject(error as Error)).then((state) => (state === INSUFFICIENT_PRIVILEGE ? 'refused' : [state]));
    }
    return touched;
  }
});

interface Write {
  readonly text: string;
  readonly expected: 'refused' | readonly string[];
}

function writesOf({ memberships, channels, channelMembers, messages }: World, rights: Rights, sender: string): Write[] {
  const refusedUnless = (allowed: boolean): Write['expected'] => (allowed ? [] : 'refused');
  const messagesWhere = (may: (message: World['messages'][number]) => boolean): string[] =>
    keysOf(
      messages,
      (message) => rights.readsMessages(message.channel) && may(message),
      ({ id }) => id,
    );
  return [
    ...channels.flatMap(({ id }) => [
      {
        text: `INSERT INTO messages (id, channel_id, "offset", sender_id, sender_name, body, created_at) VALUES ('msg_new', '${id}', 999, '${sender}', '', '', now())`,
        expected: refusedUnless(rights.speaksAs(sender, id)),
      },
      {
        text: `INSERT INTO channel_members (channel_id, user_id) VALUES ('${id}', 'usr_new')`,
        expected: refusedUnless(rights.moderates(id)),
      },
    ]),
    ...ORGANIZATIONS.flatMap((id) => [
      {
        text: `INSERT INTO memberships (organization_id, user_id, role) VALUES ('${id}', 'usr_new', 'MEMBER')`,
        expected: refusedUnless(rights.runsOrganization(id)),
      },
      {
        text: `INSERT INTO invitations (id, organization_id, email, role, token_hash, expires_at) VALUES ('inv_new', '${id}', '', 'MEMBER', 'new', now())`,
        expected: refusedUnless(rights.runsOrganization(id)),
      },
      {
        text: `INSERT INTO channels (id, organization_id, name, type) VALUES ('chn_new', '${id}', 'new', 'SHARED')`,
        expected: refusedUnless(rights.belongsToOrganization(id)),
      },
    ]),
    ...messages
      .filter(({ sender: by }) => by === sender)
      .map(({ id, channel }) => ({
        text: `INSERT INTO message_reactions (message_id, participant_id, emoji) VALUES ('${id}', '${sender}', 'new')`,
        expected: refusedUnless(rights.speaksAs(sender, channel)),
      })),
    ...messages.map(({ id, channel, sender: by }) => ({
      text: `INSERT INTO message_edits (message_id, number, body, edited_at) VALUES ('${id}', 2, '', now())`,
      expected: refusedUnless(rights.speaksAs(by, channel)),
    })),
    { text: `UPDATE message_edits SET body = 'x' RETURNING message_id AS key`, expected: [] },
    {
      text: `DELETE FROM message_edits RETURNING message_id AS key`,
      expected: messagesWhere(({ channel, sender: by }) => rights.speaksAs(by, channel) || rights.moderates(channel)),
    },
    {
      text: `DELETE FROM message_reactions RETURNING message_id AS key`,
      expected: messagesWhere(({ channel, sender: by }) => rights.speaksAs(by, channel) || rights.moderates(channel)),
    },
    {
      text: `UPDATE reaction_tallies SET tallies = '[]' RETURNING message_id AS key`,
      expected: messagesWhere(({ channel }) => rights.takesPart(channel)),
    },
    {
      text: `DELETE FROM reaction_tallies RETURNING message_id AS key`,
      expected: messagesWhere(({ channel, sender: by }) => rights.speaksAs(by, channel) || rights.moderates(channel)),
    },
    {
      text: `UPDATE messages SET body = 'x' RETURNING id AS key`,
      expected: messagesWhere(({ channel, sender: by }) => rights.speaksAs(by, channel) || rights.moderates(channel)),
    },
    ...channels.flatMap(({ id, session }) =>
      session === null
        ? []
        : [
            {
              text: `INSERT INTO collaboration_items (id, session_id, list, position, body) VALUES ('itm_new', '${session}', 'AGENDA', 'a', '')`,
              expected: refusedUnless(rights.takesPart(id)),
            },
          ],
    ),
    {
      text: `UPDATE collaboration_items SET body = 'x' RETURNING id AS key`,
      expected: itemsOf(channels, (channel) => rights.takesPart(channel)),
    },
    { text: `DELETE FROM collaboration_items RETURNING id AS key`, expected: itemsOf(channels, (channel) => rights.takesPart(channel)) },
    { text: `DELETE FROM messages RETURNING id AS key`, expected: [] },
    {
      text: `UPDATE channel_members SET role = 'OWNER' RETURNING ${KEYS.channel_members} AS key`,
      expected: keysOf(
        channelMembers,
        ({ channel }) => rights.readsMembers(channel) && rights.moderates(channel),
        ({ channel, user }) => `${channel} ${user}`,
      ),
    },
    {
      text: `DELETE FROM channel_members RETURNING ${KEYS.channel_members} AS key`,
      expected: keysOf(
        channelMembers,
        ({ channel, user }) => user === rights.who || (rights.readsMembers(channel) && rights.moderates(channel)),
        ({ channel, user }) => `${channel} ${user}`,
      ),
    },
    {
      text: `UPDATE memberships SET role = 'OWNER' RETURNING ${KEYS.memberships} AS key`,
      expected: keysOf(
        memberships,
        ({ organization }) => rights.runsOrganization(organization),
        ({ organization, user }) => `${organization} ${user}`,
      ),
    },
    {
      text: `DELETE FROM memberships RETURNING ${KEYS.memberships} AS key`,
      expected: keysOf(
        memberships,
        ({ organization, user }) => user === rights.who || rights.runsOrganization(organization),
        ({ organization, user }) => `${organization} ${user}`,
      ),
    },
    {
      text: `UPDATE organizations SET name = 'x' RETURNING id AS key`,
      expected: ORGANIZATIONS.filter((id) => rights.runsOrganization(id)),
    },
    {
      text: `UPDATE invitations SET revoked_at = now() RETURNING id AS key`,
      expected: ORGANIZATIONS.filter((id) => rights.runsOrganization(id)).map(invitationOf),
    },
    { text: `DELETE FROM invitations RETURNING id AS key`, expected: [] },
    { text: `DELETE FROM organizations RETURNING id AS key`, expected: [] },
    { text: `INSERT INTO organizations (id, name) VALUES ('org_new', 'x')`, expected: 'refused' },
  ];
}

/** What this person should read; null: everything there is. */
function readable({ memberships, channels, channelMembers, messages, ...made }: World, who: string | null): Record<string, string[]> {
  const rights = who === null ? null : new Rights({ memberships, channels, channelMembers, messages, ...made }, who);
  const readableMessages = keysOf(
    messages,
    ({ channel }) => rights?.readsMessages(channel) ?? true,
    ({ id }) => id,
  );
  return {
    organizations: ORGANIZATIONS.filter((id) => rights?.readsOrganization(id) ?? true),
    memberships: keysOf(
      memberships,
      ({ organization }) => rights?.readsOrganization(organization) ?? true,
      ({ organization, user }) => `${organization} ${user}`,
    ),
    invitations: ORGANIZATIONS.filter((id) => rights?.readsInvitations(id) ?? true).map(invitationOf),
    channels: keysOf(
      channels,
      ({ id }) => rights?.readsChannel(id) ?? true,
      ({ id }) => id,
    ),
    channel_members: keysOf(
      channelMembers,
      ({ channel }) => rights?.readsMembers(channel) ?? true,
      ({ channel, user }) => `${channel} ${user}`,
    ),
    messages: readableMessages,
    message_reactions: readableMessages,
    reaction_tallies: readableMessages,
    message_edits: readableMessages,
    collaboration_items: itemsOf(channels, (channel) => rights?.readsMessages(channel) ?? true),
  };
}

/** Each session has one; who may is told by the channel that the session has. */
function itemsOf(channels: World['channels'], may: (channel: string) => boolean): string[] {
  return channels.flatMap(({ id, session }) => (session !== null && may(id) ? [itemOf(session)] : [])).sort();
}

function keysOf<T>(rows: readonly T[], counts: (row: T) => boolean, keyOf: (row: T) => string): string[] {
  return rows.filter(counts).map(keyOf).sort();
}

/** The keys of all rows of each table that are shown. */
async function readAll(db: Db | Tx): Promise<Record<string, string[]>> {
  const shown: Record<string, string[]> = {};
  for (const table of TABLES) {
    const rows = await db.sql<{ key: string }>(`SELECT ${KEYS[table] ?? 'id'} AS key, * FROM ${table}`);
    shown[table] = rows.map(({ key }) => key).sort();
  }
  return shown;
}

async function stateOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof SqlError ? error.state : String(error)),
  );
}

function forged() {
  return {
    id: 'msg_forged',
    channelId: 'chn_plain_0',
    offset: 99,
    senderId: BOB,
    senderName: 'Bob',
    body: 'never said',
    replyToId: null,
    mentions: null,
    clientId: null,
    clientDigest: null,
    createdAt: new Date(),
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
  };
}
