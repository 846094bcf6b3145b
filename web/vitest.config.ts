// The three kinds of tests: `unit` needs nothing, `browser` and `screenshots` need Chromium, a built dist/ and a server
// (tests/support/server.ts says which).
import { defineConfig } from 'vitest/config';

const slow = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  fileParallelism: false,
  // A busy machine takes more than the second that is waited by default.
  expect: { poll: { timeout: 20_000 } },
} as const;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], environment: 'node' } },
      { test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], environment: 'node', ...slow } },
      {
        test: {
          name: 'screenshots',
          include: ['tests/screenshots/**/*.test.ts'],
          environment: 'node',
          ...slow,
        },
      },
    ],
  },
});
