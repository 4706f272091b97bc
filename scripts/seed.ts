import { createApp } from '../src/app/app';
import { loadConfig } from '../src/config/load';

/** `npm run db:seed`: the session for newcomers, on the database the environment names. Run it again for fresh tokens. */
export async function seed(): Promise<void> {
  const config = loadConfig();
  const app = await createApp({ ...config, log: { level: 'warn' } });
  try {
    const { session, host, hostToken, guestToken, channelId } = await app.seed();
    const lines = [
      `session  ${session.id}  code ${session.code}`,
      `channel  ${channelId}`,
      `host     ${host.email} / ${host.password}`,
      `host token   ${hostToken}`,
      `guest token  ${guestToken}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await app.close();
  }
}
