import * as z from 'zod';
import { amount, at, count, least, list, most, recordKind, secondsBetween, text } from './kind.ts';

export const usage = recordKind({
  id: 'usage',
  description: 'The highest use of each limited resource in a window: memory, disk, connections, concurrency, quotas',
  schema: z.strictObject({
    from: at,
    until: at,
    resources: list(
      z.strictObject({
        name: text,
        unit: text,
        /** The largest of the points, which are as many as `points` says. */
        highest: amount,
        limit: z.number().positive().max(1e15),
        points: count,
      }),
    ),
  }),
  limits: {
    maxPct: { of: 'highestPct', name: 'highest use', is: 'most', unit: '%', bound: { most: 100 } },
    minSeconds: { of: 'seconds', name: 'time that was measured', is: 'least', unit: 's', bound: { least: 1 } },
    minPoints: { of: 'fewestPoints', name: 'points of a resource', is: 'least', bound: { least: 1 } },
  },
  content: ({ from, until, resources }) => ({
    items: resources.length,
    from,
    figures: {
      seconds: secondsBetween(from, until),
      highestPct: most(resources.map(({ highest, limit }) => (highest * 100) / limit)),
      fewestPoints: least(resources.map(({ points }) => points)),
    },
    ...(resources.every(({ highest }) => highest === 0)
      ? { doubts: { highestPct: 'the highest use of every resource is 0, so nothing was measured' } }
      : {}),
    once: resources.map(({ name }) => name),
    faults: [
      ...(secondsBetween(from, until) > 0 ? [] : ['its window does not end after it begins']),
      ...resources
        .filter(({ highest, limit }) => highest >= limit)
        .map(({ name, unit, highest, limit }) => `${name} is exhausted: ${highest} of ${limit} ${unit}`),
    ],
  }),
});
