import { describe, expect, test } from 'vitest';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import { subjectOfAlarm } from '../../lib/fields.ts';
import { judgeComputed, type Rule, type RunInputs } from '../../lib/registry/rules.ts';
import { alarm, at, baseline, deployment, figures, label, nothingTaken, seen, taken } from '../lane-events.ts';

const ruleOf = (check: string): Rule => itemOf(baseChecklist, check)?.rule ?? expect.fail(`no rule of ${check}`);
type Lanes = { observation?: readonly Stored[]; measurement?: readonly Stored[]; deployment?: readonly Stored[] };
type Start = DataOf<'run.started'>;

type Given = { components?: string[]; startOrder?: Start['startOrder']; alarms?: string[]; ended?: boolean };

/** The window of the check's gate has ended unless a test says otherwise. */
const judge = (check: string, lanes: Lanes, { components = ['web'], startOrder, alarms, ended = true }: Given = {}) => {
  const inputs: RunInputs = {
    now: new Date(at(2000)),
    release: {
      artifacts: components.map((component) => ({ component, digest: 'sha256:1' })),
      ...(startOrder && { startOrder }),
      ...(alarms && { alarms }),
    } as Start,
    lanes: { deployment, observation: [], measurement: [], notice: [], approval: [], rollback: [], environment: [], ...lanes },
    windowEndsAt: Date.parse(at(ended ? 1441 : 3000)),
    entry: undefined,
    finding: () => undefined,
  };
  return judgeComputed(ruleOf(check), inputs);
};

