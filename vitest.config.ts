import { defineConfig } from 'vitest/config';

// Without it, one processor is left idle. Projects that run together must agree on it.
const maxWorkers = '100%';

/** Milliseconds. */
const slow = { testTimeout: 120_000, hookTimeout: 120_000 };

const unit = [
  'test/unit/**/*.test.ts',
  'test/commands/**/*.test.ts',
  'test/handlers/**/*.test.ts',
  'test/pages/**/*.test.ts',
  'test/adapters/**/*.test.ts',
  'test/contract/fakes.test.ts',
  'test/architecture/**/*.test.ts',
  // The example service's own; `npm start` runs them by the service's own configuration.
  'lib/local/shop/test/unit/*.test.ts',
];

export default defineConfig({
  test: {
    // The unit tests are also run on the Node.js of Lambda, which then need not translate every module anew.
    experimental: { fsModuleCache: true },
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
      {
        extends: true,
        // Most of the time went into loading the same modules for every file anew. What a test changes of a process or of a class it restores.
        test: { name: 'unit', include: unit, testTimeout: 20_000, pool: 'threads', isolate: false, maxWorkers },
      },
      {
        extends: true,
        // Apart from the unit tests, because fresh seeds take as long as all of them.
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], pool: 'threads', maxWorkers },
      },
      {
        extends: true,
        // Few processes for all files: each loads the CDK once and synthesises a stage once (test/stack/synthesised.ts).
        test: { name: 'stack', include: ['test/stack/**/*.test.ts'], ...slow, isolate: false, maxWorkers, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        // The packed command line and the workflows of the README, and the unit tests on another Node.js: they wait for other processes.
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          ...slow,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'emulator',
          include: ['test/contract/emulator*.test.ts', 'test/e2e/**/*.test.ts', 'lib/local/shop/test/integration/*.test.ts'],
          globalSetup: ['test/emulator.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
