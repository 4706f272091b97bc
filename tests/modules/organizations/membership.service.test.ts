import type { Ending } from '../../../src/lib/ending';
import type { UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { MembershipRole } from '../../../src/modules/organizations';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { refused } from '../refused';
import { by } from '../by';
import type { Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = { code: 'NOT_FOUND' };
const PAGE = { after: null, limit: 10 };

describe.each(testBackends())('members of an organization on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let owner: UserViewer;
  let id: string;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    owner = await stage.user('Owner');
    id = (await stage.organizations.create(by(owner), ' Acme ')).id;
  });
  afterAll(() => opened.close());

  const emailOf = async ({ userId }: UserViewer): Promise<string> => (await stage.users.find(opened.database, userId))!.email!;
  const hire = async (role: MembershipRole): Promise<UserViewer> => {
    const user = await stage.user(role);
    const { token } = await stage.invitations.invite(by(owner), { organizationId: id, email: await emailOf(user), role });
    await stage.invitations.accept(by(user), token);
    return user;
  };
  const rolesOf = async (): Promise<Record<string, MembershipRole>> => {
    const members = await stage.memberships.list(owner, id, PAGE);
    return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
  };
  const facts = (): Promise<{ action: string; targetId: string }[]> =>
    opened.database.sql(`SELECT action, target_id AS "targetId" FROM audit_entries WHERE organization_id = $1 ORDER BY at, id`, [id]);

  it('has its maker as owner, and is renamed by admins only', async () => {
    expect(await stage.organizations.findFor(owner, id)).toMatchObject({ name: 'Acme', plan: 'FREE' });
    const [admin, member, stranger] = [await hire('ADMIN'), await hire('MEMBER'), await stage.user()];
    expect(await stage.organizations.rename(by(admin), id, 'Acme Ltd')).toMatchObject({ name: 'Acme Ltd' });
    await expect(stage.organizations.rename(by(member), id, 'Mine')).rejects.toMatchObject(
      refused('FORBIDDEN', 'ORGANIZATION_ROLE_TOO_LOW'),
    );
    await expect(stage.organizations.rename(by(stranger), id, 'Mine')).rejects.toMatchObject(NOT_FOUND);
    await expect(stage.organizations.create(by(ANONYMOUS), 'Nobody')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  describe('an invitation', () => {
    it('lets in the account with its address, once, and nobody else', async () => {
      const [user, thief] = [await stage.user('New'), await stage.user('Thief')];
      const email = (await emailOf(user)).toUpperCase();
      const { invitation, token } = await stage.invitations.invite(by(owner), { organizationId: id, email, role: 'ADMIN' });
      expect(invitation.email).toBe(email.toLowerCase());
      await expect(stage.invitations.accept(by(thief), token)).rejects.toMatchObject(NOT_FOUND);
      const both = await Promise.allSettled([stage, there].map(({ invitations }) => invitations.accept(by(user), token)));
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await stage.organizations.roleOf(opened.database.as([user.userId]), user, id)).toBe('ADMIN');
      await expect(stage.invitations.accept(by(user), token)).rejects.toMatchObject(NOT_FOUND);
      const kept = await opened.database.as('system').sql<{ tokenHash: string }>(`SELECT token_hash AS "tokenHash" FROM invitations`);
      expect(kept).not.toEqual([]);
      expect(JSON.stringify(kept)).not.toContain(token);
    });

    it('is worth nothing once revoked, replaced or expired', async () => {
      const user = await stage.user();
      const draft = { organizationId: id, email: await emailOf(user), role: 'MEMBER' as const };
      const replaced = await stage.invitations.invite(by(owner), draft);
      const revoked = await stage.invitations.invite(by(owner), draft);
      await stage.invitations.revoke(by(owner), revoked.invitation.id);
      const expired = await stage.invitations.invite(by(owner), draft);
      expect(await stage.invitations.list(owner, id, PAGE)).toMatchObject([{ id: expired.invitation.id }]);
      await opened.database.as('system').sql(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [expired.invitation.id]);
      for (const { token } of [replaced, revoked, expired])
        await expect(stage.invitations.accept(by(user), token)).rejects.toMatchObject(NOT_FOUND);
      expect(await stage.invitations.list(owner, id, PAGE)).toEqual([]);
    });

    it('is made, read and revoked by admins; for an owner, made by owners', async () => {
      const [admin, member, stranger] = [await hire('ADMIN'), await hire('MEMBER'), await stage.user()];
      const draft = { organizationId: id, email: 'new@example.org', role: 'MEMBER' as const };
      const { invitation } = await stage.invitations.invite(by(admin), draft);
      await expect(stage.invitations.invite(by(admin), { ...draft, role: 'OWNER' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(stage.invitations.invite(by(member), draft)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(stage.invitations.invite(by(stranger), draft)).rejects.toMatchObject(NOT_FOUND);
      await expect(stage.invitations.list(member, id, PAGE)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      for (const viewer of [member, stranger]) {
        expect(await stage.invitations.findFor(viewer, invitation.id)).toBeNull();
        await expect(stage.invitations.revoke(by(viewer), invitation.id)).rejects.toMatchObject(NOT_FOUND);
      }
      expect(await stage.invitations.findFor(admin, invitation.id)).toMatchObject({ email: draft.email });
      const email = await emailOf(member);
      await expect(stage.invitations.invite(by(admin), { ...draft, email })).rejects.toMatchObject(refused('CONFLICT', 'ALREADY_MEMBER'));
    });
  });

  it('are seen by members, their addresses by admins and by themselves', async () => {
    const [admin, member, stranger] = [await hire('ADMIN'), await hire('MEMBER'), await stage.user()];
    const emails = [owner, admin, member].map(emailOf);
    const seen = async (viewer: UserViewer): Promise<unknown[]> =>
      (await stage.memberships.list(viewer, id, PAGE)).map(({ email }) => email);
    expect(await seen(admin)).toEqual(await Promise.all(emails));
    expect(await seen(member)).toEqual([null, null, await emails[2]]);
    await expect(seen(stranger)).rejects.toMatchObject(NOT_FOUND);
  });

  it('become something else by admins, owners by owners', async () => {
    const [admin, member, stranger] = [await hire('ADMIN'), await hire('MEMBER'), await stage.user()];
    const change = (viewer: UserViewer, { userId }: UserViewer, role: MembershipRole): Promise<unknown> =>
      stage.memberships.changeRole(by(viewer), id, userId, role);
    await change(admin, member, 'ADMIN');
    await expect(change(admin, member, 'OWNER')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(change(admin, owner, 'MEMBER')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(change(owner, owner, 'ADMIN')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'LAST_OWNER'));
    await change(owner, member, 'OWNER');
    await change(member, owner, 'ADMIN');
    expect(await rolesOf()).toEqual({ [owner.userId]: 'ADMIN', [admin.userId]: 'ADMIN', [member.userId]: 'OWNER' });
    await expect(change(owner, stranger, 'MEMBER')).rejects.toMatchObject(NOT_FOUND);
    await expect(change(stranger, admin, 'MEMBER')).rejects.toMatchObject(NOT_FOUND);
  });

  it('leave, and are sent away, but never the last owner; all of it is audited', async () => {
    const [admin, member] = [await hire('ADMIN'), await hire('MEMBER')];
    await expect(stage.memberships.leave(by(owner), id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'LAST_OWNER'));
    await expect(stage.memberships.remove(by(admin), id, owner.userId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(stage.memberships.remove(by(member), id, admin.userId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await stage.memberships.remove(by(admin), id, member.userId);
    await stage.memberships.leave(by(admin), id);
    expect(await rolesOf()).toEqual({ [owner.userId]: 'OWNER' });
    expect(await stage.organizations.findFor(member, id)).toBeNull();
    expect((await facts()).slice(-2)).toEqual([
      { action: 'member.removed', targetId: member.userId },
      { action: 'member.left', targetId: admin.userId },
    ]);
  });

  it('take their channels along when they go: memberships end, what they own passes to the owner', async () => {
    const member = await hire('MEMBER');
    const draft = { organizationId: id, type: 'SHARED' as const };
    const own = await stage.channels.create(by(member), { ...draft, name: 'support:own:1' });
    const joined = await stage.channels.create(by(owner), { ...draft, name: 'support:joined:1', memberIds: [member.userId] });
    const elsewhere = await stage.channels.create(by(member), { type: 'SHARED', name: 'support:mine:1' });
    await stage.memberships.remove(by(owner), id, member.userId);
    for (const channel of [own, joined]) {
      expect(await stage.channels.findFor(member, channel.id)).toBeNull();
      expect(await stage.channels.findFor(owner, channel.id)).toMatchObject({ moderates: true });
    }
    expect(await stage.channels.findFor(member, elsewhere.id)).not.toBeNull();
    const told = await stage.kernel.log.read(`channel:${own.id}`, 0, 10);
    expect(told.map(({ type }) => type)).toEqual(['channel.member_joined', 'channel.owner_changed', 'channel.member_left']);
  });

  it('lose what they follow by a role with the role, on another instance too, and only that', async () => {
    const [admin, colleague] = [await hire('ADMIN'), await hire('ADMIN')];
    const parent = new AbortController();
    const follow = (viewer: UserViewer, least: MembershipRole): Promise<Ending | null> =>
      there.organizations.followRole(viewer, id, least, parent.signal);
    const [asAdmin, asMember, others] = [await follow(admin, 'ADMIN'), await follow(admin, 'MEMBER'), await follow(colleague, 'ADMIN')];
    expect(await follow(admin, 'OWNER')).toBeNull();
    expect(await follow(await stage.user(), 'MEMBER')).toBeNull();
    await stage.memberships.changeRole(by(owner), id, admin.userId, 'MEMBER');
    await waitFor(() => asAdmin?.aborted, { timeoutMs: 1_000, what: 'the end of what an admin had' });
    expect([asMember?.aborted, others?.aborted]).toEqual([false, false]);
    await stage.memberships.leave(by(admin), id);
    await waitFor(() => asMember?.aborted, { timeoutMs: 1_000, what: 'the end of what a member had' });
    expect(others?.aborted).toBe(false);
    parent.abort();
    expect(others?.aborted).toBe(true);
  });

  it('make sessions and channels in it; who does not belong to it cannot', async () => {
    const [member, stranger] = [await hire('MEMBER'), await stage.user()];
    expect(await stage.conference(member, { organizationId: id })).toMatchObject({ organizationId: id });
    expect((await stage.conference(member)).organizationId).not.toBe(id);
    await expect(stage.conference(stranger, { organizationId: id })).rejects.toMatchObject(NOT_FOUND);
    const draft = { organizationId: id, name: 'support:customer:1', type: 'SHARED' as const };
    await expect(stage.channels.create(by(stranger), draft)).rejects.toMatchObject(NOT_FOUND);
    expect(await stage.channels.create(by(member), draft)).toMatchObject({ organizationId: id });
  });
});
