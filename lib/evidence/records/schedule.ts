import * as z from 'zod';
import { durationWords } from '../../wording.ts';
import { at, list, most, recordKind, text, total } from './kind.ts';

const window = z.strictObject({ from: at, until: at });

export const schedule = recordKind({
  id: 'schedule',
  description: 'Who is on duty in which hours, by role',
  schema: z.strictObject({
    window,
    /** Every role that must be on duty through the whole window. */
    roles: list(text),
    /** `person` is an id of the scheduling tool, not a name. */
    shifts: list(z.strictObject({ role: text, person: text, from: at, until: at })),
  }),
  limits: {
    minRoles: { of: 'roles', name: 'roles on duty', is: 'least', bound: { least: 1 } },
    minHours: { of: 'hours', name: 'time that it covers', is: 'least', unit: 'h', bound: { least: 1 } },
    maxStartsInHours: { of: 'startsInHours', name: 'time until it begins', is: 'most', unit: 'h', bound: {} },
    minHoursAhead: { of: 'hoursAhead', name: 'time that it covers from now on', is: 'least', unit: 'h', bound: { least: 1 } },
    maxUncoveredMinutes: { of: 'uncoveredMinutes', name: 'time without anybody on duty', is: 'most', unit: 'min', bound: {} },
  },
  laterTimes: 'planned',
  content: ({ window: { from, until }, roles, shifts }, made) => {
    const [start, end] = [Date.parse(from), Date.parse(until)];
    const gaps = [...new Set(roles)].map((role) => ({
      role,
      minutes:
        uncovered(
          shifts.filter((one) => one.role === role),
          start,
          end,
        ) / 60_000,
    }));
    return {
      items: end > start ? gaps.length : 0,
      figures: {
        roles: gaps.length,
        hours: (end - start) / 3_600_000,
        startsInHours: Math.max(0, start - made) / 3_600_000,
        hoursAhead: Math.max(0, end - made) / 3_600_000,
        uncoveredMinutes: gaps.length === 0 ? null : total(gaps.map(({ minutes }) => minutes)),
        longestUncoveredMinutes: most(gaps.map(({ minutes }) => minutes)),
      },
      faults: gaps
        .filter(({ minutes }) => minutes > 0)
        .map(({ role, minutes }) => `nobody is on duty as ${role} for ${durationWords(Math.ceil(minutes) * 60)} of the window`),
    };
  },
});

/** Milliseconds of the window in which no shift runs. */
const uncovered = (shifts: readonly { readonly from: string; readonly until: string }[], start: number, end: number): number => {
  let covered = start;
  let open = 0;
  for (const { from, until } of shifts.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    open += Math.max(0, Math.min(Date.parse(from), end) - covered);
    covered = Math.max(covered, Math.min(Date.parse(until), end));
  }
  return open + Math.max(0, end - covered);
};
