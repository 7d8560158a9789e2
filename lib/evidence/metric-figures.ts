import type { Outcome } from '../outcome.ts';
import { counted } from '../wording.ts';
import type { Problem } from './account.ts';
import { longestMs, mostPoints, type SeriesFigures, seriesName } from './series-facts.ts';
import { gapsOf, type SeriesWindow, spansOf } from './series-windows.ts';
import { unreadable } from './unreadable.ts';

/**
 * A series made of figures that a metric store keeps: requests, failed requests and the 95th percentile, each over the same steps. A response
 * says neither what its figures mean nor in which unit they are, so the query names both.
 */
const requestFigures = ['requests', 'requests_per_second'] as const;
const failureFigures = ['failed_requests', 'failed_requests_per_second', 'error_ratio', 'error_percent'] as const;
const p95Figures = ['p95_seconds', 'p95_ms'] as const;
const figures = [...requestFigures, ...failureFigures, ...p95Figures] as const;
type FigureName = (typeof figures)[number];

export const expectedFigures = `of one series, one of each: ${[requestFigures, failureFigures, p95Figures].map((some) => some.join(' or ')).join('; ')}`;

/** One result of a response. `said`: how the response itself identifies it, for people. Times are in milliseconds; NaN is no value. */
export type NamedResult = {
  readonly said: string;
  readonly series: string | undefined;
  readonly figure: string | undefined;
  readonly points: readonly (readonly [at: number, value: number])[];
};

/** `problems`: what does not add up in the response. */
type ReadSeries = { readonly figures: SeriesFigures; readonly problems: readonly Problem[] };

type Naming = { readonly fix: string };
type Figure = { readonly name: FigureName; readonly values: ReadonlyMap<number, number> };

/** Larger counts of a step are no counts of requests. */
const mostRequests = 1e12;
/** Of the whole series, and in a minute: larger numbers are not exact, and cannot be stored. */
const mostInAll = 1e15;
const most: Readonly<Record<FigureName, number>> = {
  requests: mostRequests,
  requests_per_second: mostRequests,
  failed_requests: mostRequests,
  failed_requests_per_second: mostRequests,
  error_ratio: 1,
  error_percent: 100,
  p95_seconds: longestMs / 1000,
  p95_ms: longestMs,
};

/** The figures of a response as one series. Every result must be named, no figure may come twice, and none may be missing. */
export const seriesOfResults = (results: readonly NamedResult[], about: string, { fix }: Naming): Outcome<ReadSeries> => {
  const candidates = results.map(({ said }) => said).join(' | ');
  const refused = (detail: string, got: string) => unreadable(detail, { got, expected: expectedFigures, fix });
  if (results.length === 0) return refused('The response has no series.', 'an empty result');
  if (results.some(({ series, figure }) => series === undefined || figure === undefined))
    return refused('The response does not name what its figures are.', candidates);
  const names = [...new Set(results.map(({ series }) => series ?? ''))];
  const [name = ''] = names;
  if (names.length > 1) return refused('The response has figures of several series.', names.join(', '));
  if (!seriesName.test(name)) return refused('The name of the series has small letters, digits and hyphens, 41 at most.', name);
  const read: Figure[] = [];
  for (const { figure, points, said } of results) {
    const known = figures.find((one) => one === figure);
    if (known === undefined) return refused('The response names a figure that is not known.', said);
    const wrong = flawOf(points, most[known]);
    if (wrong !== undefined) return refused(`The figure ${known} has a value or a time that it cannot have.`, wrong);
    read.push({ name: known, values: new Map(points.filter(([, value]) => !Number.isNaN(value))) });
  }
  const chosen = chosenOf(read);
  if (chosen === undefined) return refused('A series needs each of its figures once.', read.map(({ name: one }) => one).join(', '));
  const lost = lostIn(chosen);
  if (lost !== undefined) return refused('The response has failures whose number cannot be counted.', lost);
  const steps = stepsOf(chosen);
  if (!steps.some(({ isMeasured }) => isMeasured))
    return refused('At no time do all figures have a value, so nothing was measured.', candidates);
  const made = figuresOf(steps);
  const largest = largestOf(made);
  if (largest > mostInAll) return refused(`A series has ${mostInAll} requests at most, in all and in a minute.`, String(largest));
  return { ok: { figures: { name, about, ...made }, problems: beyondAll(steps) } };
};

