import { describe, expect, test } from 'vitest';
import { type Freeze, freezeEndsAt, freezeSchema, freezesAt, freezesIn, freezesSchema } from '../../lib/checklist/freezes.ts';

const minute = 60_000;
const day = 86_400_000;
const about = { name: 'frozen', reason: 'Nobody is there to help.' };
const once = (zone: string, from: string, to: string): Freeze => ({ ...about, zone, once: { from, to } });

/** What a clock of the zone shows, by another way of `Intl` than the product's: as text that sorts. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const shown = (instant: number, zone: string): string => {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(zone, clock);
  return clock.format(instant).replace(' ', 'T');
};

/** By looking at every minute: from the first at which the clock has reached `from`, until the last at which it reaches `to`. */
const spanByMinutes = (zone: string, from: string, to: string): readonly [number, number] => {
  const start = Date.parse(`${from}Z`) - day;
  const end = Date.parse(`${to}Z`) + day;
  let first = 0;
  let last = 0;
  for (let at = start; at < end; at += minute) {
    const clock = shown(at, zone);
    if (first === 0 && clock >= from) first = at;
    // The minute behind the last one at which the clock shows less than `to`.
    if (clock < to) last = at + minute;
  }
  return [first, last];
};

const zones = [
  'Europe/Berlin',
  'America/New_York',
  // Half an hour.
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  // At midnight, so that a day begins at one o'clock and the last hour of another comes twice.
  'America/Santiago',
  'Asia/Beirut',
  'America/Havana',
  'Africa/Cairo',
  // Two hours at once.
  'Antarctica/Troll',
];

/** The days on which the zone changes its offset in a year, with the day before and after, and one that is quiet. */
const busyDays = (zone: string, year: number): readonly string[] => {
  const offset = (at: number): number => Date.parse(`${shown(at, zone)}Z`) - at;
  const found = new Set<string>([`${year}-01-17`]);
  for (let at = Date.UTC(year, 0, 1, 12); at < Date.UTC(year, 11, 30); at += day)
    if (offset(at) !== offset(at + day)) for (const near of [0, 1]) found.add(new Date(at + near * day).toISOString().slice(0, 10));
  return [...found];
};

describe.each(zones.map((zone, place) => ({ zone, years: place < 3 ? [2024, 2026, 2027] : [2026] })))('in $zone', ({ zone, years }) => {
  test.each(years)('a freeze of %i is what every minute of its clocks says', (year) => {
    for (const date of busyDays(zone, year)) {
      for (const [from, to] of [
        ['00:00', '01:45'],
        ['01:40', '02:20'],
        ['02:00', '03:00'],
        ['02:30', '04:00'],
        ['01:59', '23:59'],
        ['00:30', '23:30'],
        ['23:00', '23:45'],
      ]) {
        const [first, last] = spanByMinutes(zone, `${date}T${from}`, `${date}T${to}`);
        const freezes = [once(zone, `${date}T${from}`, `${date}T${to}`)];
        const at = (instant: number): boolean => freezesAt(freezes, new Date(instant))[0] !== undefined;
        const where = `${date} ${from} to ${to}`;
        if (first >= last) {
          // All of it lies in a gap: these minutes were on no clock.
          expect(at(first) || at(first - minute), where).toBe(false);
          continue;
        }
        expect([at(first - minute), at(first), at(last - minute), at(last)], where).toEqual([false, true, true, false]);
        expect(freezeEndsAt(freezes, new Date(first))?.toISOString(), where).toBe(new Date(last).toISOString());
        for (let instant = first - 3 * 60 * minute; instant < last + 3 * 60 * minute; instant += 7 * minute)
          expect(at(instant), `${where}, ${new Date(instant).toISOString()}`).toBe(first <= instant && instant < last);
      }
    }
  });

  test('a freeze of each night over the days of a year is what the clocks say', () => {
    const nightly: Freeze = {
      ...about,
      zone,
      weekly: { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '02:30' },
    };
    for (const date of busyDays(zone, 2026)) {
      const next = new Date(Date.parse(`${date}T00:00Z`) + day).toISOString().slice(0, 10);
      const [first, last] = spanByMinutes(zone, `${date}T22:00`, `${next}T02:30`);
      const at = (instant: number): boolean => freezesAt([nightly], new Date(instant))[0] !== undefined;
      expect([at(first - minute), at(first), at(last - minute), at(last)], date).toEqual([false, true, true, false]);
    }
  });
});

test.each([
  [
    'a gap moves the end to the first instant behind it',
    once('Europe/Berlin', '2026-03-29T01:00', '2026-03-29T02:30'),
    '2026-03-29T00:00Z',
    '2026-03-29T01:00Z',
  ],
  [
    'a gap moves the begin to the first instant behind it',
    once('Europe/Berlin', '2026-03-29T02:30', '2026-03-29T04:00'),
    '2026-03-29T01:00Z',
    '2026-03-29T02:00Z',
  ],
  [
    'a time that comes twice begins at the first and ends at the second',
    once('Europe/Berlin', '2026-10-25T02:30', '2026-10-25T02:45'),
    '2026-10-25T00:30Z',
    '2026-10-25T01:45Z',
  ],
  [
    'half an hour of Lord Howe',
    once('Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-05T01:50'),
    '2026-04-04T14:45Z',
    '2026-04-04T15:20Z',
  ],
  [
    'a whole day that Samoa left out',
    once('Pacific/Apia', '2011-12-29T12:00', '2011-12-30T12:00'),
    '2011-12-29T22:00Z',
    '2011-12-30T10:00Z',
  ],
])('%s', (_, freeze, from, to) => {
  const found = freezesAt([freeze], new Date(from))[0];
  expect([found?.from, found?.to]).toEqual([new Date(from), new Date(to)]);
});

