import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type EvidenceType, parseEvidence } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { sampleOf } from '../samples.ts';
import { bytes, rulesOf, types } from './parsed.ts';
import { type Made, type Summary, summaries } from './report-summaries.ts';

const textOf = (report: string | Made): string =>
  typeof report === 'string' ? readFileSync(new URL(`../samples/evidence/${report}`, import.meta.url), 'utf8') : report.text;

/** The report with each number that it states in turn one more, many more, one less and nothing. */
const misstated = ({ stated }: Summary, report: string) =>
  [...report.matchAll(stated)].flatMap(({ 0: number, index }) => {
    const own = Number(number);
    const others = [...new Set([own + 1, own + 1000, Math.max(0, own - 1), 0])].filter((other) => other !== own);
    const around = report.slice(Math.max(0, index - 60), index).replace(/\s+/g, ' ');
    return others.map((other) => ({
      where: `${around}${own} as ${other}`,
      report: `${report.slice(0, index)}${other}${report.slice(index + number.length)}`,
    }));
  });

const verdictsOf = (type: EvidenceType, report: string): readonly string[] => {
  const { ok } = parseEvidence(type, bytes(report));
  return rulesOf(type).map((rule) => (ok === undefined ? 'refused' : judgeEvidence(rule, ok).verdict));
};

test('of every evidence type it is known whether its reports sum up what they list', () => {
  expect(Object.keys(summaries).sort()).toEqual([...types].sort());
});

describe('a report whose summary does not agree with what it lists says so, with both numbers, and passes nowhere else', () => {
  const cases = types.flatMap((type) => {
    const summary = summaries[type];
    return typeof summary === 'string'
      ? []
      : summary.reports.map((one) => [type, typeof one === 'string' ? one : one.name, textOf(one), summary] as const);
  });
  test.each(cases)('%s: %s', (type, _name, report, summary) => {
    const known = verdictsOf(type, report);
    const all = misstated(summary, report);
    expect(all.length).toBeGreaterThan(0);
    const silent = all.filter(({ report: changed }) => {
      const { ok } = inspectEvidence(bytes(changed), type);
      return ok !== undefined && !ok.problems.some(({ declared, counted }) => declared !== null && counted !== null);
    });
    expect(silent.map(({ where }) => where)).toEqual([]);
    const better = all.filter(({ report: changed }) =>
      verdictsOf(type, changed).some((verdict, n) => verdict === 'pass' && known[n] !== 'pass'),
    );
    expect(better.map(({ where }) => where)).toEqual([]);
  });

  const others = types.filter((type) => typeof summaries[type] === 'string' && type !== 'record');
  test.each(others)('%s: has none, and declares nothing', (type) => {
    expect(inspectEvidence(sampleOf(type), type).ok?.words.declared).toBeUndefined();
  });
});
