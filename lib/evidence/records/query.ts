import * as z from 'zod';
import { counted } from '../../wording.ts';
import { amount, count, list, most, recordKind, text } from './kind.ts';

export const query = recordKind({
  id: 'query',
  description: 'Queries of logs or data that were asked, with the rows that came',
  schema: z.strictObject({
    queries: list(
      z.strictObject({
        query: text,
        of: text,
        seconds: amount,
        rows: count,
        /** How many rows are known to be there, such as canaries that were written. */
        expectedRows: count,
      }),
    ),
  }),
  limits: {
    minRows: { of: 'rows', name: 'rows', is: 'least', bound: { least: 1 } },
    maxSeconds: { of: 'slowestSeconds', name: 'slowest query', is: 'most', unit: 's', bound: { most: 3600 } },
  },
  content: ({ queries }) => ({
    items: queries.length,
    figures: { rows: queries.reduce((sum, { rows }) => sum + rows, 0), slowestSeconds: most(queries.map(({ seconds }) => seconds)) },
    faults: queries.flatMap(({ of, rows, expectedRows }) =>
      rows < expectedRows ? [`${of}: ${rows} of ${counted(expectedRows, 'row')} found`] : [],
    ),
  }),
});