const largestOf = ({ points, windows = [], requestsPerMinute = 0 }: Omit<SeriesFigures, 'name' | 'about'>): number =>
  Math.max(points, requestsPerMinute, ...windows.map((window) => window.requestsPerMinute ?? 0));

const flawOf = (points: NamedResult['points'], limit: number): string | undefined => {
  if (points.length > mostPoints) return `${counted(points.length, 'value')}; ${mostPoints} at most`;
  const back = points.findIndex(([at], place) => place > 0 && at <= (points[place - 1]?.[0] ?? 0));
  if (back >= 0) return `the time of value ${back + 1} is not later than the one before`;
  // An infinite value is one, too: leaving it out would leave out what is worst.
  const beyond = points.find(([, value]) => value < 0 || value > limit);
  return beyond && `${beyond[1]} at ${new Date(beyond[0]).toISOString()}`;
};

type Chosen = { readonly requests: Figure; readonly failures: Figure; readonly p95: Figure };

const chosenOf = (read: readonly Figure[]): Chosen | undefined => {
  const of = (names: readonly string[]): readonly Figure[] => read.filter(({ name }) => names.includes(name));
  const [[requests, ...more], [failures, ...others], [p95, ...rest]] = [of(requestFigures), of(failureFigures), of(p95Figures)];
  if (requests === undefined || failures === undefined || p95 === undefined) return undefined;
  return more.length + others.length + rest.length > 0 ? undefined : { requests, failures, p95 };
};

/** Failures that would count as none: a share of a number that nobody knows or that is 0, and a rate over a step of unknown length. */
const lostIn = ({ requests, failures, p95 }: Chosen): string | undefined => {
  const of = [...failures.values].filter(([, value]) => value > 0).map(([time, value]) => ({ time, value }));
  const textOf = ({ time, value }: (typeof of)[number]) => `${failures.name} ${value} at ${new Date(time).toISOString()}`;
  if (isShare(failures.name)) {
    const bare = of.find(({ time }) => (requests.values.get(time) ?? 0) === 0);
    return bare && `${textOf(bare)}, where ${requests.name} has no value or 0`;
  }
  const times = new Set([requests, failures, p95].flatMap(({ values }) => [...values.keys()]));
  const [only] = of;
  return failures.name.endsWith('_per_second') && times.size === 1 && only !== undefined ? `${textOf(only)}, the only step` : undefined;
};

type Step = {
  readonly time: number;
  /** Whether all figures have a value, and there were requests. A step without them is a gap. */
  readonly isMeasured: boolean;
  readonly requests: number;
  /** What the response says of the requests; null without a value. */
  readonly stated: number | null;
  readonly failed: number;
  /** Null: without a value. */
  readonly p95Ms: number | null;
};

