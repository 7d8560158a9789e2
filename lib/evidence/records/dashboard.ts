import * as z from 'zod';
import { list, most, recordKind, text } from './kind.ts';

export const dashboard = recordKind({
  id: 'dashboard',
  description: 'What the panels of a dashboard show, beside what a query of the source says',
  schema: z.strictObject({
    dashboard: text,
    panels: list(
      z.strictObject({
        name: text,
        /** Null: the panel shows no value. */
        shown: z.number().nullable(),
        queried: z.number(),
        query: text,
      }),
    ),
  }),
  limits: {
    minPanels: { of: 'panels', name: 'panels', is: 'least', bound: { least: 1 } },
    maxDifferencePct: { of: 'largestDifferencePct', name: 'difference to the source', is: 'most', unit: '%', bound: { most: 50 } },
  },
  content: ({ panels }) => ({
    items: panels.length,
    figures: {
      panels: panels.length,
      largestDifferencePct: most(panels.flatMap(({ shown, queried }) => (shown === null ? [] : [differencePct(shown, queried)]))),
    },
    ...(panels.every(({ shown, queried }) => (shown ?? 0) === 0 && queried === 0)
      ? { doubts: { largestDifferencePct: 'every panel and every query says 0, so nothing was compared' } }
      : {}),
    once: panels.map(({ name, query }) => `the panel ${name} with the query ${query}`),
    faults: panels.filter(({ shown }) => shown === null).map(({ name }) => `the panel ${name} shows no value`),
  }),
});

const differencePct = (shown: number, queried: number): number => {
  if (shown === queried) return 0;
  return queried === 0 ? 100 : Math.abs(((shown - queried) * 100) / queried);
};
