/**
 * Prints the closing line from the number of failed steps and jest's JSON results. A suite that could not run counts as a failed test;
 * so does a step that failed without any failed test to show for it.
 */
'use strict';

const { existsSync, readFileSync } = require('node:fs');

const [failedSteps, ...files] = process.argv.slice(2);
const results = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => results.reduce((total, result) => total + count(result), 0);

const passed = sum((result) => result.numPassedTests);
const failures = (result) => result.numFailedTests + result.numRuntimeErrorTestSuites;
const failedTests = sum(failures);
const explained = results.filter((result) => failures(result) > 0).length;
const failed = failedTests + Math.max(0, Number(failedSteps) - explained);

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
