import { defineConfig } from 'vitest/config';

/** The demo runs these tests against what it has just deployed. They are not part of `npm test`, which has no live stage. */
export default defineConfig({ test: { include: ['test/smoke/*.smoke.ts'], testTimeout: 20_000, name: 'smoke' } });
