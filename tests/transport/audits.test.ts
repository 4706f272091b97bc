import { serverAudits } from 'graphql-http';
import { startTestServer } from './test-server';

test('the graphql-http audits find no error and no warning', async () => {
  const { url } = await startTestServer();
  const audits = serverAudits({ url: `${url}/graphql` });
  const results = [];
  for (const audit of audits) results.push(await audit.fn());

  expect(results).toHaveLength(61);
  const failed = results.filter(({ status }) => status === 'error' || status === 'warn');
  expect(failed.map(({ id, name, status }) => ({ id, name, status }))).toEqual([]);
});
