import { html } from 'hono/html';
import type { Chart, ChartLimit, Figure, Stroke } from '../query/review-charts.ts';
import type { SeenView } from '../query/seen-view.ts';
import type { Markup } from './layout.ts';
import { figureText } from './lengths.ts';
import { across, axis, type Frame, label, line, panel, rect, stepsPath, uprights } from './plot.ts';

export const figureNames: Readonly<Record<Figure, string>> = {
  p95: 'Response time (p95)',
  'error-rate': 'Failed requests',
  'request-rate': 'Requests per minute',
};
const units: Readonly<Record<Figure, string>> = { p95: ' ms', 'error-rate': ' %', 'request-rate': '' };
export const valueText = (figure: Figure, value: number): string => `${figureText(value)}${units[figure]}`;

const top = 34;
const bottom = 132;

export const limitText = (figure: Figure, { sense, value, of, component }: ChartLimit): string => {
  const whose = component === null ? '' : ` for ${component}`;
  if (of === null) return `at ${sense} ${valueText(figure, value)}${whose}`;
  const share = (of.baseline * of.pct) / 100;
  const baseline = valueText(figure, of.baseline);
  return share < value
    ? `at ${sense} ${valueText(figure, value)}${whose} (the baseline is ${baseline}, and up to ${valueText(figure, value)} counts as normal)`
    : `at ${sense} ${valueText(figure, value)}${whose} (${figureText(of.pct)} % of the baseline of ${baseline})`;
};

/** Limits that are so many times above everything that was measured would flatten it to a line. */
const farTimes = 4;

type Scale = { readonly most: number; readonly shown: readonly ChartLimit[]; readonly above: readonly ChartLimit[] };

const scaleOf = ({ strokes, limits }: Chart): Scale => {
  const values = strokes.flatMap(({ stretches, trend }) => [...stretches.map(({ value }) => value), trend?.start ?? 0, trend?.end ?? 0]);
  const highest = Math.max(0, ...values);
  const far = highest * farTimes;
  const nearest = Math.min(...limits.map(({ value }) => value));
  const shown = limits.filter(({ value }) => value <= far || (highest === 0 && value === nearest));
  const most = Math.max(highest, ...shown.map(({ value }) => value));
  return { most: most === 0 ? 1 : most * 1.12, shown, above: limits.filter((one) => !shown.includes(one)) };
};

/** One figure of one series over a window, with its limits, gaps and the bad observations. */
export const seriesPicture = (chart: Chart, frame: Frame, bad: readonly SeenView[]): Markup => {
  const scale = scaleOf(chart);
  const y = (value: number): number => bottom - (Math.max(0, value) * (bottom - top)) / scale.most;
  return html`<figure class="plot"><figcaption>${caption(chart)}</figcaption>
<svg width="100%" height="152" role="img" aria-label="${summary(chart)} The list of this window has the numbers.">
${chart.gaps.map((gap) => gapOf(frame, gap))}
${axis(frame, [top, bottom])}
${scale.shown.map((limit) => line(`limit ${limit.sense}`, frame, { at: frame.window.from, y: y(limit.value) }, { at: frame.window.to, y: y(limit.value) }))}
${placed(scale.shown, y).map(({ limit, at }) => html`<text class="tick limits" x="100%" y="${at}" text-anchor="end">${sensed(chart.figure, limit)}</text>`)}
${scale.above.length === 0 ? '' : html`<text class="tick limits" x="100%" y="12" text-anchor="end">↑ ${scale.above.map((limit) => sensed(chart.figure, limit)).join(', ')}: above this picture</text>`}
${panel(
  [top, bottom],
  html`${marksOf(bad, frame)}${chart.strokes.map(({ stretches }, place) =>
    stepsPath(
      `stroke k${place % 4}`,
      frame,
      stretches.map((one) => ({ ...one, y: y(one.value) - top })),
    ),
  )}`,
)}
${chart.strokes.map(({ trend }) => (trend === null ? '' : line('trend', frame, { at: trend.from, y: y(trend.start) }, { at: trend.to, y: y(trend.end) })))}
<text class="tick" x="0" y="${top - 4}">${valueText(chart.figure, scale.most)}</text>
</svg>${legend(chart)}</figure>`;
};