describe('a yearly freeze', () => {
  const yearEnd: Freeze = { ...about, zone: 'Europe/Berlin', yearly: { from: '12-20', to: '01-05' } };
  test.each([
    ['2026-12-19T22:59:59Z', false],
    ['2026-12-19T23:00:00Z', true],
    ['2026-12-31T23:30:00Z', true],
    ['2027-01-05T22:59:59Z', true],
    ['2027-01-05T23:00:00Z', false],
    ['2027-07-01T00:00:00Z', false],
  ])('over the end of the year holds its last day: %s', (instant, frozen) => {
    expect(freezesAt([yearEnd], new Date(instant))[0] !== undefined).toBe(frozen);
  });

  test('ends on 29 February only in years that have it', () => {
    const leap: Freeze = { ...about, zone: 'UTC', yearly: { from: '02-28', to: '02-29' } };
    expect(freezeEndsAt([leap], new Date('2027-02-28T12:00Z'))).toEqual(new Date('2027-03-01T00:00Z'));
    expect(freezeEndsAt([leap], new Date('2028-02-28T12:00Z'))).toEqual(new Date('2028-03-01T00:00Z'));
    const only: Freeze = { ...about, zone: 'UTC', yearly: { from: '02-29', to: '02-29' } };
    expect(freezesAt([only], new Date('2027-02-28T12:00Z'))[0]).toBeUndefined();
    expect(freezesAt([only], new Date('2027-03-01T12:00Z'))[0]).toBeUndefined();
    expect(freezesAt([only], new Date('2028-02-29T12:00Z'))[0]).toBeDefined();
  });
});

describe('several freezes', () => {
  const a = { ...once('UTC', '2026-05-01T00:00', '2026-05-02T00:00'), name: 'a' };
  const b = { ...once('UTC', '2026-05-01T12:00', '2026-05-03T00:00'), name: 'b', environments: ['production'] };
  test('that follow each other end with the last one', () => {
    expect(freezeEndsAt([a, b], new Date('2026-05-01T06:00Z'))).toEqual(new Date('2026-05-03T00:00Z'));
    expect(freezesAt([a, b], new Date('2026-05-01T13:00Z')).map(({ freeze }) => freeze.name)).toEqual(['a', 'b']);
    expect(freezeEndsAt([a, b], new Date('2026-05-04T06:00Z'))).toEqual(new Date('2026-05-04T06:00Z'));
  });
  test('apply to the environments that they name', () => {
    expect(freezesIn([a, b], 'staging')).toEqual([a]);
    expect(freezesIn([a, b], 'production')).toEqual([a, b]);
  });
  test('of every hour have no end', () => {
    const always: Freeze = {
      ...about,
      zone: 'UTC',
      weekly: { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '00:00' },
    };
    expect(freezeEndsAt([always], new Date('2026-05-04T06:00Z'))).toBeNull();
  });
});

test.each([
  [{ ...about, zone: 'Europe/Atlantis', once: { from: '2026-05-01T00:00', to: '2026-05-02T00:00' } }],
  [{ ...about, zone: '+01:00', once: { from: '2026-05-01T00:00', to: '2026-05-02T00:00' } }],
  [{ ...about, zone: 'UTC', once: { from: '2026-05-02T00:00', to: '2026-05-01T00:00' } }],
  [{ ...about, zone: 'UTC', once: { from: '2026-02-30T00:00', to: '2026-05-01T00:00' } }],
  [{ ...about, zone: 'UTC', weekly: { days: ['someday'], from: '00:00', to: '01:00' } }],
  [{ ...about, zone: 'UTC', weekly: { days: ['mon'], from: '24:00', to: '01:00' } }],
  [{ ...about, zone: 'UTC', yearly: { from: '13-01', to: '01-05' } }],
  [{ ...about, zone: 'UTC', yearly: { from: '02-30', to: '03-05' } }],
  [{ ...about, zone: 'UTC' }],
  [{ ...about, zone: 'UTC', yearly: { from: '12-20', to: '01-05' }, once: { from: '2026-05-01T00:00', to: '2026-05-02T00:00' } }],
])('what is no freeze is refused: %j', (given) => {
  expect(freezeSchema.safeParse(given).success).toBe(false);
});

test('two freezes of one name are refused: a person overrides one by its name', () => {
  const one = once('UTC', '2026-05-01T00:00', '2026-05-02T00:00');
  expect(freezesSchema.safeParse([one, one]).success).toBe(false);
  expect(freezesSchema.safeParse([one, { ...one, name: 'other' }]).success).toBe(true);
});
