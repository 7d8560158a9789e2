import * as z from 'zod';
import { amount, least, list, most, recordKind, text } from './kind.ts';

const side = z.strictObject({
  value: amount,
  /** The query that gave the value, so that an auditor can ask it again. */
  query: text,
});

export const comparison = recordKind({
  id: 'comparison',
  description: 'The same figures of staging and production, each from a query',
  schema: z.strictObject({ figures: list(z.strictObject({ name: text, unit: text, staging: side, production: side })) }),
  limits: {
    minSharePct: { of: 'smallestSharePct', name: "smallest share of production's figure", is: 'least', unit: '%', bound: { least: 1 } },
    maxSharePct: { of: 'largestSharePct', name: "largest share of production's figure", is: 'most', unit: '%', bound: {} },
  },
  content: ({ figures }) => {
    const shares = figures.map(({ staging, production }) => (production.value === 0 ? null : (staging.value * 100) / production.value));
    const known = shares.filter((share) => share !== null);
    // A production figure of zero compares nothing, and what is not compared is not alike.
    const isWhole = known.length === shares.length;
    return {
      items: figures.length,
      figures: { smallestSharePct: isWhole ? least(known) : null, largestSharePct: isWhole ? most(known) : null },
      faults: [],
    };
  },
});
