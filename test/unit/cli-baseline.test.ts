import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, json } from './parsed.ts';
import { terminal } from './terminal.ts';

const junit = `<testsuite>
  <testcase classname="orders" name="are priced" file="test/order.test.ts"/>
  <testcase name="health"/>
  <testcase classname="orders" name="are listed"><failure message="no"/></testcase>
  <testcase classname="orders" name="are kept"><skipped/></testcase>
</testsuite>`;
const tap = [
  'TAP version 14',
  '# Subtest: orders',
  '    ok 1 - are priced',
  '    ok 2 - are priced',
  '    not ok 3 - are late',
  '    1..3',
  'not ok 1 - orders',
  'ok 2 - health',
  '1..2',
  '',
].join('\n');
const points = Array.from({ length: 20 }, (_, n) => ({
  at: new Date(Date.UTC(2026, 2, 2, 8, n)).toISOString(),
  ok: n !== 3,
  latencyMs: n === 19 ? 400 : 10,
}));
const series = { schema: 'holdpoint.series/1', name: 'stability', about: 'https://shop.example.com/health', points };

const reports: Readonly<Record<string, Uint8Array>> = {
  'unit.xml': bytes(junit),
  'other.xml': bytes('<testsuite><testcase name="health"/></testsuite>'),
  'unit.tap': bytes(tap),
  'stability.json': json(series),
  'load.json': sampleOf('k6'),
  'bad.xml': bytes('<testsuite>'),
  'openapi.yaml': sampleOf('openapi'),
  'failed.xml': bytes('<testsuite><testcase name="a"><failure/></testcase></testsuite>'),
};

/** Runs the command on these reports. */
const stated = async (...argv: readonly string[]) => {
  const { io, said } = terminal(
    undefined,
    {},
    {
      readFile: async (path) => {
        const found = reports[path];
        if (found === undefined) throw new Error('ENOENT');
        return found;
      },
    },
  );
  const code = await run(['baseline', ...argv], { ...io, env: {} });
  const text = said.files.get('baseline.record.json');
  return { code, said, record: text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>) };
};
const reasoned = ['--reason', 'There is no stable release yet', '--valid-days', '30'] as const;

describe('holdpoint baseline', () => {
  test('writes the tests that passed as the reports name them, each once, and the figures of one report', async () => {
    const { code, said, record } = await stated('unit.xml', 'other.xml', 'unit.tap', 'stability.json', ...reasoned);
    expect([code, said.err]).toEqual([0, '']);
    expect(record).toEqual({
      schema: 'holdpoint.baseline/1',
      at: '2026-03-02T08:00:00.000Z',
      tool: 'holdpoint baseline',
      reason: 'There is no stable release yet',
      p95Ms: 400,
      errorRatePct: 5,
      tests: [
        { class: 'orders', name: 'are priced', file: 'test/order.test.ts' },
        { name: 'health' },
        { subtests: ['orders'], name: 'are priced' },
        { subtests: ['orders'], name: 'are priced', place: 1 },
        { subtests: [], name: 'health' },
      ],
      validDays: 30,
    });
    expect(said.out).toBe(
      'p95: 400 ms\nError rate: 5 %\nTests that passed: 5; 3 other ones are left out\nThe record is in baseline.record.json.\n',
    );
  });

  test.each(['unit.xml', 'unit.tap'])('states the very tests that a release is compared by: %s', async (file) => {
    const { record } = await stated(file, ...reasoned);
    const { passedTests } = factsOf(file.endsWith('.tap') ? 'tap' : 'junit', reports[file] ?? new Uint8Array());
    expect(factsOf('record', json(record))).toMatchObject({ record: 'baseline', baseline: { replacesLastStable: false, passedTests } });
    expect(passedTests.length).toBeGreaterThan(0);
  });

  test('takes a load test, leaves out what it lacks, and replaces the last stable release where it is said', async () => {
    const { said, record } = await stated('load.json', ...reasoned, '--replaces-last-stable');
    expect(record).toMatchObject({ replacesLastStable: true, errorRatePct: expect.any(Number) });
    expect(record).not.toHaveProperty('tests');
    expect(said.out).toContain('Tests that passed: 0');
  });

  test.each<[string, readonly string[], string]>([
    ['no reason', ['unit.xml', '--valid-days', '30'], '--reason is missing'],
    ['no days', ['unit.xml', '--reason', 'x'], '--valid-days is missing'],
    ['too many days', ['unit.xml', '--reason', 'x', '--valid-days', '91'], '--valid-days 91: a number of days from 1 to 90'],
    ['no report', [...reasoned], 'expected FILE…'],
    ['a file that is not there', ['none.xml', ...reasoned], 'none.xml cannot be read'],
    ['a damaged report', ['bad.xml', ...reasoned], 'bad.xml: '],
    [
      'a report of something else',
      ['openapi.yaml', ...reasoned],
      'openapi.yaml is a report of the type openapi; expected results of tests',
    ],
    ['two reports with figures', ['stability.json', 'load.json', ...reasoned], 'stability.json and load.json both hold p95 and error rate'],
    ['nothing that passed', ['failed.xml', ...reasoned], 'hold no test that passed'],
    ['a reason of several lines', ['unit.xml', '--reason', 'a\nb', '--valid-days', '3'], 'does not fit its schema at reason'],
  ])('writes nothing: %s', async (_what, argv, says) => {
    const { code, said } = await stated(...argv);
    expect([code, said.err, said.files.size]).toEqual([2, expect.stringContaining(says), 0]);
  });
});
