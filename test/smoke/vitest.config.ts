import { defineConfig } from 'vitest/config';

/** Run by the player against what it has just deployed; not part of `npm test`, which has no live stage. */
export default defineConfig({ test: { include: ['test/smoke/*.smoke.ts'], testTimeout: 20_000, name: 'smoke' } });
