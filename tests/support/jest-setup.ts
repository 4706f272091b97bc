import { endOfTest } from './jest-leaks';

// Runs before a file's own top-level `afterEach`: what a test opens is closed by `closeAfterTest`, by the test, or in its `describe`.
afterEach(endOfTest);
