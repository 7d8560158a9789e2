import { defineConfig } from 'vitest/config';

const unit = [
  'test/unit/**/*.test.ts',
  'test/commands/**/*.test.ts',
  'test/handlers/**/*.test.ts',
  'test/pages/**/*.test.ts',
  'test/adapters/**/*.test.ts',
  'test/contract/fakes.test.ts',
  'test/house/**/*.test.ts',
];

export default defineConfig({
  test: {
    // The doubles log what the functions log; a failing test shows it, a passing one need not.
    silent: 'passed-only',
    // Every process that loads the SDK would say that a coming version needs another Node.js; the functions run on Node.js 24.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts', 'lambdas/**/*.ts'],
      // What never runs in production: the local stage, the command line, and the description of the resources, which has template tests.
      exclude: ['lib/local/**', 'lib/cli/**', 'lib/stack/**'],
    },
    projects: [
      { extends: true, test: { name: 'unit', include: unit, testTimeout: 20_000 } },
      { extends: true, test: { name: 'stack', include: ['test/stack/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'emulator',
          include: ['test/contract/emulator.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['test/emulator.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
