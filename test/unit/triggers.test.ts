import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { measuredTriggers } from '../../lib/evaluation/measured-triggers.ts';
import { alarm, at, baseline, deployment, figures, label, probe, seen } from '../lane-events.ts';

const found = (lanes: {
  observation?: readonly Stored[];
  measurement?: readonly Stored[];
  deployment?: readonly Stored[];
  since?: string;
  decided?: ReadonlySet<string>;
}) => measuredTriggers(baseChecklist, { deployment, observation: [], measurement: [], ...lanes });
const triggered = (lanes: Parameters<typeof found>[0]) => found(lanes).map(({ trigger }) => trigger);

describe('three alarms within five minutes are a cascade', () => {
  test.each<[string, readonly Stored[], boolean]>([
    ['three different ones', [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'c')], true],
    ['the third after exactly five minutes', [alarm(2, 'a'), alarm(3, 'b'), alarm(7, 'c')], true],
    ['the third a moment later', [alarm(2, 'a'), alarm(3, 'b'), alarm(7.001, 'c')], false],
    ['two of them', [alarm(2, 'a'), alarm(3, 'b')], false],
    ['one that goes red three times', [alarm(2, 'a'), alarm(3, 'a'), alarm(4, 'a')], false],
    ['the first goes red again within the five minutes', [alarm(2, 'a'), alarm(6, 'a'), alarm(7, 'b'), alarm(8, 'c')], true],
    ['one of them OK', [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'c', { bad: false })], false],
    ['an announced test among them', [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'c', { setAside: 'an announced test' })], false],
    ['children of a composite alarm', [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'all', { children: ['a', 'b'] })], false],
    ['a person reported the third', [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'c', { words: 'd'.repeat(64) })], false],
    ['from before the deployment', [alarm(-3, 'a'), alarm(-2, 'b'), alarm(-1, 'c')], false],
    ['restarts are no alarms', [alarm(2, 'a'), alarm(3, 'b'), seen(4, { kind: 'restart', subject: 'c' })], false],
    ['people labelled one as false', [alarm(2, 'a', { observation: 'a1' }), alarm(3, 'b'), alarm(4, 'c'), label('a1', 'false', 5)], false],
    ['they are delivered in another order', [alarm(4, 'c'), alarm(2, 'a'), alarm(3, 'b')], true],
  ])('%s', (_why, observation, is) => {
    expect(triggered({ observation })).toEqual(is ? ['multiple-cascading-errors'] : []);
  });

  test('the finding stays the same when more alarms come, and names its events', () => {
    const three = [alarm(2, 'a'), alarm(3, 'b'), alarm(4, 'c')];
    const [first] = found({ observation: three });
    expect(first?.evidence).toEqual(three.map(({ event }) => event.id));
    expect(first?.detail).toContain('3 alarms red within 300 s');
    expect(found({ observation: [...three, alarm(5, 'd')] })).toEqual([first]);
  });
});

describe('a report of a machine', () => {
  test.each<[string, Stored, string[]]>([
    ['harmed data', seen(2, { kind: 'data' }), ['data-corruption-detected']],
    ['a vulnerability', seen(2, { kind: 'security' }), ['security-vulnerability-discovered']],
    ['whole data', seen(2, { kind: 'data', bad: false }), []],
    ['an incident', seen(2, { kind: 'incident' }), []],
    ['seen before the deployment and reported during it', seen(2, { kind: 'data', observedAt: at(-5) }), ['data-corruption-detected']],
    ['reported before the deployment', seen(-1, { kind: 'data' }), []],
    ['said by a person, who declares a trigger instead', seen(2, { kind: 'security', words: 'd'.repeat(64) }), []],
    ['announced', seen(2, { kind: 'security', setAside: 'an announced test' }), []],
  ])('%s', (_why, observation, expected) => {
    expect(triggered({ observation: [observation] })).toEqual(expected);
  });

  test('each is a finding of its own; what was decided is none any more', () => {
    const observation = [seen(2, { kind: 'data' }), seen(4, { kind: 'data' })];
    expect(triggered({ observation })).toEqual(['data-corruption-detected', 'data-corruption-detected']);
    expect(found({ observation, since: at(3) }).map(({ evidence }) => evidence)).toEqual([[observation[1]?.event.id]]);
    expect(triggered({ observation, since: at(4.1) })).toEqual([]);
  });

  // Clocks of functions differ: what is stamped some seconds before the decision may have come after it.
  test.each<[string, number, string[]]>([
    ['six seconds before', 0.1, []],
    ['four seconds before', 4 / 60, ['data-corruption-detected']],
    ['at the same instant', 0, ['data-corruption-detected']],
    ['after', -0.1, ['data-corruption-detected']],
  ])('stamped %s a decision to go on counts for the next one, unless it was decided about', (_when, minutesBefore, expected) => {
    const late = seen(4, { kind: 'data' });
    const since = at(4 + minutesBefore);
    expect(triggered({ observation: [late], since })).toEqual(expected);
    expect(triggered({ observation: [late], since, decided: new Set([late.event.id]) })).toEqual([]);
  });

  test('nothing is found before a deployment started', () => {
    expect(triggered({ observation: [seen(2, { kind: 'data' })], deployment: [] })).toEqual([]);
  });
});