describe('performance within the baseline', () => {
  test.each<[string, Lanes, string | undefined]>([
    ['as the baseline', { measurement: [baseline, figures('health', 2, 3, [])] }, 'pass'],
    ['exactly 50 % worse', { measurement: [baseline, figures('health', 2, 3, [], { p95Ms: 300 })] }, 'pass'],
    ['a little more', { measurement: [baseline, figures('health', 2, 3, [], { p95Ms: 300.01 })] }, 'fail'],
    ['better', { measurement: [baseline, figures('health', 2, 3, [], { p95Ms: 1 })] }, 'pass'],
    ['no baseline', { measurement: [figures('health', 2, 3, [])] }, 'inconclusive'],
    [
      'a baseline that failed its check',
      { measurement: [figures('baseline', -9, -8, [], { passed: false }), figures('health', 2, 3, [])] },
      'inconclusive',
    ],
    [
      'a baseline of another component',
      { measurement: [figures('baseline', -9, -8, [], { component: 'queue' }), figures('health', 2, 3, [], { component: 'web' })] },
      'inconclusive',
    ],
    [
      'a baseline of the only component',
      { measurement: [figures('baseline', -9, -8, [], { component: 'web' }), figures('health', 2, 3, [])] },
      'pass',
    ],
    [
      'the later baseline counts',
      { measurement: [baseline, figures('baseline', -9, -8, [], { p95Ms: 400 }), figures('health', 2, 3, [], { p95Ms: 500 })] },
      'pass',
    ],
    ['ten points', { measurement: [baseline, figures('health', 2, 3, [], { points: 10 })] }, 'pass'],
    ['nine points', { measurement: [baseline, figures('health', 2, 3, [], { points: 9 })] }, 'inconclusive'],
    [
      'at the floor, whatever the baseline',
      { measurement: [figures('baseline', -9, -8, [], { p95Ms: 1 }), figures('health', 2, 3, [], { p95Ms: 100 })] },
      'pass',
    ],
    [
      'above the floor',
      { measurement: [figures('baseline', -9, -8, [], { p95Ms: 1 }), figures('health', 2, 3, [], { p95Ms: 101 })] },
      'fail',
    ],
    [
      'one of two sources is worse',
      { measurement: [baseline, figures('health', 2, 3, []), figures('health', 2, 3, [], { source: 'b', p95Ms: 900 })] },
      'fail',
    ],
    [
      'the same source was worse before',
      { measurement: [baseline, figures('health', 2, 3, [], { p95Ms: 900 }), figures('health', 4, 5, [])] },
      'pass',
    ],
    ['began before the deployment had finished', { measurement: [baseline, figures('health', 0.9, 3, [])] }, undefined],
    ['another series', { measurement: [baseline, figures('soak', 2, 3, [])] }, undefined],
    ['nothing deployed', { deployment: [], measurement: [baseline, figures('health', 2, 3, [])] }, undefined],
    [
      'an error that nobody explained does not concern it',
      { measurement: [baseline, figures('health', 2, 3, [])], observation: [seen(2, { kind: 'error' })] },
      'pass',
    ],
  ])('p95, %s', (_why, lanes, expected) => {
    expect(judge('performance-normal', lanes)?.verdict).toBe(expected);
  });

  const health = (errorRatePct: number) => [baseline, figures('health', 2, 3, [], { errorRatePct })];
  const error = seen(2, { kind: 'error', observation: 'log-errors' });
  test.each<[string, Lanes, string | undefined]>([
    ['as the baseline', { measurement: health(1) }, 'pass'],
    ['exactly 50 % worse', { measurement: health(1.5) }, 'pass'],
    ['a little more', { measurement: health(1.51) }, 'fail'],
    [
      'half a percent is no spike',
      { measurement: [figures('baseline', -9, -8, [], { errorRatePct: 0 }), figures('health', 2, 3, [], { errorRatePct: 0.5 })] },
      'pass',
    ],
    ['an alarm on the logs', { measurement: health(1), observation: [error] }, 'fail'],
    ['an alarm on the logs, labelled', { measurement: health(1), observation: [error, label('log-errors', 'explained', 3)] }, 'pass'],
    ['a restart', { measurement: health(1), observation: [seen(2, { kind: 'restart' })] }, 'pass'],
  ])('error rate, %s', (_why, lanes, expected) => {
    expect(judge('no-error-spikes', lanes)?.verdict).toBe(expected);
  });

  test.each<[string, Lanes, string | undefined]>([
    ['24 hours', { measurement: [taken(), figures('stability', 2, 1442, [])] }, 'pass'],
    ['a moment less', { measurement: [taken(), figures('stability', 2, 1441.99, [])] }, 'inconclusive'],
    ['exactly 50 % worse', { measurement: [taken(), figures('stability', 2, 1442, [], { p95Ms: 300, errorRatePct: 1.5 })] }, 'pass'],
    ['slower than the last stable release', { measurement: [taken(), figures('stability', 2, 1442, [], { p95Ms: 301 })] }, 'fail'],
    ['more failed requests than in it', { measurement: [taken(), figures('stability', 2, 1442, [], { errorRatePct: 1.51 })] }, 'fail'],
    ["the run's own baseline says nothing here", { measurement: [baseline, figures('stability', 2, 1442, [])] }, undefined],
    ['no release has become stable', { measurement: [nothingTaken, figures('stability', 2, 1442, [])] }, 'inconclusive'],
    ['of what was taken the last counts', { measurement: [nothingTaken, taken(), figures('stability', 2, 1442, [])] }, 'pass'],
    ['a baseline without error rate', { measurement: [taken({ errorRatePct: null }), figures('stability', 2, 1442, [])] }, 'inconclusive'],
    [
      'a failing figure counts beside one without a baseline',
      { measurement: [taken({ errorRatePct: null }), figures('stability', 2, 1442, [], { p95Ms: 301 })] },
      'fail',
    ],
    ['a series without error rate', { measurement: [taken(), figures('stability', 2, 1442, [], { errorRatePct: null })] }, 'inconclusive'],
    [
      'a baseline of another component',
      { measurement: [taken({ component: 'queue' }), figures('stability', 2, 1442, [], { component: 'web' })] },
      'inconclusive',
    ],
    [
      'an open observation of performance',
      { measurement: [taken(), figures('stability', 2, 1442, [])], observation: [seen(9, { kind: 'performance' })] },
      'fail',
    ],
  ])('over the day, %s', (_why, lanes, expected) => {
    expect(judge('performance-stable', lanes)?.verdict).toBe(expected);
  });

  test('says figures, baseline and limit', () => {
    expect(judge('performance-normal', { measurement: [baseline, figures('health', 2, 3, [], { p95Ms: 301 })] })?.reason).toBe(
      `p95 301 ms over 100 points of health, baseline 200 ms; at most 50 % worse expected, or 100 ms; baseline: this run's own, from ${at(-60)}`,
    );
    const figuresOf = (errorRatePct: number) =>
      judge('performance-stable', { measurement: [taken(), figures('stability', 2, 1442, [], { errorRatePct })] })?.reason;
    const origin = `baseline: version 1.2.2 (run earlier), stability from ${at(-4000)}`;
    expect(figuresOf(1)).toBe(
      `p95 200 ms over 100 points of stability, baseline 200 ms; error rate 1 % over 100 points of stability, baseline 1 %; ${origin}`,
    );
    expect(figuresOf(2)).toBe(
      `error rate 2 % over 100 points of stability, baseline 1 %; at most 50 % worse expected, or 0.5 %; ${origin}`,
    );
  });
});

