import { createClient } from 'graphql-sse';
import type { Client } from 'graphql-sse';
import { closeAfterTest } from '../support/jest-leaks';
import type { TestServer } from './test-server';

/** One stream for each operation, or one for all. */
export type SseMode = 'distinct' | 'single';

export function sseClient(server: TestServer, mode: SseMode, token = 'user-ada'): Client<boolean> {
  const client = createClient({
    url: `${server.url}/graphql/stream`,
    headers: { authorization: `Bearer ${token}` },
    singleConnection: mode === 'single',
    retryAttempts: 0,
  });
  closeAfterTest(() => client.dispose());
  return client;
}
