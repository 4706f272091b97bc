import './app/heap';
import { createApp } from './app/app';
import type { App } from './app/app';
import type { Seeded } from './app/seed';
import { ConfigError, loadConfig } from './config/load';
import { createLogger } from './observability/logger';
import { closeOnSignals } from './observability/shutdown';

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.log);
  const app = await createApp(config, { logger });
  closeOnSignals(() => app.close(), logger);
  const { url } = await app.listen();
  logger.info({ url, ...app.backends }, 'listening');
  if (process.argv.includes('--seed')) process.stdout.write(await welcome(url, app));
}

async function welcome(url: string, app: App): Promise<string> {
  const { session, channelId, host, hostToken, guestToken }: Seeded = await app.seed();
  const headers = (token: string): string => JSON.stringify({ authorization: `Bearer ${token}` });
  return `
Parley is live.

  API         ${url}/graphql   (HTTP and WebSocket; SSE on ${url}/graphql/stream)
  Playground  ${url}/graphiql
  Health      ${url}/readyz?verbose     Metrics  ${url}/metrics

The session "${session.title}" is running; its code is ${session.code}. Host: ${host.email} / ${host.password}

1. In the playground, under Headers (a guest's; good for two hours):

${headers(guestToken)}

2. A subscription:

subscription { channelEvents(channelId: "${channelId}") { ... on StreamOpened { cursor recovered } ... on MessageAdded { cursor message { sender { displayName } body } } } }

3. In a second tab, with the same header, a mutation that makes it tick:

mutation { sendMessage(input: { channelId: "${channelId}", body: "Hello" }) { message { id } } }

The host's header, to moderate and end the session (good for 15 minutes):

${headers(hostToken)}

`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`);
  process.exit(1);
});

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
