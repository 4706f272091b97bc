import { Agent, request } from 'node:http';
import { cpuSeconds } from './process-stats';

const CONNECTIONS = 32;

/** A server that answers POST /graphql. */
export interface Answering {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** Lets go of the connections. */
export function hangUp(): void {
  agent.destroy();
}

export function post({ port, headers }: Answering, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`))));
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** So many requests on 32 connections that stay open; the CPU milliseconds that each took of the server. */
export async function cpuPerRequest(server: Answering, body: object, requests: number): Promise<number> {
  const text = JSON.stringify(body);
  const expected = (await post(server, text)).length;
  const before = cpuSeconds(server.pid);
  let left = requests;
  const ask = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await post(server, text);
      if (answer.length !== expected) throw new Error(`${server.name} answered ${answer}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return ((cpuSeconds(server.pid) - before) / requests) * 1_000;
}