describe('load is increased gradually', () => {
  const normal = figures('baseline', -9, -8, [], { requestsPerMinute: 100 });
  const ramp = (...rates: (number | undefined)[]) =>
    figures(
      'monitoring',
      2,
      240,
      rates.map((requestsPerMinute) => ({ requestsPerMinute })),
    );
  test.each<[string, readonly Stored[], string | undefined]>([
    ['step by step', [normal, ramp(10, 40, 70, 100, 100, 100)], 'pass'],
    ['at once, as when an alias is shifted', [normal, ramp(0, 100, 100, 100)], 'pass'],
    ['to exactly 80 %', [normal, ramp(10, 80, 80, 80)], 'pass'],
    ['to less', [normal, ramp(10, 80, 80, 79)], 'inconclusive'],
    ['not at all', [normal, ramp(0, 0, 0)], 'inconclusive'],
    ['by a step beyond what is normal', [normal, ramp(0, 101, 100, 100)], 'fail'],
    ['a series without a rate', [normal, ramp(undefined, undefined)], 'inconclusive'],
    ['a window without a rate', [normal, ramp(10, undefined, 100, 100)], 'inconclusive'],
    ['one window', [normal, ramp(100)], 'inconclusive'],
    ['a baseline without a rate', [baseline, ramp(10, 100, 100)], 'inconclusive'],
    ['no baseline', [ramp(10, 100, 100)], 'inconclusive'],
    ['no series yet', [normal], undefined],
  ])('%s', (_why, measurement, expected) => {
    const whole = measurement.map((one) => withRate(one));
    expect(judge('load-increased-gradually', { measurement: whole })?.verdict).toBe(expected);
  });

  /** A series has a rate of its own when all of its windows have one. */
  const withRate = (one: Stored): Stored => {
    const data = one.event.data as DataOf<'figures.measured'>;
    if (data.requestsPerMinute !== null || data.windows.every(({ requestsPerMinute }) => requestsPerMinute === undefined)) return one;
    return { ...one, event: { ...one.event, data: { ...data, requestsPerMinute: 1 } } } as Stored;
  };
});

describe('no data loss', () => {
  const whole = seen(30, { kind: 'data', bad: false });
  const harmed = seen(40, { kind: 'data', observation: 'sums' });
  test.each<[string, readonly Stored[], { ended?: boolean }, string | undefined]>([
    ['a report that the data are whole', [whole], {}, 'pass'],
    ['before the window has ended', [whole], { ended: false }, undefined],
    ['no report', [], {}, 'inconclusive'],
    ['other observations', [seen(30, { bad: false })], {}, 'inconclusive'],
    ['a person says so', [seen(30, { kind: 'data', bad: false, words: 'd'.repeat(64) })], {}, 'inconclusive'],
    ['from before the deployment', [seen(-30, { kind: 'data', bad: false })], {}, 'inconclusive'],
    ['harmed data, at once', [whole, harmed], { ended: false }, 'fail'],
    ['harmed data that a person reports', [whole, seen(40, { kind: 'data', words: 'd'.repeat(64) })], {}, 'fail'],
    ['harmed data, confirmed', [whole, harmed, label('sums', 'true', 50)], {}, 'fail'],
    ['a false report', [whole, harmed, label('sums', 'false', 50)], {}, 'pass'],
    ['an explained one', [whole, harmed, label('sums', 'explained', 50)], {}, 'pass'],
  ])('%s', (_why, observation, given, expected) => {
    expect(judge('no-data-loss', { observation }, given)?.verdict).toBe(expected);
  });
});

describe('all alerts verified working', () => {
  test.each<[string, readonly Stored[], string | undefined]>([
    ['red and OK again', [alarm(2, 'a'), alarm(3, 'a', { bad: false })], 'pass'],
    ['an announced test', [alarm(2, 'a', { setAside: 'announced' }), alarm(3, 'a', { bad: false, setAside: 'announced' })], 'pass'],
    ['red', [alarm(2, 'a')], undefined],
    ['an announced test that is not over', [alarm(2, 'a', { setAside: 'announced' })], undefined],
    ['only OK', [alarm(3, 'a', { bad: false })], undefined],
    ['before the deployment', [alarm(-2, 'a'), alarm(-1, 'a', { bad: false })], undefined],
    ['another one is red', [alarm(2, 'a'), alarm(3, 'a', { bad: false }), alarm(4, 'b')], 'pass'],
    ['nothing', [], undefined],
  ])('%s', (_why, observation, expected) => {
    expect(judge('alerts-verified', { observation })?.verdict).toBe(expected);
  });

  test('asks for each that the stage named, one after the other, and names those that are left', () => {
    const long = 'c'.repeat(250);
    const alarms = ['a', 'b', long];
    const back = (subject: string, minutes: number) => [alarm(minutes, subject), alarm(minutes + 1, subject, { bad: false })];
    // Nobody has tested one yet: there is nothing to say, and nobody is mailed.
    expect(judge('alerts-verified', { observation: [] }, { alarms })).toBeUndefined();
    expect(judge('alerts-verified', { observation: [...back('a', 2), ...back('other', 4)] }, { alarms })?.reason).toContain(
      '2 of the 3 that the stage names not yet: b, ccc',
    );
    const all = [...back('a', 2), ...back('b', 60), ...back(subjectOfAlarm(long), 120)];
    expect(judge('alerts-verified', { observation: all }, { alarms })).toEqual({
      verdict: 'pass',
      reason: '3 alarms heard since the deployment, red and OK again',
    });
    expect(judge('alerts-verified', { observation: [...all, ...back('other', 130), alarm(140, 'b')] }, { alarms })?.verdict).toBe('pass');
  });
});
