import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import type { Finding } from '../../lib/evaluation/finding.ts';
import { evidenceOfReport } from '../../lib/run/state/report-evidence.ts';

const digest = (sign: string): string => sign.repeat(64);
const of = (lane: string, type: string, id: string, data: object): Stored => ({ event: { scope: 'run/r', lane, type, id, data } }) as never;
const recorded = (id: string, sign: string) => of('evidence/ci', 'evidence.recorded', id, { digest: digest(sign), evidence: 'junit' });
const judged = (evidence: string | null, place: number) =>
  of('check/phase-1/unit', 'check.judged', `j-${place}`, {
    check: 'unit',
    subject: `*/source-${place}`,
    verdict: 'pass',
    evidence,
    madeAt: `2026-03-02T08:00:0${place}.000Z`,
    producer: { run: `job-${place}`, attempt: 1 },
  });
const gates = [{ id: 'phase-1', checks: [{ check: 'unit', title: 'Unit tests' } as Finding] }];
const listed = (lane: readonly Stored[], evidence: readonly Stored[]) =>
  evidenceOfReport(gates, new Map([['check/phase-1/unit', lane]]), evidence);

describe('the evidence of a report', () => {
  test('is what counts for each check, the newest first, each piece once', () => {
    const pieces = ['a', 'b', 'a'].map((sign, place) => recorded(`e-${place}`, sign));
    const lane = [judged('e-0', 0), judged('e-1', 1), judged('e-2', 2)];
    expect(listed(lane, pieces)).toEqual([
      {
        check: 'unit',
        title: 'Unit tests',
        given: ['a', 'b'].map((sign) => ({ digest: digest(sign), type: 'junit', service: null })),
        more: 0,
      },
    ]);
  });

  test('names the service whose evidence stands, and counts what it leaves out', () => {
    const carried = of('evidence/carried', 'evidence.carried', 'e-0', {
      digest: digest('c'),
      evidence: 'record',
      from: { scope: 'service/shop' },
    });
    const pieces = [carried, ...['1', '2', '3', '4'].map((sign) => recorded(`e-${sign}`, sign))];
    const lane = pieces.map(({ event }, place) => judged(event.id, place));
    expect(listed(lane, pieces)[0]).toMatchObject({
      given: [{ digest: digest('4') }, { digest: digest('3') }, { digest: digest('2') }],
      more: 2,
    });
    expect(listed(lane.slice(0, 1), pieces)[0]?.given).toEqual([{ digest: digest('c'), type: 'record', service: 'shop' }]);
  });

  test('is empty of a check that Holdpoint judges itself, and of one for which nothing was given', () => {
    expect(listed([judged(null, 0)], [])[0]).toMatchObject({ given: [], more: 0 });
    expect(listed([], [])[0]).toMatchObject({ given: [], more: 0 });
  });
});
