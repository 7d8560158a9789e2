import { describe, expect, test } from 'vitest';
import { bytes, factsOf, refusalOf } from './parsed.ts';

const junit = (xml: string) => factsOf('junit', bytes(xml));

describe('a report that is built to take long', () => {
  test.each<[string, string, RegExp]>([
    ['suites', '<testsuite/>'.repeat(200_001), /more than 200000 suites/],
    ['doubts', '<warning/>'.repeat(200_001), /more than 200000 doubts/],
    ['outcomes of a test', `<testcase name="x">${'<failure/>'.repeat(1001)}</testcase>`, /more than 1000 outcomes/],
    ['attributes', `<testcase name="x" ${Array.from({ length: 1001 }, (_, n) => `a${n}="1"`).join(' ')}/>`, /more than 1000 attributes/],
  ])(
    'with too many %s is refused',
    (_, inner, got) => {
      expect(refusalOf('junit', bytes(`<testsuites>${inner}</testsuites>`))).toMatchObject({
        detail: 'The XML cannot be read as a JUnit report.',
        got: expect.stringMatching(got),
      });
    },
    60_000,
  );

  test('with a thousand suites around each of many tests is read, and its facts name the innermost ones', () => {
    const depth = 990;
    const open = Array.from({ length: depth }, (_, n) => `<testsuite name="${'n'.repeat(40)} ${n}">`).join('');
    const started = process.cpuUsage();
    const { tests, suites } = junit(`${open}${'<testcase name="a"/>'.repeat(50_000)}${'</testsuite>'.repeat(depth)}`);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
    expect(tests).toBe(1);
    expect(suites?.[0]?.names).toHaveLength(20);
    expect(suites?.[0]?.names.at(-1)).toMatch(/ 989$/);
  });
});
