import { parseArgs } from 'node:util';
import type { Check, Verdict } from './doctor/checks';
import { CHECKS } from './doctor/checks';
import { gatherFacts } from './doctor/facts';

const HELP = `Usage: npm run doctor -- [--production] [--url <url>] [--json]

Looks at the configuration that the environment describes, at the database and the Redis it names, and at a running instance, and says what
is unsafe and what to do about it. Changes nothing.

  --production   everything that matters before strangers come in; without it only what matters everywhere
  --url <url>    look at the instance that answers there, too: as its clients reach it, through the proxy
  --json         one object on standard output
  --help         this text

Exit code: 0 nothing is unsafe, 1 something is, 2 wrong usage.`;

const MARKS: Readonly<Record<Verdict['state'], string>> = { ok: 'ok     ', unsafe: 'UNSAFE ', unknown: '?      ' };

type Finding = Pick<Check, 'name' | 'demands' | 'advice'> & Verdict;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      production: { type: 'boolean', default: false },
      url: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return say(HELP, 0);
  if (values.url !== undefined && !URL.canParse(values.url)) throw new TypeError(`${values.url} is not a URL.`);
  const facts = await gatherFacts(values.url ?? null);
  const checks = CHECKS.filter(({ everywhere }) => values.production || everywhere);
  const findings = checks.map((check): Finding => ({
    name: check.name,
    demands: check.demands,
    advice: check.advice,
    ...check.judge(facts),
  }));
  const safe = findings.every(({ state }) => state !== 'unsafe');
  return say(values.json ? JSON.stringify({ safe, findings }, null, 2) : findings.map(lineOf).join('\n'), safe ? 0 : 1);
}

function lineOf({ state, name, found, demands, advice }: Finding): string {
  const line = `${MARKS[state]}${name}: ${found}`;
  return state === 'ok' ? line : `${line}\n         ${demands}\n         → ${advice}`;
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

void main()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof TypeError ? `${error.message}\n\n${HELP}` : String(error)}\n`);
    return error instanceof TypeError ? 2 : 1;
  })
  .then((code) => {
    process.exitCode = code;
  });
