/**
 * Local times of IANA zones, by what `Intl` knows of them. A local time is a number: the milliseconds at which a clock of UTC shows the same
 * date and time.
 */

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
};

/** Whether `Intl` knows the zone by this name. Offsets such as +01:00 are no zones: they know no daylight saving. */
export const isZone = (zone: string): boolean => {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return formatOf(zone) !== undefined;
  } catch {
    return false;
  }
};

/** What clocks of the zone show at an instant, to the second. */
export const localTimeAt = (instant: Date, zone: string): number => {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
};

const second = 1000;
const day = 86_400 * second;

/** The instants at which clocks show the local time: none in a gap, two where the clock goes back over it. In order. */
const instantsAt = (local: number, zone: string): readonly number[] => {
  // No zone is a day away from UTC, so the offsets before and after lie within a day and a half on each side.
  const offsets = [local - 1.5 * day, local + 1.5 * day].map((near) => localTimeAt(new Date(near), zone) - near);
  const candidates = [...new Set(offsets)].map((offset) => local - offset);
  return candidates.filter((instant) => localTimeAt(new Date(instant), zone) === local).sort((a, b) => a - b);
};

/** The first instant behind a gap that holds the local time: where the clock jumps over it. */
const afterGap = (local: number, zone: string): number => {
  let [before, after] = [local - 1.5 * day, local + 1.5 * day];
  while (after - before > second) {
    const middle = Math.floor((before + after) / 2 / second) * second;
    if (localTimeAt(new Date(middle), zone) < local) before = middle;
    else after = middle;
  }
  return after;
};

/** When a clock of the zone first shows the local time; of a time in a gap, the first instant after the gap. */
export const firstInstantAt = (local: number, zone: string): Date => new Date(instantsAt(local, zone)[0] ?? afterGap(local, zone));

/** When it shows it for the last time, where clocks go back over it; of a time in a gap, the first instant after the gap. */
export const lastInstantAt = (local: number, zone: string): Date => new Date(instantsAt(local, zone).at(-1) ?? afterGap(local, zone));

/** `2026-12-24 18:00`: what clocks of the zone show, for readers who live there. */
export const clockTimeAt = (instant: Date, zone: string): string =>
  new Date(localTimeAt(instant, zone)).toISOString().slice(0, 16).replace('T', ' ');