/** What is bad counts in every step; what is good only in one of which everything is known. */
const stepsOf = ({ requests, failures, p95 }: Chosen): readonly Step[] => {
  const times = [...new Set([requests, failures, p95].flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  // The response does not say how long a step is. The shortest distance is that length, or a step is missing everywhere.
  const shortest = times.slice(1).reduce((least, time, place) => Math.min(least, time - (times[place] ?? 0)), Number.POSITIVE_INFINITY);
  const stepSeconds = Number.isFinite(shortest) ? shortest / 1000 : 0;
  const countOf = ({ name, values }: Figure, time: number): number | undefined => {
    const value = values.get(time);
    return value === undefined || !name.endsWith('_per_second') ? value : value * stepSeconds;
  };
  return times.map((time): Step => {
    const all = countOf(requests, time);
    const failed = failedOf(failures.name, countOf(failures, time), all);
    const slow = p95.values.get(time);
    const p95Ms = slow === undefined ? null : milliseconds(p95.name === 'p95_seconds' ? slow * 1000 : slow);
    // Where every request failed there may be no response time.
    const isMeasured = all !== undefined && all > 0 && failed !== undefined && (p95Ms !== null || failed >= all);
    const known = failed ?? 0;
    return { time, isMeasured, requests: isMeasured ? Math.max(all, known) : known, stated: all ?? null, failed: known, p95Ms };
  });
};

/** Rates are fractions: a difference of less than a thousandth is their rounding. */
const beyondAll = (steps: readonly Step[]): Problem[] => {
  const beyond = steps.flatMap(({ stated, ...one }) => (stated === null || one.failed <= stated * 1.001 ? [] : [{ ...one, stated }]));
  const [first] = beyond;
  if (first === undefined) return [];
  const [declared, found] = [rounded(sum(beyond.map(({ stated }) => stated))), rounded(sum(beyond.map(({ failed }) => failed)))];
  const at = new Date(first.time).toISOString();
  const title = `More requests failed than the metric counts, in ${counted(beyond.length, 'step')}: ${found} of ${declared}, first at ${at}. As many requests as failed are counted there.`;
  return [{ type: 'failures-beyond-requests', title, declared, counted: found }];
};
const rounded = (figure: number): number => Math.round(figure * 100) / 100;

const isShare = (name: FigureName): boolean => name === 'error_ratio' || name === 'error_percent';

const failedOf = (name: FigureName, value: number | undefined, all: number | undefined): number | undefined => {
  if (!isShare(name)) return value;
  return value === undefined || all === undefined ? undefined : value * all * (name === 'error_percent' ? 0.01 : 1);
};

/** Metrics are binary fractions: 0.2 s is no 200.00000000000003 ms. */
const milliseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Whole requests: what failed is rounded up, all others down. */
const countsOf = (steps: readonly Step[]): { readonly points: number; readonly failed: number } => {
  const failed = Math.max(0, Math.ceil(sum(steps.map((step) => step.failed)) - 1e-9));
  return { points: Math.max(failed, Math.floor(sum(steps.map(({ requests }) => requests)) + 1e-9)), failed };
};
/**
 * The percentile of all requests is not known from those of the steps, but it is not above the highest of them. Where no request was answered
 * no response time is known, and none is good.
 */
const highest = (steps: readonly Step[]): number => {
  const known = steps.flatMap(({ p95Ms }) => p95Ms ?? []);
  return known.length === 0 ? longestMs : known.reduce((a, b) => Math.max(a, b));
};
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const figuresOf = (steps: readonly Step[]): Omit<SeriesFigures, 'name' | 'about'> => {
  const times = steps.filter(({ isMeasured }) => isMeasured).map(({ time }) => time);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const gaps = gapsOf(times);
  const rate = perMinuteOf(steps.slice(1), first, last);
  return {
    ...countsOf(steps),
    from: new Date(first).toISOString(),
    to: new Date(last).toISOString(),
    durationSeconds: (last - first) / 1000,
    longestGapSeconds: gaps[0]?.seconds ?? 0,
    p95Ms: highest(steps),
    ...(rate === undefined ? {} : { requestsPerMinute: rate }),
    windows: windowsOf(steps),
    gaps,
  };
};

const windowsOf = (steps: readonly Step[]): SeriesWindow[] =>
  spansOf(steps).flatMap(({ from, until, within }, place) => {
    const counts = countsOf(within);
    if (counts.points === 0) return [];
    const rate = perMinuteOf(place === 0 ? within.slice(1) : within, from, until);
    return {
      from: new Date(from).toISOString(),
      ...counts,
      p95Ms: highest(within),
      ...(rate === undefined ? {} : { requestsPerMinute: rate }),
    };
  });

/** What nobody measured counts as no requests. */
const perMinuteOf = (counted: readonly Step[], from: number, until: number): number | undefined =>
  until <= from ? undefined : Math.round((sum(counted.map(({ requests }) => requests)) * 6_000_000) / (until - from)) / 100;
