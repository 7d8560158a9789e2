import * as z from 'zod';
import { firstInstantAt, isZone, lastInstantAt, localTimeAt } from './local-time.ts';

/** One line that stands in reasons and mails. */
const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const isDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};
/** 2026-12-20T18:00 */
const localDateTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/, 'a local date and time, such as 2026-12-20T18:00')
  .refine((text) => isDate(text.slice(0, 10)), 'a date that exists');
const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time, such as 18:00');
/** 02-29 is a day of leap years. */
const monthDay = z
  .string()
  .regex(/^\d\d-\d\d$/, 'month and day, such as 12-20')
  .refine((text) => isDate(`2024-${text}`), 'a date that exists');

export const zoneSchema = z.string().refine(isZone, 'an IANA time zone, such as Europe/Berlin');

const about = {
  name: line,
  /** An IANA zone, such as Europe/Berlin. */
  zone: zoneSchema,
  /** Where it applies; without it, in all environments of the service. */
  environments: z.array(line).min(1).optional(),
  reason: line,
};

/**
 * A time in which no deployment of the service starts. Times are local times of the zone, to the minute; the end is the first minute that is free
 * again. `weekly` begins on each of the days and ends on the next one where `to` is not after `from`. `yearly` holds its last day, too, and may go over the end of the
 * year.
 */
export const freezeSchema = z.union([
  z.strictObject({
    ...about,
    once: z.strictObject({ from: localDateTime, to: localDateTime }).refine(({ from, to }) => from < to, 'from lies before to'),
  }),
  z.strictObject({ ...about, weekly: z.strictObject({ days: z.array(z.enum(days)).min(1), from: localTime, to: localTime }) }),
  z.strictObject({ ...about, yearly: z.strictObject({ from: monthDay, to: monthDay }) }),
]);
export type Freeze = z.infer<typeof freezeSchema>;

/** The freezes of a service. A person who overrides one names it. */
export const freezesSchema = z
  .array(freezeSchema)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'every name once');

/** One time at which a freeze holds: from an instant, until another. */
export type Occurrence = { readonly freeze: Freeze; readonly from: Date; readonly to: Date };

/** Those of a service that apply in an environment. */
export const freezesIn = (freezes: readonly Freeze[], environment: string): readonly Freeze[] =>
  freezes.filter(({ environments }) => environments?.includes(environment) ?? true);

/** What is frozen at an instant, in the order of the list. */
export const freezesAt = (freezes: readonly Freeze[], instant: Date): readonly Occurrence[] =>
  freezes.flatMap((freeze) => {
    const covering = near(freeze, instant).filter(({ from, to }) => from <= instant && instant < to);
    // Occurrences may overlap where a clock goes back: the last end counts.
    return covering.sort((a, b) => b.to.getTime() - a.to.getTime()).slice(0, 1);
  });

/** So many freezes follow each other without a pause at most; more are taken for one that never ends. */
const mostInARow = 1000;

/** The first instant from this one on at which nothing is frozen; null where no such instant exists, as with a freeze of all days. */
export const freezeEndsAt = (freezes: readonly Freeze[], instant: Date): Date | null => {
  let free = instant;
  for (let count = 0; count < mostInARow; count += 1) {
    const covering = freezesAt(freezes, free);
    if (covering.length === 0) return free;
    free = new Date(Math.max(...covering.map(({ to }) => to.getTime())));
  }
  return null;
};

const dayMs = 86_400_000;
const minutesOf = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60_000;

/** The occurrences that can cover the instant. */
const near = (freeze: Freeze, instant: Date): readonly Occurrence[] =>
  spansNear(freeze, localTimeAt(instant, freeze.zone)).map(([from, to]) => ({
    freeze,
    from: firstInstantAt(from, freeze.zone),
    to: lastInstantAt(to, freeze.zone),
  }));

/** Local times as milliseconds of a clock that shows them as UTC. */
type Span = readonly [from: number, to: number];

const spansNear = (freeze: Freeze, local: number): readonly Span[] => {
  if ('once' in freeze) return [[Date.parse(`${freeze.once.from}Z`), Date.parse(`${freeze.once.to}Z`)]];
  if ('weekly' in freeze) {
    const { from, to, days: on } = freeze.weekly;
    const length = to > from ? 0 : dayMs;
    const today = Math.floor(local / dayMs) * dayMs;
    // A clock may have gone back by hours, or over a date: two days on each side.
    return [-2, -1, 0, 1, 2]
      .map((offset) => today + offset * dayMs)
      .filter((date) => on.some((day) => days.indexOf(day) === new Date(date).getUTCDay()))
      .map((date) => [date + minutesOf(from), date + length + minutesOf(to)]);
  }
  const { from, to } = freeze.yearly;
  const year = new Date(local).getUTCFullYear();
  return [-1, 0, 1].map((offset) => [firstOf(year + offset, from), lastOf(year + offset + (to < from ? 1 : 0), to) + dayMs]);
};

/** 02-29 of a year without that day: what begins then begins on 1 March, and what ends then ends with 28 February. */
const firstOf = (year: number, day: string): number => Date.UTC(year, Number(day.slice(0, 2)) - 1, Number(day.slice(3)));
const lastOf = (year: number, day: string): number => Math.min(firstOf(year, day), Date.UTC(year, Number(day.slice(0, 2)), 0));
