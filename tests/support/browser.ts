import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * `describe` with a headless Chromium, which the system provides: nothing is downloaded. Where there is none the tests are skipped, and
 * say so; with REQUIRE_BACKENDS=1 they fail. `more` are arguments of its own.
 */
export function describeInBrowser(title: string, tests: (browser: () => Browser) => void, more: readonly string[] = []): void {
  if (!existsSync(CHROMIUM) && process.env.REQUIRE_BACKENDS !== '1') {
    describe.skip(`${title} (skipped: no ${CHROMIUM})`, () => tests(unavailable));
    return;
  }
  describe(title, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...more] });
    });
    afterAll(() => browser?.close());
    tests(() => browser ?? unavailable());
  });
}

function unavailable(): never {
  throw new Error(`No browser: ${CHROMIUM} did not start.`);
}
