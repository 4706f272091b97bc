import 'reflect-metadata';
import { getNamedType, isInputObjectType } from 'graphql';
import type { GraphQLField } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { registerAccount } from '../support/factories/stage';
import type { Account } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

/** What a client would set if it could: it is the server's to decide. */
const COVETED = {
  role: 'ADMIN',
  platformRole: 'ADMIN',
  organizationId: 'org_00000000000000000000000000',
  tenantId: 'org_00000000000000000000000000',
  userId: 'usr_00000000000000000000000000',
  hostId: 'usr_00000000000000000000000000',
  senderId: 'usr_00000000000000000000000000',
  price: 1,
  amountMinor: 1,
  plan: 'PRO',
  status: 'LIVE',
  id: 'ses_00000000000000000000000000',
} as const;

const CREATE = 'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }';

const FIELDS = Object.values(buildParleySchema().schema.getMutationType()?.getFields() ?? {}).flatMap((field) => {
  const type = getNamedType(field.args.find(({ name }) => name === 'input')?.type);
  return isInputObjectType(type) ? [{ field, type }] : [];
});

describe('an input with a field more', () => {
  let app: TestApp;
  let account: Account;
  let before: string;

  beforeAll(async () => {
    app = await startTestApp();
    account = await registerAccount(app.url);
    before = await everything();
  });
  afterAll(() => app.close());

  it.each(FIELDS.map(({ field, type }) => [field.name, field, type] as const))('of %s is refused', async (name, field, type) => {
    const accepted: string[] = [];
    for (const [extra, value] of Object.entries(COVETED)) {
      // What the input declares is no secret way in.
      if (extra in type.getFields()) continue;
      const byVariable = await codeOf(`mutation ($input: ${type.name}!) { ${name}(input: $input) ${selectionOf(field)} }`, {
        input: { [extra]: value },
      });
      const byLiteral = await codeOf(`mutation { ${name}(input: { ${extra}: ${JSON.stringify(value)} }) ${selectionOf(field)} }`, {});
      if (byVariable !== 'BAD_USER_INPUT') accepted.push(`${extra} as a variable: ${byVariable}`);
      if (byLiteral !== 'GRAPHQL_VALIDATION_FAILED') accepted.push(`${extra} as a literal: ${byLiteral}`);
    }
    expect(accepted).toEqual([]);
  });

  it('has written nothing', async () => {
    expect(await codeOf(CREATE, { input: { title: 'Mine', hostId: COVETED.hostId } })).toBe('BAD_USER_INPUT');
    // It may be named, by those who belong to it.
    expect(await codeOf(CREATE, { input: { title: 'Mine', organizationId: COVETED.organizationId } })).toBe('NOT_FOUND');
    expect(await everything()).toBe(before);
  });

  async function codeOf(query: string, variables: Record<string, unknown>): Promise<string> {
    const { json } = await account.api.post({ query, variables });
    return (json.errors as { extensions: { code: string } }[] | undefined)?.[0]?.extensions.code ?? 'accepted';
  }

  /** How many rows there are of what mutations write. */
  async function everything(): Promise<string> {
    const tables = ['users', 'organizations', 'memberships', 'sessions', 'attendees', 'channels', 'messages', 'questions', 'votes'];
    const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
    return JSON.stringify(await app.database.as('system').sql(`SELECT ${counts.join(', ')}`));
  }
});

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  return getNamedType(field.type).name === 'Boolean' ? '' : '{ __typename }';
}