const sensed = (figure: Figure, { sense, value }: ChartLimit): string => `at ${sense} ${valueText(figure, value)}`;

const gapOf = (frame: Frame, gap: Chart['gaps'][number]): Markup => {
  const middle = (across(frame, gap.from) + across(frame, gap.to)) / 2;
  const isWide = across(frame, gap.to) - across(frame, gap.from) > 14;
  return html`${rect('gap', frame, gap, { top, height: bottom - top })}${isWide ? label('tick', middle, (top + bottom) / 2, 'not measured') : ''}`;
};

/** Labels of limits, one above the other where they would overlap. */
const placed = (limits: readonly ChartLimit[], y: (value: number) => number): { readonly limit: ChartLimit; readonly at: number }[] => {
  const sorted = limits.toSorted((a, b) => a.value - b.value);
  const found: { limit: ChartLimit; at: number }[] = [];
  for (const limit of sorted) {
    const above = y(limit.value) - 4;
    const last = found.at(-1)?.at;
    found.push({ limit, at: Math.round(last === undefined ? above : Math.min(above, last - 13)) });
  }
  return found;
};

/** Labelled false, explained, or not counted: it is no fault of the release. */
export const isOff = ({ label: said, notCounted }: SeenView): boolean => notCounted !== null || said === 'false' || said === 'explained';

/** The bad observations through the height of a picture; those that are no fault of the release dashed. */
const marksOf = (bad: readonly SeenView[], frame: Frame): Markup => {
  const at = (all: readonly SeenView[]): readonly number[] => all.map(({ seenAt }) => Date.parse(seenAt));
  const off = bad.filter(isOff);
  return html`${uprights('mark off', frame, at(off), bottom - top)}${uprights(
    'mark',
    frame,
    at(bad.filter((one) => !off.includes(one))),
    bottom - top,
  )}`;
};

const spanOf = ({ strokes, figure }: Chart): string => {
  const values = strokes.flatMap(({ stretches }) => stretches.map(({ value }) => value));
  if (values.length === 0) return 'nothing was measured in this window';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return valueText(figure, least) === valueText(figure, most)
    ? valueText(figure, most)
    : `between ${valueText(figure, least)} and ${valueText(figure, most)}`;
};

const summary = (chart: Chart): string =>
  `${figureNames[chart.figure]} of the series ${chart.series}: ${spanOf(chart)}.${chart.limits.map((limit) => ` Limit: ${limitText(chart.figure, limit)}.`).join('')}${chart.gaps.length === 0 ? '' : ` ${chart.gaps.length === 1 ? 'One stretch was' : `${chart.gaps.length} stretches were`} not measured.`}`;

const caption = (chart: Chart): Markup =>
  html`<strong>${figureNames[chart.figure]}</strong> of <span class="mono">${chart.series}</span>: ${spanOf(chart)}`;

const legend = (chart: Chart): Markup => {
  const { figure, limits, withoutBaseline, strokes, isHighest } = chart;
  const trend = strokes.find((one) => one.trend !== null)?.trend;
  const parts = [
    ...limits.map((limit) => `${limit.check}: ${limitText(figure, limit)}.`),
    ...(trend == null
      ? []
      : [`Trend (dotted): ${trend.end < trend.start ? 'falls' : 'rises'} by ${valueText(figure, Math.abs(trend.end - trend.start))}.`]),
    ...withoutBaseline.map((check) => `${check}: there is no baseline to compare it with.`),
    ...(isHighest ? ['Of a metric each step is the highest value of its stretch.'] : []),
  ];
  const names = new Set(strokes.map(nameOf));
  return html`<p class="soft">${parts.join(' ')}${names.size < 2 ? '' : html` ${strokes.map((stroke, place) => html`<span class="key k${place % 4}">${nameOf(stroke)}</span> `)}`}</p>`;
};

const nameOf = ({ source, component }: Stroke): string => `${source}${component === null ? '' : `, ${component}`}`;
