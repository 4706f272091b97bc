import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { createBackends } from '../src/app/backends';
import { createKernel } from '../src/app/kernel';
import type { ConsumedKernel } from '../src/app/kernel';
import { createModules } from '../src/app/modules';
import { loadConfig } from '../src/config/load';
import type { Consumer } from '../src/realtime/consumer';

const HELP = `Usage: npm run consumers -- <command> [name]

  list            every consumer that the log waits for, how far behind it is, and how many events it has parked
  rebuild <name>  let it read everything anew that the log still holds; the servers do the reading
  retry <name>    try its parked events again, here and now
  forget <name>   of a consumer that is no more: the log waits for it no longer

The database is the one that the environment names. Exit code: 0 done, 1 failed, 2 wrong usage.`;

class UsageError extends Error {}

interface Desk {
  readonly kernel: ConsumedKernel;
  readonly consumers: readonly Consumer[];
}

type Command = (desk: Desk, name: string | undefined) => Promise<string>;

const COMMANDS: Readonly<Record<string, Command>> = {
  list: async ({ kernel, consumers }) => {
    kernel.consumers.add(consumers);
    const [names, standings] = [await kernel.consumers.listNames(), await kernel.consumers.listStandings()];
    const lines = names.map((name) => {
      const standing = standings[name];
      if (standing === undefined) return `${name}  not of this version`;
      return `${name}  ${standing.lagSeconds.toFixed(1)} s behind, ${standing.parked} parked`;
    });
    return lines.join('\n') || 'There is none.';
  },
  rebuild: async ({ kernel, consumers }, name) => {
    const found = await kernel.consumers.rebuild(known(consumers, name));
    return found ? `${name} reads everything anew.` : `${name} has not read anything yet.`;
  },
  retry: async ({ kernel, consumers }, name) => {
    const taken = await kernel.consumers.retryParked(known(consumers, name));
    return `${taken} taken.`;
  },
  forget: async ({ kernel }, name) => {
    if (name === undefined) throw new UsageError('Which consumer?');
    return (await kernel.consumers.forget(name)) ? `${name} is forgotten.` : `There is no ${name}.`;
  },
};

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  const [command, name, ...rest] = positionals;
  if (values.help) return say(HELP);
  const run = COMMANDS[command ?? ''];
  if (run === undefined || rest.length > 0) throw new UsageError(command === undefined ? 'Which command?' : 'That is no command.');
  say(await atDesk((desk) => run(desk, name)));
}

async function atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const backends = await createBackends(config.backends);
  const kernel = createKernel(backends);
  const modules = createModules(kernel, config, () => undefined);
  try {
    return await work({ kernel, consumers: modules.consumers });
  } finally {
    await modules.close();
    await kernel.fanOut.close();
    await backends.close();
  }
}

function known(consumers: readonly Consumer[], name: string | undefined): Consumer {
  const consumer = consumers.find((one) => one.name === name);
  if (consumer === undefined) throw new UsageError(`The consumers are: ${consumers.map((one) => one.name).join(', ')}.`);
  return consumer;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${isUsage ? `\n\n${HELP}` : ''}\n`);
  process.exitCode = isUsage ? 2 : 1;
});
