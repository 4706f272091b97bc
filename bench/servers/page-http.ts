/** The floor: `node:http`, the body parsed, the answer printed, no GraphQL. */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { pageOf, ready } from './page';

interface Request {
  readonly query: string;
  readonly variables?: { readonly id: string };
}

const server = createServer((request, response) => {
  void read(request).then(async ({ variables }) => {
    const data = variables === undefined ? { __typename: 'Query' } : { channel: { messages: await pageOf(variables.id, 50) } };
    const text = JSON.stringify({ data });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  });
});
server.listen(0, '127.0.0.1', () => ready(server.address()));

async function read(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Request;
}
