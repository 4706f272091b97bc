import { PASSWORD } from '../support/factories/stage';
import type { Rows } from './row';

const OWN = 'of an account, which its owner reads and nobody follows';
const PROVIDER = 'of an account; needs a provider to sign in with, so it is refused here';

export const accountRows: Rows = {
  register: {
    outside: OWN,
    call: async ({ guest }, draw) => ({
      by: guest,
      variables: { input: { email: `new-${draw.nat(1_000_000_000)}@example.org`, password: PASSWORD, displayName: draw.text() } },
    }),
  },
  login: {
    outside: OWN,
    call: async (world) => {
      const by = await world.newcomer();
      return { by, variables: { input: { email: by.account.email, password: PASSWORD } } };
    },
  },
  refreshTokens: {
    outside: OWN,
    call: async (world) => {
      const by = await world.newcomer();
      return { by, variables: { input: { refreshToken: by.account.refreshToken } } };
    },
  },
  logout: { outside: OWN, alone: true, call: async (world) => ({ by: await world.newcomer(), variables: {} }) },
  logoutEverywhere: { outside: OWN, alone: true, call: async (world) => ({ by: await world.newcomer(), variables: {} }) },
  changePassword: {
    outside: OWN,
    alone: true,
    call: async (world) => ({
      by: await world.newcomer(),
      variables: { input: { currentPassword: PASSWORD, newPassword: `${PASSWORD} again` } },
    }),
  },
  completeProfile: {
    outside: OWN,
    call: async (world, draw) => {
      const by = await world.newcomer();
      await world.database.sql('UPDATE users SET profile_completed_at = NULL WHERE id = $1', [by.userId]);
      return { by, variables: { input: { displayName: draw.text() } } };
    },
  },
  updateProfile: {
    outside: 'a name stands in what was said under it as it was then',
    call: async ({ attendee }, draw) => ({ by: attendee, variables: { input: { displayName: draw.text() } } }),
  },
  exchangeSignInCode: {
    outside: PROVIDER,
    refused: 'SIGN_IN_CODE_INVALID',
    call: async ({ guest }) => ({ by: guest, variables: { input: { code: 'nonsense' } } }),
  },
  linkIdentity: {
    outside: PROVIDER,
    refused: 'SIGN_IN_CODE_INVALID',
    call: async ({ attendee }) => ({ by: attendee, variables: { input: { code: 'nonsense', verifier: 'nonsense' } } }),
  },
  unlinkIdentity: {
    outside: PROVIDER,
    refused: 'NOT_FOUND',
    call: async ({ attendee }) => ({ by: attendee, variables: { input: { provider: 'nobody' } } }),
  },
  renewConnection: {
    outside: 'lets an open connection go on, which is nobody else’s business; by itself it is refused',
    refused: 'CONNECTION_NEEDED',
    call: async ({ attendee }) => ({ by: attendee, variables: { input: { accessToken: attendee.api.token ?? '' } } }),
  },
  suspendUser: {
    outside: 'ends what the suspended have open; their place in a session stays as it is',
    call: async (world) => {
      const { userId } = await world.newMember();
      return { by: world.administrator, variables: { input: { userId, reason: 'ABUSE' } } };
    },
  },
  reinstateUser: {
    outside: 'lets them sign in again',
    call: async (world) => {
      const { userId } = await world.newcomer();
      await world.run(world.administrator, 'suspendUser', { input: { userId, reason: 'ABUSE' } });
      return { by: world.administrator, variables: { input: { userId } } };
    },
  },
};
