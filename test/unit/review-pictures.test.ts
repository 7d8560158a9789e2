import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { axis, type Frame, roomOf, touches } from '../../lib/console/plot.ts';
import { drawnOf } from '../../lib/query/drawn-window.ts';
import type { SeenView } from '../../lib/query/seen-view.ts';

const hour = 3_600_000;
const begins = Date.parse('2026-03-02T08:00:00.000Z');
const at = (hours: number): number => begins + hours * hour;
const instant = (hours: number): string => new Date(at(hours)).toISOString();
/** What was drawn is a fiftieth wider at both sides. */
const hoursOf = (drawn: { from: number; to: number }): number => Math.round((((drawn.to - drawn.from) / hour) * 50) / 52);

const seen = (hours: number, bad: boolean): SeenView => ({ kind: 'alarm', bad, seenAt: instant(hours), clearedAt: null }) as SeenView;
const measured = (name: string, hours: number): Stored =>
  ({ event: { type: 'figures.measured', data: { name, to: instant(hours) } } }) as unknown as Stored;

describe('what is drawn of a window of four hours that waits for seventeen', () => {
  const until = { from: begins, to: at(17) };
  const nothing = { seen: [], measurement: [], series: ['monitoring'] };

  test('ends with the window', () => {
    expect(hoursOf(drawnOf(until, at(4), nothing))).toBe(4);
    expect(hoursOf(drawnOf(until, at(4), { ...nothing, seen: [seen(1, true), seen(9, false)] }))).toBe(4);
  });

  test('goes on to the last bad observation or report that may still count', () => {
    expect(hoursOf(drawnOf(until, at(4), { ...nothing, seen: [seen(6, true), seen(9, true)] }))).toBe(9);
    expect(hoursOf(drawnOf(until, at(4), { ...nothing, measurement: [measured('monitoring', 8), measured('other', 12)] }))).toBe(8);
  });

  test('leaves out what came after the decision', () => {
    expect(hoursOf(drawnOf({ ...until, to: at(5) }, at(4), { ...nothing, seen: [seen(9, true)] }))).toBe(4);
  });

  test('goes on until now where nobody knows its end', () => {
    expect(hoursOf(drawnOf(until, undefined, nothing))).toBe(17);
  });
});

describe('the labels of a picture on a phone', () => {
  test('touch by their width, and not by a share of the picture', () => {
    expect(touches(roomOf(20, '1'), [roomOf(24, '2')])).toBe(false);
    expect(touches(roomOf(20, '12'), [roomOf(24, '25')])).toBe(true);
    expect(touches(roomOf(0, '12'), [roomOf(6, '25')])).toBe(true);
  });

  const timesOf = async (now: number, length = 24): Promise<string[]> => {
    const frame: Frame = { window: { from: begins, to: at(length) }, begins, ends: at(length), now };
    return [...String(await axis(frame, [0, 100])).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');
  };

  test('stand in one row, where now takes the place of a time that it would cover', async () => {
    expect(await timesOf(at(9))).toEqual(['now', 'begin', '+6 h', '+12 h', '+18 h', '+24 h']);
    expect(await timesOf(at(18.5))).toEqual(['now', 'begin', '+6 h', '+12 h', '+24 h']);
    expect(await timesOf(at(0.2))).toEqual(['now', '+6 h', '+12 h', '+18 h', '+24 h']);
    expect(await timesOf(at(30))).toEqual(['begin', '+6 h', '+12 h', '+18 h', '+24 h']);
  });
});
