import { describe, expect, test } from 'vitest';
import { jsonSchemaOf } from '../../lib/evidence/published-schemas.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import type { Verdict } from '../../lib/verdict.ts';
import { recordSampleOf } from '../samples.ts';
import { changed, factsOf, type Id, type Json, judged, parsed } from './records.ts';

const sample = (id: Id): Json => recordSampleOf(id);

describe('times of a record', () => {
  /** The paths of all times, as the published schema knows them: `deliveries.sentAt`. */
  const timePaths = (schema: unknown, path: readonly string[] = []): string[] => {
    const {
      format,
      properties = {},
      items,
      anyOf = [],
    } = schema as { format?: string; properties?: Json; items?: unknown; anyOf?: unknown[] };
    return [
      ...(format === 'date-time' ? [path.join('.')] : []),
      ...Object.entries(properties).flatMap(([name, one]) => timePaths(one, [...path, name])),
      ...(items === undefined ? [] : timePaths(items, path)),
      ...anyOf.flatMap((one) => timePaths(one, path)),
    ];
  };
  /** The record with every time of that path, in all elements of its lists. */
  const moved = (value: unknown, path: readonly string[], time: string): unknown => {
    const [name, ...rest] = path;
    if (Array.isArray(value)) return value.map((one) => moved(one, path, time));
    return name === undefined ? time : { ...(value as Json), [name]: moved((value as Json)[name], rest, time) };
  };
  const cases = recordKinds.flatMap((kind) =>
    timePaths(jsonSchemaOf(kind))
      .filter((path) => path !== 'at')
      .map((path) => [kind.id, path, kind] as const),
  );

  test.each(cases)('%s: %s may not be later than the record, unless the kind says so', (id, path, { laterTimes }) => {
    const later = moved(sample(id), path.split('.'), '2026-03-01T10:00:00Z') as Json;
    expect(factsOf(later).faults.some((fault) => fault.includes('which is later than the record'))).toBe(laterTimes === undefined);
    const soon = moved(sample(id), path.split('.'), '2026-03-01T08:04:59Z') as Json;
    expect(factsOf(soon).faults.some((fault) => fault.includes('which is later than the record'))).toBe(false);
  });

  test('every kind with times that may be later is known', () => {
    expect(recordKinds.flatMap(({ id, laterTimes }) => (laterTimes === undefined ? [] : [[id, laterTimes]]))).toEqual([
      ['backup', 'measured'],
      ['schedule', 'planned'],
    ]);
  });

  test('a restore is no older than it says, and the recovery point keeps its age', () => {
    expect(parsed(changed('restore.finishedAt', '2027-01-01T00:00:00Z')(sample('backup'))).reportTime).toEqual({
      madeBy: '2026-03-01T08:00:00.000Z',
      notBefore: '2027-01-01T00:00:00.000Z',
    });
  });

  // An export of today may list what happened a year ago.
  test.each<[Id, (record: Json) => unknown, string]>([
    ['alarm-test', changed('tested.1.cameBackAt', '2025-03-01T07:19:00Z'), '2025-03-01T07:19:00.000Z'],
    ['alarm-test', (record) => record, '2026-03-01T07:06:00.000Z'],
    ['delivery', changed('deliveries.0.receivedAt', '2025-03-01T07:58:21Z'), '2025-03-01T07:58:21.000Z'],
    ['delivery', changed('deliveries.0.receivedAt', null), '2026-03-01T07:58:00.000Z'],
    ['drill', (record) => record, '2026-03-01T07:55:00.000Z'],
    ['drill', changed('steps.2.endedAt', '2026-03-01T09:00:00Z'), '2026-03-01T08:00:00.000Z'],
  ])('a record %s is as old as the oldest thing that it proves', (id, change, madeBy) => {
    expect(parsed(change(sample(id)) as Json).reportTime?.madeBy).toBe(madeBy);
  });

  test.each([
    ['usage', '2026-03-01T06:00:00.000Z'],
    ['delivery', '2026-03-01T07:58:00.000Z'],
    ['scaling', '2026-03-01T07:00:00.000Z'],
    ['feedback', '2026-02-27T10:00:00.000Z'],
  ] as const)('%s says when what it is about began', (id, from) => {
    expect(factsOf(sample(id)).from).toBe(from);
  });
});

describe('figures that prove nothing', () => {
  const both = (left: Json, right: Json = left) => ({
    comparisons: [{ name: 'orders', left: { of: 'before', ...left }, right: { of: 'after', ...right } }],
  });
  const restored = (part: Json) => ({
    restore: { startedAt: '2026-03-01T08:05:00Z', finishedAt: '2026-03-01T08:12:30Z', parts: [{ name: 'orders', ...part }] },
  });
  test.each<readonly [Id, Json, Json, Verdict, string]>([
    ['data-check', both({ rows: 0, checksum: 'a' }), { minCompared: 1 }, 'inconclusive', 'the record lists nothing'],
    ['data-check', both({ rows: 3 }), { minCompared: 1 }, 'inconclusive', 'orders has no checksum'],
    ['data-check', both({ rows: 3, checksum: '-' }), { minCompared: 1 }, 'inconclusive', 'orders has no checksum'],
    [
      'data-check',
      both({ rows: 3, checksum: 'N/A' }, { rows: 3, checksum: 'none' }),
      { minCompared: 1 },
      'fail',
      'the checksums of before',
    ],
    ['data-check', both({ rows: 3, checksum: 'a', of: 'before' }), { minCompared: 1 }, 'inconclusive', 'both sides of orders are before'],
    ['data-check', both({ rows: 3, checksum: 'a' }), { minCompared: 1 }, 'pass', '1 comparison'],
    ['backup', restored({ rowsInBackup: 0, rowsRestored: 0 }), { minRestored: 1 }, 'inconclusive', 'brought back no rows'],
    ['backup', restored({ rowsInBackup: 3, rowsRestored: 3 }), { minRestored: 1 }, 'inconclusive', 'orders has no checksum'],
    [
      'backup',
      restored({ rowsInBackup: 3, rowsRestored: 3, checksumInBackup: 'unknown', checksumRestored: 'unknown' }),
      { minRestored: 1 },
      'inconclusive',
      'orders has no checksum',
    ],
    ['backup', restored({ rowsInBackup: 3, rowsRestored: 3 }), {}, 'pass', '3 rows restored'],
    [
      'feedback',
      { answers: Array.from({ length: 6 }, () => ({ at: '2026-02-27T10:00:00Z', score: 5 })) },
      { minAnswers: 5 },
      'fail',
      '1 answer,',
    ],
    [
      'feedback',
      { answers: Array.from({ length: 6 }, (_, n) => ({ id: `${n}`, at: '2026-02-27T10:00:00Z', score: 5 })) },
      { minAnswers: 5 },
      'pass',
      '6 answers',
    ],
  ])('%s with %j and %j', (id, content, parameters, verdict, says) => {
    const judgement = judged({ ...sample(id), ...content }, parameters);
    expect(judgement).toMatchObject({ verdict, reason: expect.stringContaining(says) });
  });
});
