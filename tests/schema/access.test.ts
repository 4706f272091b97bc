import 'reflect-metadata';
import { buildSchema } from 'graphql';
import { accessOf } from '../../src/app/access';
import { ROOMS } from '../../src/app/modules';
import { buildParleySchema } from '../../src/app/schema';
import type { AccessTable } from '../../src/graphql/access';
import { AccessError, allow, AS_PARENT, assembleAccess } from '../../src/graphql/access';

const schema = buildSchema(`
  type Query { thing(id: ID!): Thing }
  type Mutation { change: Change! }
  type Change { thing: Thing! }
  type Thing { id: ID! secret: String }
`);
const COMPLETE: AccessTable = {
  Query: { thing: allow('somebody', 'things:read') },
  Mutation: { change: allow('user', 'things:write') },
  Change: AS_PARENT,
  Thing: { '*': allow('somebody'), secret: allow('self') },
};

function problemsOf(...tables: AccessTable[]): readonly string[] {
  const declared = tables.map((table, index) => ({ file: `${index + 1}.access.ts`, table }));
  try {
    assembleAccess(schema, declared, (type) => `${type.toLowerCase()}.access.ts`);
    return [];
  } catch (error) {
    if (error instanceof AccessError) return error.problems;
    throw error;
  }
}

describe('the tables of the rooms', () => {
  it('give every field of the schema one policy, and no policy to a field that is not there', () => {
    expect(buildParleySchema().access.size).toBeGreaterThan(150);
  });

  it('make the schema: without the policy of one field it is not built, and the failure names the field and its file', () => {
    const forgetful = ROOMS.map((room) => (room.name === 'questions' ? { ...room, access: without(room.access, 'askQuestion') } : room));
    expect(() => accessOf(buildParleySchema().schema, forgetful)).toThrow(
      'Mutation.askQuestion has no policy: add it to src/modules/questions/questions.access.ts',
    );
  });

  it('have no place yet for a type of a new room: the failure names the room that gives it out', () => {
    const withoutChannel = ROOMS.map((room) => (room.name === 'channels' ? { ...room, access: {} } : room));
    expect(() => accessOf(buildParleySchema().schema, withoutChannel)).toThrow(
      'Channel.name has no policy: add it to src/modules/channels/channels.access.ts',
    );
  });
});

function without({ Mutation, ...rest }: AccessTable, field: string): AccessTable {
  return { ...rest, Mutation: Object.fromEntries(Object.entries(Mutation ?? {}).filter(([name]) => name !== field)) };
}

describe('an access table', () => {
  it('is complete when each field is named or under its type', () => {
    expect(problemsOf(COMPLETE)).toEqual([]);
  });

  it('names root fields one by one', () => {
    expect(problemsOf({ ...COMPLETE, Query: { '*': allow('anyone') } })).toEqual([
      'Query.thing has no policy: add it to query.access.ts',
      'Query.* in 1.access.ts is the policy of no field: take it out',
    ]);
  });

  it('misses a field of an object', () => {
    expect(problemsOf({ ...COMPLETE, Thing: { secret: allow('self') } })).toEqual(['Thing.id has no policy: add it to thing.access.ts']);
  });

  it('holds no policy of a field that is gone', () => {
    expect(problemsOf({ ...COMPLETE, Thing: { ...COMPLETE.Thing, old: allow('self') } })).toEqual([
      'Thing.old in 1.access.ts is the policy of no field: take it out',
    ]);
  });

  it('shares no field with another', () => {
    expect(problemsOf(COMPLETE, { Thing: { secret: allow('anyone') } })).toEqual([
      'Thing.secret has two policies: in 1.access.ts and in 2.access.ts',
    ]);
  });
});
