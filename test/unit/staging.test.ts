import { expect, test } from 'vitest';
import { stagedSince } from '../../lib/folds/staging.ts';
import { judged, lane } from './judged-lane.ts';

/** Since when staging runs the release, by what was read there. */

const at = (hour: number): string => `2026-03-02T${String(hour).padStart(2, '0')}:00:00.000Z`;
type Read = Parameters<typeof judged>[0];
const read = (hour: number, verdict: 'pass' | 'fail' | 'inconclusive' = 'pass', more: Read = {}): Read => ({
  subject: 'web/ci',
  madeAt: at(hour),
  verdict,
  ...more,
});
const since = (all: readonly Read[], components = ['web']) =>
  stagedSince(lane(...all.map((one) => ['check.judged', judged(one)] as const)), components);

test.each<[string, readonly Read[], string | undefined]>([
  ['the first of several readings counts', [read(10), read(12)], at(10)],
  ['the platform may tell that it began earlier', [read(10, 'pass', { beganAt: at(8) })], at(8)],
  ['a reading after another state counts', [read(10), read(11, 'fail'), read(13), read(14)], at(13)],
  ['also where it arrived earlier', [read(13), read(11, 'fail'), read(10)], at(13)],
  ['another source may have read the other state', [read(10), read(11, 'inconclusive', { subject: 'web/other' }), read(13)], at(13)],
  ['nothing that began before another state was seen counts before it', [read(11, 'fail'), read(13, 'pass', { beganAt: at(10) })], at(11)],
  ['nothing counts after the last reading saw another state', [read(10), read(11, 'fail')], undefined],
  ['two results of one instant that contradict each other prove nothing', [read(10, 'fail'), read(10)], undefined],
  ['another component proves nothing', [read(10, 'pass', { subject: 'api/ci' })], undefined],
  ['a further source proves nothing', [read(9, 'pass', { subject: 'web/ci/scan', source: 'scan' }), read(10)], at(10)],
  ['and takes nothing away', [read(10), read(11, 'fail', { subject: 'web/ci/scan', source: 'scan' })], at(10)],
])('%s', (_what, all, expected) => {
  expect(since(all)).toBe(expected);
});

test('the last of several components counts', () => {
  const api = { subject: 'api/ci' };
  expect(since([read(10), read(11, 'pass', api)], ['web', 'api'])).toBe(at(11));
  expect(since([read(10), read(11, 'fail', api)], ['web', 'api'])).toBeUndefined();
});