describe('a critical probe', () => {
  test.each<[string, readonly Stored[], boolean]>([
    ['failed', [probe(2, 'failed')], true],
    ['is unsteady', [probe(2, 'unsteady')], false],
    ['passed', [probe(2, 'passed')], false],
    ['failed once, then passed: it stays a finding', [probe(2, 'failed'), probe(3, 'passed')], true],
    ['failed before the deployment', [probe(-2, 'failed')], false],
    ['is not critical', [probe(2, 'failed', { critical: false })], false],
  ])('%s', (_why, measurement, is) => {
    expect(triggered({ measurement })).toEqual(is ? ['critical-feature-not-working'] : []);
  });

  test.each<[string, readonly Stored[], number]>([
    ['two looks in a row', [probe(2, 'failed'), probe(3, 'failed')], 1],
    ['one between them was steady', [probe(2, 'failed'), probe(3, 'passed'), probe(4, 'failed')], 0],
    ['another probe', [probe(2, 'failed'), probe(3, 'failed', { probe: 'login' })], 0],
    ['delivered in another order', [probe(4, 'failed'), probe(3, 'passed'), probe(2, 'failed')], 0],
  ])('a stage that asks for two looks: %s', (_why, measurement, count) => {
    const items = baseChecklist.items.map((item) =>
      item.rule?.kind === 'trigger-probe-fails/1' ? { ...item, rule: { ...item.rule, looksInARow: 2 } } : item,
    );
    expect(measuredTriggers({ items }, { deployment, observation: [], measurement })).toHaveLength(count);
  });
});

describe('performance more than 50 % worse than the baseline over two windows', () => {
  const worse = { p95Ms: 300.01 };
  test.each<[string, readonly Stored[], boolean]>([
    ['two in a row', [baseline, figures('monitoring', 2, 8, [worse, worse])], true],
    ['exactly 50 % worse', [baseline, figures('monitoring', 2, 8, [{ p95Ms: 300 }, { p95Ms: 300 }])], false],
    ['one', [baseline, figures('monitoring', 2, 8, [worse, {}])], false],
    ['two with a normal one between', [baseline, figures('monitoring', 2, 8, [worse, {}, worse])], false],
    [
      'the last of one report and the first of the next',
      [baseline, figures('health', 2, 4, [{}, worse]), figures('health', 4, 6, [worse, {}])],
      true,
    ],
    [
      'the same window in two reports that overlap',
      [baseline, figures('health', 2, 4, [{}, worse]), figures('health', 2, 5, [{}, worse, {}])],
      false,
    ],
    ['of two series', [baseline, figures('health', 2, 4, [worse]), figures('monitoring', 4, 6, [worse])], false],
    ['too few points in one', [baseline, figures('monitoring', 2, 8, [worse, { ...worse, points: 9 }])], false],
    ['error rate', [baseline, figures('monitoring', 2, 8, [{ errorRatePct: 1.6 }, { errorRatePct: 1.6 }])], true],
    ['one figure, then the other', [baseline, figures('monitoring', 2, 8, [worse, { errorRatePct: 9 }])], false],
    ['no baseline', [figures('monitoring', 2, 8, [worse, worse])], false],
    [
      'a baseline that did not satisfy its check',
      [figures('baseline', -60, -58, [], { passed: false }), figures('monitoring', 2, 8, [worse, worse])],
      false,
    ],
    [
      'below the floor',
      [figures('baseline', -60, -58, [], { p95Ms: 5 }), figures('monitoring', 2, 8, [{ p95Ms: 100 }, { p95Ms: 100 }])],
      false,
    ],
    [
      'above the floor',
      [figures('baseline', -60, -58, [], { p95Ms: 5 }), figures('monitoring', 2, 8, [{ p95Ms: 101 }, { p95Ms: 101 }])],
      true,
    ],
    [
      'a baseline without errors',
      [figures('baseline', -60, -58, [], { errorRatePct: 0 }), figures('monitoring', 2, 8, [{ errorRatePct: 1.1 }, { errorRatePct: 2 }])],
      true,
    ],
    ['began before the deployment had finished', [baseline, figures('monitoring', 0.5, 8, [worse, worse])], false],
    [
      'nobody measured the figure',
      [baseline, figures('monitoring', 2, 8, [{ p95Ms: undefined }, { p95Ms: undefined }], { p95Ms: null })],
      false,
    ],
  ])('%s', (_why, measurement, is) => {
    expect(triggered({ measurement })).toEqual(is ? ['performance-severely-degraded'] : []);
  });

  const metric = (id: string, windows: Parameters<typeof figures>[3]) => figures('watched-metrics', 2, 8, windows, { metric: id });
  test.each<[string, readonly Stored[]]>([
    ['first', [metric('checkout', [worse, worse]), metric('search', [{}, {}])]],
    ['last', [metric('search', [{}, {}]), metric('checkout', [worse, worse])]],
  ])('sees the one of two metrics of a look that is worse, recorded %s', (_place, looked) => {
    const [one] = found({ measurement: [baseline, ...looked] });
    expect(one?.detail).toMatch(/^p95 of checkout in watched-metrics 300.01 and 300.01 ms/);
  });

  test('says the figures, and names the reports and the baseline', () => {
    const [one] = found({ measurement: [baseline, figures('monitoring', 2, 8, [worse, worse])] });
    expect(one?.detail).toBe('p95 of monitoring 300.01 and 300.01 ms in consecutive windows, baseline 200 ms');
    expect(one?.evidence).toEqual(['report-monitoring-2', 'report-baseline--60']);
  });
});

test('a failing check opens the decision by itself where harm grows while people wait', () => {
  expect(baseChecklist.items.flatMap(({ id, onFail }) => (onFail === 'trigger' ? [id] : []))).toEqual(['data-intact', 'no-data-loss']);
});
