import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import type { StoredFacts } from '../../lib/registry/evidence.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { coveredIn } from '../../lib/run/writing/succession.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, junitReport, reportOfRun, twoGates } from '../given.ts';
import { hundredPieces } from '../hundred-pieces.ts';
import { atFirstGate } from '../machine.ts';

/** What hundreds of reports of one run cost that do not pass: each is asked whether others cover it. */

const rule = { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } as const;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
/** `bad` of `tests` tests fails; without it every one passes. */
const report = (tests: number, bad?: number): Uint8Array =>
  text(
    `<testsuite name="s">${Array.from({ length: tests }, (_, n) => `<testcase classname="c" name="t${n}">${n === bad ? '<failure message="no"/>' : ''}</testcase>`).join('')}</testsuite>`,
  );

const judged = (seq: number, verdict: 'pass' | 'fail'): Stored =>
  makeEvent(
    {
      scope: 'run/r1',
      lane: lanes.check('phase-1', 'unit'),
      step: `judged/${seq}`,
      type: 'check.judged',
      actor: { kind: 'system', id: 'evaluator' },
      data: {
        check: 'unit',
        subject: '*/ci',
        verdict,
        reason: 'as the test wants it',
        facts: String(seq).padStart(64, '0'),
        evidence: `evidence-${seq}`,
        attempt: seq,
        madeAt: new Date(Date.UTC(2026, 2, 2, 8, 0, seq)).toISOString(),
        producer: { run: 'job', attempt: seq },
        goodUntil: null,
        by: null,
        words: null,
      },
    },
    { seq, prev: '0'.repeat(64) },
    new Date('2026-03-02T08:00:00.000Z'),
  ) as Stored;

/** Facts of a report in which the test of its own number fails. */
const factsOf = (digest: string): StoredFacts =>
  ({ type: 'junit', passedTests: [], otherTests: [`t${Number(digest)}`], failed: 1, errored: 0, unclear: 0 }) as never;

describe('failing reports of one source that cover nothing', () => {
  test('ask for no more facts, however many there are', async () => {
    const asked: number[] = [];
    for (const many of [100, 200, 400]) {
      let reads = 0;
      const lane = Array.from({ length: many }, (_, n) => judged(n + 1, 'fail'));
      const read = async ({ facts: digest }: { readonly facts: string }) => {
        reads += 1;
        return factsOf(digest);
      };
      expect(await coveredIn(read, { rule: rule as never }, lane)).toEqual([]);
      asked.push(reads);
    }
    const [first = 0, second = 0, third = 0] = asked;
    console.info(`facts read for 100, 200 and 400 failing reports: ${asked.join(', ')}`);
    expect(first).toBeGreaterThan(0);
    expect([second, third]).toEqual([first, first]);
  });

  test('cost all together in proportion to their number, and are all covered by one report in which every test passes', async () => {
    const calls: number[] = [];
    const takes: number[] = [];
    for (const many of [100, 200, 400]) {
      const deps = dependenciesOf(twoGates);
      const { run } = await atFirstGate(deps);
      const send = (bytes: Uint8Array, attempt: number) => recordEvidence(deps, reportOfRun(run, deps, bytes, { attempt }), ci);
      const before = deps.controls.calls.length;
      const began = process.cpuUsage().user;
      for (let n = 0; n < many; n += 1) await send(report(20, n % 20), n + 1);
      calls.push(deps.controls.calls.length - before);
      takes.push(process.cpuUsage().user - began);
      const last = await send(report(20), many + 1);
      expect(last.ok?.judged.map(({ verdict }) => verdict)).toEqual(['pass']);
      expect(await standing(deps, run)).toBe(0);
    }
    const ratios = [1, 2].map((place) => (calls[place] ?? 0) / (calls[place - 1] ?? 1));
    console.info(
      `port calls of 100, 200 and 400 failing reports: ${calls.join(', ')}; CPU ${takes.map((one) => one / 1000).join(', ')} ms`,
    );
    expect(Math.max(...ratios)).toBeLessThanOrEqual(2.2);
  }, 60_000);
});

/** How many failing judgements of the run nothing covers. */
const standing = async (deps: FakeDependencies, run: string): Promise<number> => {
  const events = await deps.trail.read(`run/${run}`, { prefix: lanes.checks });
  const failed = events.filter(isType('check.judged')).filter(({ event }) => event.data.verdict === 'fail');
  const covered = new Set([
    ...events.filter(isType('check.judged')).flatMap(({ event }) => event.data.replaces ?? []),
    ...events.filter(isType('check.replaced')).map(({ event }) => event.data.judgement),
  ]);
  return failed.filter(({ event }) => !covered.has(event.id)).length;
};

test.each([
  ['2,000 reports of one source', 2_000, () => 'ci'],
  // More sources than these are refused.
  ['2,000 reports of 300 sources', 2_000, (n: number) => `ci-${n % 300}`],
])(
  '%s cost per report what the first hundreds cost',
  async (_, many, sourceOf) => {
    const deps = dependenciesOf(twoGates);
    const { run } = await atFirstGate(deps);
    const send = (n: number) =>
      recordEvidence(deps, reportOfRun(run, deps, junitReport(3, n % 2), { source: sourceOf(n), attempt: n + 1 }), ci);
    const costs: number[] = [];
    for (let n = 0; n < many; n += 1) {
      const before = deps.controls.calls.length;
      await send(n);
      costs.push(deps.controls.calls.length - before);
    }
    const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length;
    const ratio = mean(costs.slice(-200)) / mean(costs.slice(300, 500));
    console.info(`${many} reports: port calls a report ${mean(costs.slice(300, 500))}, at the end ${mean(costs.slice(-200))}`);
    expect(ratio).toBeLessThanOrEqual(2);
  },
  120_000,
);

test('the hundredth piece of evidence of a run of the real checklist costs what the first one did', async () => {
  const { first, last } = await hundredPieces();
  expect(last).toEqual(first);
}, 60_000);
