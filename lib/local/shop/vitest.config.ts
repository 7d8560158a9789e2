import { defineConfig } from 'vitest/config';

/** `integration` needs SHOP_TEST_ENDPOINT, the address of a DynamoDB, and `smoke` needs SHOP_URL, the address of the running service. */
export default defineConfig({
  test: {
    silent: 'passed-only',
    // No test changes anything of its process, so all files share one: most of the time would go into loading the same modules anew.
    pool: 'threads',
    isolate: false,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['lcovonly'],
      reportsDirectory: 'reports/coverage',
      // A failing test must leave a report that says so.
      reportOnFailure: true,
    },
    projects: ['unit', 'integration', 'smoke'].map((name) => ({
      extends: true as const,
      test: { name, include: [`test/${name}/*.test.ts`], testTimeout: 20_000 },
    })),
  },
});
