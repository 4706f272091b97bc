import { buildSchema, execute, parse } from 'graphql';
import { ANONYMOUS } from '../../src/lib/viewer';
import type { Caller, OperationRecord } from '../../src/graphql/pipeline';
import { Pipeline } from '../../src/graphql/pipeline';
import { costInUnits } from '../support/fastest';

const SCHEMA = buildSchema('type Query { me: User a: String } type User { id: ID name: String friend: User }');

function createPipeline(options: Partial<ConstructorParameters<typeof Pipeline>[0]> = {}): {
  pipeline: Pipeline;
  records: OperationRecord[];
} {
  const records: OperationRecord[] = [];
  const observer = { operationEnded: (record: OperationRecord) => void records.push(record), operationFailed: () => undefined };
  const resolverOf = (): never => {
    throw new Error('no resolvers here');
  };
  return { pipeline: new Pipeline({ schema: SCHEMA, resolverOf, observer, ...options }), records };
}

const CALLER: Caller = {
  transport: 'http',
  address: '127.0.0.1',
  requestId: 'request-1',
  signal: new AbortController().signal,
  authenticate: async () => ANONYMOUS,
  onTooSlow: () => undefined,
};

/** An honest document near the limit of tokens: a twelfth of a millisecond to read, where nothing else runs. */
const LARGE = `{ ${Array.from({ length: 660 }, (_, i) => `f${i}: id`).join(' ')} }`;

/** In readings of a large document: a figure that is the same on a fast machine and on a slow one. */
const costOf = (work: () => unknown): Promise<number> => costInUnits(work, () => parse(LARGE));

describe('what an attack costs', () => {
  test.each([
    ['1,000 aliases', `{ ${Array.from({ length: 1_000 }, (_, i) => `a${i}: me { id }`).join(' ')} }`],
    ['1,000 directives', `{ a ${'@aa '.repeat(1_000)} }`],
    ['10,000 opening braces', '{ me '.repeat(10_000)],
    ['60 kB of spaces', ' '.repeat(60_000)],
    [
      '40 fragments that double',
      `{ ...f0 } ${Array.from({ length: 40 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f40 on Query { a }`,
    ],
  ])('%s is refused for less than reading 20 large documents costs', async (_what, query) => {
    const { pipeline } = createPipeline();
    expect(pipeline.prepare({ query }).ok).toBe(false);
    expect(await costOf(() => pipeline.prepare({ query }))).toBeLessThan(20);
  });

  test.each([
    ['one field as often as allowed', `{ me { ${'friend { id name } '.repeat(50)} } }`],
    ['repeats inside repeats', `{ me { ${`friend { ${'friend { id } '.repeat(11)} } `.repeat(20)} } }`],
    ['repeats through fragments', `{ me { ${'friend { ...f } '.repeat(20)} } } fragment f on User { ${'friend { id } '.repeat(11)} }`],
  ])('%s is checked for less than reading 500 large documents costs', async (_what, query) => {
    const spoiled = `${query} fragment unused on User { id }`;
    const { pipeline } = createPipeline();
    expect(pipeline.prepare({ query: spoiled })).toMatchObject({
      ok: false,
      errors: [expect.objectContaining({ message: expect.stringContaining('never used') })],
    });
    expect(await costOf(() => pipeline.prepare({ query: spoiled }))).toBeLessThan(500);
  });

  test('an answer holds at most ten errors, however many there are', async () => {
    const { pipeline } = createPipeline();
    const query = `{ me { ${Array.from({ length: 400 }, (_, i) => `x${i}`).join(' ')} } }`;
    const answer = await pipeline.answer(CALLER, pipeline.prepare({ query }));
    expect(answer.payload.errors).toHaveLength(10);
    expect(JSON.stringify(answer.payload).length).toBeLessThan(3_000);
  });

  test('a long name is not sent back whole', async () => {
    const { pipeline } = createPipeline();
    const answer = await pipeline.answer(CALLER, pipeline.prepare({ query: `{ ${'x'.repeat(50_000)} }` }));
    expect(JSON.stringify(answer.payload).length).toBeLessThan(1_000);
  });
});

describe('checked documents', () => {
  test('are parsed and validated once', () => {
    const { pipeline } = createPipeline();
    const first = pipeline.prepare({ query: '{ a }' });
    const second = pipeline.prepare({ query: '{ a }' });
    expect(first.ok && second.ok && first.document === second.document).toBe(true);
    expect(pipeline.documents.size).toBe(1);
  });

  test('are not kept when they fail', () => {
    const { pipeline } = createPipeline();
    pipeline.prepare({ query: '{ b }' });
    pipeline.prepare({ query: '{' });
    expect(pipeline.documents.size).toBe(0);
  });

  test('leave when they would take more than 8 MB, the least recently used first', () => {
    const { pipeline } = createPipeline();
    pipeline.prepare({ query: '{ a }' });
    for (let i = 0; i < 500; i += 1) {
      pipeline.prepare({ query: `{ a } # ${i} ${'x'.repeat(20_000)}` });
      pipeline.prepare({ query: '{ a }' });
    }
    expect(pipeline.documents.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(pipeline.documents.size).toBeGreaterThan(100);
    expect(pipeline.documents.get('{ a }')).toBeDefined();
  });

  test('are at most a thousand', () => {
    const { pipeline } = createPipeline();
    for (let i = 0; i < 1_100; i += 1) pipeline.prepare({ query: `query q${i} { a }` });
    expect(pipeline.documents.size).toBe(1_000);
  });
});

test('the operation is chosen by name, and recorded under it', async () => {
  const { pipeline, records } = createPipeline({ execute: (args) => execute({ ...args, rootValue: { a: 'A' } }) });
  const answer = await pipeline.answer(CALLER, pipeline.prepare({ query: 'query One { a } query Two { b: a }', operationName: 'Two' }));
  expect(answer).toEqual({ kind: 'result', payload: { data: { b: 'A' } } });
  expect(records).toMatchObject([{ name: 'Two', type: 'query', outcome: 'OK', transport: 'http', requestId: 'request-1' }]);
});

test('nobody is asked who they are for a document that is refused', async () => {
  const { pipeline } = createPipeline();
  const authenticate = jest.fn(async () => ANONYMOUS);
  await pipeline.answer({ ...CALLER, authenticate }, pipeline.prepare({ query: '{ b }' }));
  expect(authenticate).not.toHaveBeenCalled();
});

test('an executor that throws is masked', async () => {
  const execute = (): never => {
    throw new Error('canary');
  };
  const { pipeline, records } = createPipeline({ execute });
  const answer = await pipeline.answer(CALLER, pipeline.prepare({ query: '{ a }' }));
  expect(answer).toMatchObject({ kind: 'refused', code: 'INTERNAL_SERVER_ERROR' });
  expect(JSON.stringify(answer)).not.toContain('canary');
  expect(records).toHaveLength(1);
});
