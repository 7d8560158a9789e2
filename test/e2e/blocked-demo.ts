import { expect } from 'vitest';
import { documentSchema } from './demo-document.ts';
import type { LeanStage } from './lean-stage.ts';

/** Plays `npm start` with a unit test of the shop that fails. It registers the shop's own profile on the stage. */
export const playBlocked = async ({ write, holdpoint }: LeanStage): Promise<void> => {
  const name = 'the sun rises in the west';
  write(
    'lib/local/shop/test/unit/broken.test.ts',
    `import { expect, test } from 'vitest';\ntest('${name}', () => expect('east').toBe('west'));\n`,
  );
  const { code, out, err } = await holdpoint('local', 'demo', '--once', '--json');
  expect(code, err.slice(-3000)).toBe(1);
  const document = documentSchema.parse(JSON.parse(out));
  expect([document.outcome, document.runs.length, document.firstGate]).toEqual(['blocked', 1, null]);
  expect(document.gates[0]).toMatchObject({ id: 'phase-1', state: 'blocked', settledAt: null });
  expect(document.gates.slice(1).every(({ openedAt }) => openedAt === null)).toBe(true);
  expect(document.checks.fail).toBeGreaterThan(0);
  expect(err).toContain(name);
};
