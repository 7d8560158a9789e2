import { html } from 'hono/html';
import type { ReviewWindow } from '../query/reviews-view.ts';
import type { SeenView } from '../query/seen-view.ts';
import { counted } from '../wording.ts';
import type { Markup } from './layout.ts';
import { lengthText } from './lengths.ts';
import { across, axis, type Frame, label, type Room, rect, roomOf, shape, touches } from './plot.ts';
import { isOff } from './series-picture.ts';

const triangle = 'M0 -7L7 6H-7Z';
const diamond = 'M0 -7L7 0L0 7L-7 0Z';
const cross = 'M-5 -5L5 5M5 -5L-5 5';

type Row = { readonly title: string; readonly height: number; readonly marks: (middle: number) => Markup };

/** What was seen in a window: alarms with the time that they were red, other bad observations, probes that failed, and how much was reported. */
export const seenPicture = (shown: ReviewWindow, frame: Frame): Markup => {
  const alarms = shown.bad.filter(({ kind }) => kind === 'alarm');
  const others = shown.bad.filter(({ kind }) => kind !== 'alarm');
  // Where some are not drawn, the number of those that are is not that of the sentence above.
  const titleOf = (what: string, count: number): string => (shown.badLeftOut === 0 ? `${what}: ${count}` : `${what}, the newest ${count}`);
  const rows: Row[] = [
    {
      title: titleOf('Alarms', alarms.length),
      height: 58,
      marks: (middle) =>
        html`${reds(alarms, frame).map((one) => rect(isOff(one) ? 'red off' : 'red', frame, redOf(one, frame), { top: middle - 3, height: 6 }))}${marked(alarms, frame, middle, triangle)}`,
    },
    { title: titleOf('Other bad observations', others.length), height: 58, marks: (middle) => marked(others, frame, middle, diamond) },
    ...(shown.probes.length === 0 ? [] : [probeRow(shown, frame)]),
  ];
  let y = 30;
  const drawn = rows.map((row) => {
    const at = y;
    y += row.height;
    return html`<text class="tick" x="0" y="${at - 6}">${row.title}</text>${row.marks(at + 14)}`;
  });
  const bars = [y + 2, y + 52] as const;
  return html`<figure class="plot"><figcaption><strong>Seen</strong>: ${sentence(shown)}</figcaption>
<svg width="100%" height="${bars[1] + 20}" role="img" aria-label="${sentence(shown)} The list of observations below has each with its time.">
${axis(frame, [22, bars[1]])}
${drawn}
${barsOf(shown, frame, bars)}
</svg><p class="soft">▲ alarm, with the time that it was red; ◆ another bad observation; filled: open or labelled true; hollow: labelled false, explained, or not counted. Bars: all observations; the lower part of a bar shows the bad ones. The numbers are those of the list below.${shown.badLeftOut === 0 ? '' : ` ${shown.badLeftOut} earlier ones are not drawn.`}</p></figure>`;
};

/** An alarm that is not OK again is red until now. */
const redOf = ({ seenAt, clearedAt }: SeenView, { now }: Frame) => ({
  from: Date.parse(seenAt),
  to: clearedAt === null ? now : Date.parse(clearedAt),
});

/** Of alarms that were red at the same places of the picture, the first. */
const reds = (alarms: readonly SeenView[], frame: Frame): readonly SeenView[] => {
  const keyOf = (one: SeenView): string => {
    const { from, to } = redOf(one, frame);
    return `${across(frame, from)} ${across(frame, to)} ${isOff(one)}`;
  };
  return [...new Map(alarms.toReversed().map((one) => [keyOf(one), one])).values()].reverse();
};

const marked = (all: readonly SeenView[], frame: Frame, middle: number, path: string): Markup => {
  const numbers: Room[] = [];
  const drawn = new Set<string>();
  return html`${all.map((one) => {
    const x = across(frame, Date.parse(one.seenAt));
    const key = `${x} ${isOff(one)}`;
    // A mark on the same place as another one cannot be seen.
    if (drawn.has(key)) return '';
    drawn.add(key);
    const number = String(one.number);
    const room = roomOf(x, number);
    const isFree = !touches(room, numbers);
    if (isFree) numbers.push(room);
    return html`${shape(isOff(one) ? 'point off' : 'point', x, middle, path)}${isFree ? label('tick', x, middle + 21, number) : ''}`;
  })}`;
};

const probeRow = ({ probes }: ReviewWindow, frame: Frame): Row => {
  const notGood = probes.flatMap((one) => one.notGood);
  return {
    title: `Holdpoint's own looks at probes that were not good: ${notGood.length}`,
    height: 40,
    marks: (middle) => html`${notGood.map(({ at }) => shape('cross', across(frame, Date.parse(at)), middle, cross))}`,
  };
};

const barsOf = ({ rate }: ReviewWindow, frame: Frame, [top, bottom]: readonly [number, number]): Markup => {
  const most = Math.max(1, ...rate.map(({ all }) => all));
  const height = (count: number): number => (count * (bottom - top - 16)) / most;
  const step = rate[0] === undefined ? '' : lengthText((rate[0].to - rate[0].from) / 1000);
  return html`<text class="tick" x="0" y="${top + 8}">All observations in each ${step === '1 h' ? 'hour' : step}, ${most} at most</text>${rate
    .filter(({ all }) => all > 0)
    .map(
      ({ all, bad, ...own }) =>
        html`${rect('bar', frame, own, { top: bottom - height(all), height: height(all) })}${bad === 0 ? '' : rect('bar bad', frame, own, { top: bottom - height(bad), height: height(bad) })}`,
    )}`;
};

const sentence = ({ counts: { all, bad, open, alarms, falseAlarms } }: ReviewWindow): string =>
  all === 0
    ? 'nothing yet that counts.'
    : `${counted(all, 'observation')} ${all === 1 ? 'counts' : 'count'}, ${bad} of them bad, ${open} without a label; ${counted(alarms, 'alarm')}${alarms === 0 ? '' : `, ${falseAlarms} labelled false`}.`;
