import { describe, expect, test } from 'vitest';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { fold, judged, lane } from './judged-lane.ts';

const floors: EvidenceRule = {
  kind: 'coverage-at-least/1',
  evidence: 'lcov',
  metric: 'lines',
  floorPct: 70,
  per: 'feature',
  features: [
    { id: 'cart', paths: ['packages/cart/**'] },
    { id: 'orders', paths: ['packages/orders/**'] },
  ],
};

/** A report of so many files of a package, each with ten lines of which so many were hit. */
const report = (files: Readonly<Record<string, number>>, hit = 9) => {
  const text = Object.entries(files)
    .flatMap(([folder, count]) => Array.from({ length: count }, (_, n) => `packages/${folder}/f${n}.ts`))
    .map((path) => `SF:${path}\n${Array.from({ length: 10 }, (_, n) => `DA:${n + 1},${n < hit ? 1 : 0}`).join('\n')}\nend_of_record\n`)
    .join('');
  const parsed = parseEvidence('lcov', new TextEncoder().encode(text));
  if (parsed.refused) throw new Error(JSON.stringify(parsed.refused));
  return judgeEvidence(floors, parsed.ok);
};
const together = (...judgements: readonly ReturnType<typeof report>[]) =>
  fold(lane(...judgements.map((one, n) => ['check.judged', judged({ ...one, subject: `*/package-${n}` })] as const)));

describe('coverage of more files than facts count one by one', () => {
  test('says in one report what to do', () => {
    const { verdict, reason } = report({ cart: 1200, orders: 1200 });
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(
      /^single files are counted of 2000 files at most, .*: send a report for each package, together they show all features; /,
    );
  });

  test('in a report for each package shows each feature', () => {
    const [cart, orders] = [report({ cart: 1200 }), report({ orders: 1200 })];
    expect([cart.verdict, orders.verdict]).toEqual(['inconclusive', 'inconclusive']);
    expect(together(cart)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/no lines were measured of the feature orders/),
    });
    expect(together(cart, orders).verdict).toBe('pass');
  });

  test('a package under its floor fails, and one with files of no feature proves nothing', () => {
    expect(together(report({ cart: 10 }), report({ orders: 10 }, 5)).verdict).toBe('fail');
    expect(together(report({ cart: 10 }), report({ orders: 10, other: 1 })).verdict).toBe('inconclusive');
  });
});
