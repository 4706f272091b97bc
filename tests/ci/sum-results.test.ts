import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPT = resolve(__dirname, '../../.ci/sum-results.cjs');
const GREEN = { success: true, numPassedTests: 10, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };

describe('the closing line of .ci/run', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parley-ci-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function sum(failedSteps: number, ...results: object[]): { line: string; code: number | null } {
    const files = results.map((result, index) => {
      const file = join(directory, `${index}.json`);
      writeFileSync(file, JSON.stringify(result));
      return file;
    });
    const { stdout, status } = spawnSync(process.execPath, [SCRIPT, String(failedSteps), ...files], { encoding: 'utf8' });
    return { line: stdout, code: status };
  }

  it('adds up both runs', () => {
    expect(sum(0, GREEN, { ...GREEN, numPassedTests: 12 })).toEqual({ line: '22 passed, 0 failed\n', code: 0 });
  });

  it('counts failed tests once, not their step as well', () => {
    expect(sum(1, GREEN, { ...GREEN, success: false, numFailedTests: 2 })).toEqual({ line: '20 passed, 2 failed\n', code: 1 });
  });

  it('counts a suite that could not run', () => {
    expect(sum(1, { ...GREEN, success: false, numRuntimeErrorTestSuites: 1 })).toEqual({ line: '10 passed, 1 failed\n', code: 1 });
  });

  it('counts a run that failed without a failed test', () => {
    expect(sum(1, GREEN, { ...GREEN, success: false })).toEqual({ line: '20 passed, 1 failed\n', code: 1 });
  });

  it('counts a failed step without results, and results that are not there', () => {
    expect(sum(1, GREEN)).toEqual({ line: '10 passed, 1 failed\n', code: 1 });
    expect(sum(2)).toEqual({ line: '0 passed, 2 failed\n', code: 1 });
  });
});
