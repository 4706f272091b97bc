import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { Pipeline } from '../../src/graphql/pipeline';
import { EXAMPLE_TABS } from '../../src/transport/graphiql-examples';

test('every example of the playground is valid and within the limits', () => {
  const schema = buildSchema(readFileSync(path.join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));
  const observer = { operationEnded: () => undefined, operationFailed: () => undefined };
  const pipeline = new Pipeline({ schema, observer, resolverOf: () => Promise.reject(new Error('not executed')) as never });
  for (const { query } of EXAMPLE_TABS) {
    const [, operationName] = /(?:mutation|query|subscription) (\w+)/.exec(query) ?? [];
    const prepared = pipeline.prepare({ query, operationName });
    // Its variables are left to the visitor; everything before them must hold.
    if (!prepared.ok) expect(prepared.errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  }
});
