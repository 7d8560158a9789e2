import * as z from 'zod';
import type { MetricSeriesFacts } from '../evidence/metric-series.ts';
import { figures } from '../fields.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, atMost, chosen, inUnit, listed, type Unit } from './parameter-words.ts';

const unitOf: Readonly<Partial<Record<(typeof figures)[number], Unit>>> = { 'error-rate': '%', p95: 'ms', 'request-rate': 'per minute' };

export const metricWithin = evidenceRule({
  kind: 'metric-within/1',
  description: 'No point of a CloudWatch metric is beyond a limit, and few are missing.',
  evidence: 'metric-series',
  parameters: {
    series: z.string(),
    figure: z.enum(figures),
    /** The highest accepted value: percent, milliseconds, requests per minute or starts, as the figure says. */
    most: z.number().min(0),
    minPoints: z.int().min(1),
    maxMissingPct: z.number().min(0).max(100),
  },
  drawn: ({ series, figure, most }) => ({
    series: [series],
    limits: figure === 'restarts' ? [] : [{ figure, sense: 'most', value: most }],
  }),
  words: {
    series: listed('series'),
    figure: chosen('figure'),
    most: {
      name: 'each value',
      says: (value: number, _: unknown, { figure }: { readonly figure: (typeof figures)[number] }) =>
        `at most ${inUnit(value, unitOf[figure])}`,
      none: 'no limit',
    },
    minPoints: atLeast('points'),
    maxMissingPct: atMost('missing points', '%'),
  },
  bounds: { most: {}, minPoints: { least: 1 }, maxMissingPct: { most: 50 } },
  wants: ({ series, figure }) => `a look of Holdpoint itself at the figure ${figure} of the series ${series}`,
  appliesTo: (rule, facts: MetricSeriesFacts) => facts.series === rule.series && facts.is === rule.figure,
  // Another metric, or a window that begins later, says nothing about what was beyond the limit.
  covers: (later: readonly MetricSeriesFacts[], earlier: MetricSeriesFacts) =>
    later.some(
      ({ series, figure, from, unread }) =>
        series === earlier.series && figure === earlier.figure && unread === null && from <= earlier.from,
    ),
  judge: (rule, facts: MetricSeriesFacts): Judgement => {
    if (facts.unread !== null) return { verdict: 'inconclusive', reason: `the metric ${facts.figure} could not be read: ${facts.unread}` };
    const highest = facts.points.reduce((most, [, value]) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const said = `${facts.figure}: ${counted(facts.points.length, 'point')} of ${facts.period} s, ${facts.missing} missing`;
    if (highest > rule.most) return { verdict: 'fail', reason: `${said}, highest ${highest}; ${rule.most} at most expected` };
    if (facts.points.length < rule.minPoints)
      return { verdict: 'inconclusive', reason: `${said}; at least ${counted(rule.minPoints, 'point')} expected` };
    if (facts.missing * 100 > rule.maxMissingPct * (facts.points.length + facts.missing))
      return { verdict: 'inconclusive', reason: `${said}; at most ${rule.maxMissingPct} % missing expected` };
    return { verdict: 'pass', reason: `${said}, highest ${highest}` };
  },
});
