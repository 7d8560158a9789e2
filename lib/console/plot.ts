import { html } from 'hono/html';
import type { Interval } from '../query/review-charts.ts';
import type { Markup } from './layout.ts';
import { lengthText } from './lengths.ts';

/**
 * What the pictures of a window share. Places in time are percent of the width and heights are pixels, so that a picture fits every screen and
 * its text keeps its size. Colours come from classes: the policy of the page allows no style attribute.
 */

export type Frame = {
  /** What is drawn. */
  readonly window: Interval;
  readonly begins: number | null;
  readonly ends: number | null;
  readonly now: number;
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Where an instant stands, in percent of the width. */
export const across = ({ window: { from, to } }: Frame, at: number): number =>
  rounded(Math.min(100, Math.max(0, ((at - from) * 100) / Math.max(1, to - from))));

export const rect = (kind: string, frame: Frame, { from, to }: Interval, { top, height }: { top: number; height: number }): Markup => {
  const x = across(frame, from);
  // What is shorter than a pixel would not be seen.
  return html`<rect class="${kind}" x="${x}%" y="${rounded(top)}" width="${Math.max(0.4, rounded(across(frame, to) - x))}%" height="${rounded(Math.max(0, height))}"/>`;
};

type End = { readonly at: number; readonly y: number };
export const line = (kind: string, frame: Frame, a: End, b: End): Markup =>
  html`<line class="${kind}" x1="${across(frame, a.at)}%" y1="${rounded(a.y)}" x2="${across(frame, b.at)}%" y2="${rounded(b.y)}"/>`;

export const upright = (kind: string, frame: Frame, at: number, [top, bottom]: readonly [number, number]): Markup =>
  line(kind, frame, { at, y: top }, { at, y: bottom });

/** Where an instant stands in a panel, which is so many units wide. */
const units = 1000;
const inPanel = (frame: Frame, at: number): number => Math.round(across(frame, at) * (units / 100));

/** A part of the picture whose paths are stretched to its width: one path takes a tenth of what single lines do. */
export const panel = ([top, bottom]: readonly [number, number], content: Markup): Markup =>
  html`<svg class="panel" y="${top}" width="100%" height="${bottom - top}" viewBox="0 0 ${units} ${bottom - top}" preserveAspectRatio="none">${content}</svg>`;

/** Steps at heights, in pixels from the top of the panel; broken where a step does not begin at the end of the one before. */
export const stepsPath = (kind: string, frame: Frame, steps: readonly (Interval & { readonly y: number })[]): Markup | '' => {
  const path = steps.map(({ from, to, y }, place) => {
    const before = steps[place - 1];
    const at = before !== undefined && before.to >= from ? `V${rounded(y)}` : `M${inPanel(frame, from)} ${rounded(y)}`;
    return `${at}H${inPanel(frame, to)}`;
  });
  return path.length === 0 ? '' : html`<path class="${kind}" d="${path.join('')}"/>`;
};

/** Upright lines through a panel of this height. */
export const uprights = (kind: string, frame: Frame, instants: readonly number[], height: number): Markup | '' =>
  instants.length === 0
    ? ''
    : html`<path class="${kind}" d="${[...new Set(instants.map((at) => `M${inPanel(frame, at)} 0V${height}`))].join('')}"/>`;

/** A text that does not leave the picture at its edges. */
export const label = (kind: string, x: number, y: number, text: string): Markup =>
  html`<text class="${kind}" x="${x}%" y="${rounded(y)}" text-anchor="${anchorAt(x)}">${text}</text>`;

const anchorAt = (x: number): 'start' | 'middle' | 'end' => (x < 8 ? 'start' : x > 92 ? 'end' : 'middle');

/** A picture is so many pixels wide on the narrowest phone, and a sign of a label at most so many. On wider screens there is more room. */
const [leastWidth, signWidth] = [290, 7.6];

export type Room = readonly [left: number, right: number];

/** What a label takes of the width of a picture, in percent. */
export const roomOf = (x: number, text: string): Room => {
  const width = (text.length * signWidth * 100) / leastWidth;
  const left = { start: x, middle: x - width / 2, end: x - width }[anchorAt(x)];
  return [left, left + width];
};

/** Whether a label would touch one of these. */
export const touches = ([left, right]: Room, others: readonly Room[]): boolean =>
  others.some((other) => left < other[1] + 1 && other[0] < right + 1);

/** A shape of twelve pixels around a place: `path` begins at 0,0. */
export const shape = (kind: string, x: number, y: number, path: string): Markup =>
  html`<svg class="shape" x="${x}%" y="${rounded(y)}" overflow="visible"><path class="${kind}" d="${path}"/></svg>`;

const tickSteps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800].map(
  (seconds) => seconds * 1000,
);

/** So that four stretches at most fill the width: more labels would not fit on a phone. */
const tickStep = (length: number): number => tickSteps.find((step) => length / step < 4.2) ?? Math.ceil(length / 4);

/** Beginning, end and now, with the time since the beginning below. Where two of them would touch, now is what a reader needs, then the first. */
export const axis = (frame: Frame, [top, bottom]: readonly [number, number]): Markup => {
  const { window, begins, ends, now } = frame;
  const isNow = now > window.from && now < window.to;
  return html`${line('base', frame, { at: window.from, y: bottom }, { at: window.to, y: bottom })}
${timesOf(frame, isNow).map(({ x, text }) => label('tick', x, bottom + 16, text))}
${begins === null ? '' : upright('edge', frame, begins, [top, bottom])}${ends === null ? '' : upright('edge', frame, ends, [top, bottom])}
${isNow ? upright('now', frame, now, [top, bottom + 5]) : ''}`;
};

const timesOf = (frame: Frame, isNow: boolean): { readonly x: number; readonly text: string }[] => {
  const { window, begins, now } = frame;
  const from = begins ?? window.from;
  const step = tickStep(window.to - from);
  const ticks = Array.from({ length: Math.floor((window.to - from) / step) + 1 }, (_, place) => ({
    x: across(frame, from + place * step),
    text: place > 0 ? `+${lengthText((place * step) / 1000)}` : begins === null ? '0' : 'begin',
  }));
  const taken: Room[] = [];
  return [...(isNow ? [{ x: across(frame, now), text: 'now' }] : []), ...ticks].filter(({ x, text }) => {
    const room = roomOf(x, text);
    const isFree = !touches(room, taken);
    if (isFree) taken.push(room);
    return isFree;
  });
};
