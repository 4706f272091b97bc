import type { Rows } from './row';
import { ask, run } from './world';

const UNFOLLOWED = 'an organization cannot be followed';

export const organizationRows: Rows = {
  createOrganization: {
    outside: UNFOLLOWED,
    call: async ({ stranger }, draw) => ({ by: stranger, variables: { input: { name: draw.text() } } }),
  },
  updateOrganization: {
    outside: UNFOLLOWED,
    call: async ({ host, organizationId }, draw) => ({ by: host, variables: { input: { organizationId, name: draw.text() } } }),
  },
  inviteMember: {
    outside: UNFOLLOWED,
    call: async ({ host, organizationId }, draw) => ({
      by: host,
      variables: { input: { organizationId, email: `invited-${draw.nat(1_000_000)}@example.org` } },
    }),
  },
  revokeInvitation: {
    outside: UNFOLLOWED,
    call: async ({ host, organizationId }, draw) => {
      const input = { organizationId, email: `revoked-${draw.nat(1_000_000)}@example.org` };
      const { inviteMember } = await run<Invited>(host, 'inviteMember', { input }, 'invitation { id }');
      return { by: host, variables: { input: { invitationId: inviteMember.invitation.id } } };
    },
  },
  acceptInvitation: {
    outside: UNFOLLOWED,
    call: async (world) => {
      const by = await world.newcomer();
      const input = { organizationId: world.organizationId, email: by.account.email };
      const { inviteMember } = await world.run<Invited>(world.host, 'inviteMember', { input }, 'token');
      return { by, variables: { input: { token: inviteMember.token } } };
    },
  },
  changeMemberRole: {
    outside: UNFOLLOWED,
    call: async (world, draw) => {
      const { userId } = await world.newMember();
      return { by: world.host, variables: { input: { organizationId: world.organizationId, userId, role: draw.of(['ADMIN', 'OWNER']) } } };
    },
  },
  removeMember: {
    outside: UNFOLLOWED,
    call: async (world) => {
      const { userId } = await world.newMember();
      await world.run(world.host, 'addChannelMember', { input: { channelId: world.clubId, userId } }).catch(() => undefined);
      return { by: world.host, variables: { input: { organizationId: world.organizationId, userId } } };
    },
  },
  leaveOrganization: {
    outside: UNFOLLOWED,
    call: async (world) => ({ by: await world.newMember(), variables: { organizationId: world.organizationId } }),
  },
  createApiKey: {
    outside: 'a key is seen by who makes it, and is not followed',
    call: async ({ host, organizationId }, draw) => ({
      by: host,
      variables: { input: { organizationId, name: draw.text(), scopes: ['SESSIONS_READ'] } },
    }),
  },
  revokeApiKey: {
    outside: 'what is open by the key ends; nobody here came by it',
    call: async ({ host, organizationId }, draw) => {
      const input = { organizationId, name: draw.text(), scopes: ['SESSIONS_READ'] };
      const { createApiKey } = await run<{ createApiKey: { apiKey: { id: string } } }>(host, 'createApiKey', { input }, 'apiKey { id }');
      return { by: host, variables: { input: { apiKeyId: createApiKey.apiKey.id } } };
    },
  },
  block: {
    outside: 'keeps requests of an address or a caller out; changes nothing of a session',
    call: async ({ administrator }, draw) => ({
      by: administrator,
      variables: { input: { kind: 'ADDRESS', value: `198.51.100.${1 + draw.nat(200)}`, minutes: 1, reason: 'For a test.' } },
    }),
  },
  unblock: {
    outside: 'lets requests in again; changes nothing of a session',
    call: async ({ administrator }, draw) => {
      const input = { kind: 'ADDRESS', value: `203.0.113.${1 + draw.nat(200)}`, minutes: 1, reason: 'For a test.' };
      await run(administrator, 'block', { input });
      const { blocks } = await ask<Blocks>(administrator, '{ blocks(first: 100) { edges { node { id value } } } }', {});
      return { by: administrator, variables: { input: { id: blocks.edges.find(({ node }) => node.value === input.value)?.node.id } } };
    },
  },
};

interface Invited {
  readonly inviteMember: { readonly token: string; readonly invitation: { readonly id: string } };
}

interface Blocks {
  readonly blocks: { readonly edges: readonly { readonly node: { readonly id: string; readonly value: string } }[] };
}
