import { buildParleySchema } from '../../../src/app/schema';
import { ApiKeyScope } from '../../../src/modules/api-keys/api-key.scope';

const { access } = buildParleySchema();
const asked = new Set([...access.values()].flatMap(({ scope }) => (scope === null ? [] : [scope])));

test('every scope that a field asks for can be given to a key, and opens something', () => {
  expect([...asked].sort()).toEqual(Object.values<string>(ApiKeyScope).sort());
});

test('what would make another way in is closed to keys', () => {
  const doors = [
    ...['login', 'register', 'refreshTokens', 'logout', 'joinSession', 'createApiKey', 'revokeApiKey', 'renewConnection'],
    ...['logoutEverywhere', 'changePassword', 'exchangeSignInCode', 'linkIdentity', 'unlinkIdentity'],
  ];
  expect(doors.map((name) => access.get(`Mutation.${name}`)?.scope)).toEqual(doors.map(() => null));
});
