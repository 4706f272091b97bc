import { VARIABLE_LIST, VARIABLES } from '../../src/config/variables';

describe('the table of variables', () => {
  it.each(VARIABLE_LIST)('$name accepts its own example and its defaults', ({ schema, example, ...variable }) => {
    const defaults = typeof variable.default === 'object' ? Object.values(variable.default) : [variable.default];
    for (const text of [example, ...defaults]) expect(schema.safeParse(text).error).toBeUndefined();
  });

  it.each(VARIABLE_LIST)('$name says what happens when it is unset', (variable) => {
    expect(variable.default ?? variable.unset).toBeDefined();
  });

  it('names secrets as such', () => {
    const secrets = VARIABLE_LIST.filter(({ secret }) => secret).map(({ name }) => name);
    expect(secrets).toEqual([
      'DATABASE_URL',
      'PARLEY_MIGRATION_DATABASE_URL',
      'REDIS_URL',
      'JWT_SECRET',
      'PARLEY_SMTP_URL',
      'PARLEY_OAUTH_GOOGLE_CLIENT_SECRET',
      'PARLEY_OAUTH_GITHUB_CLIENT_SECRET',
      'PARLEY_OIDC_CLIENT_SECRET',
      'PARLEY_HOOKS',
      'PARLEY_TURN_SECRET',
      'PARLEY_LIVEKIT_API_SECRET',
    ]);
    expect(Object.keys(VARIABLES)).toEqual(VARIABLE_LIST.map(({ name }) => name));
  });
});
