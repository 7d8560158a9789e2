import * as z from 'zod';
import { counted } from '../../wording.ts';
import { count, list, recordKind, text } from './kind.ts';

export const issues = recordKind({
  id: 'issues',
  description: 'What a query of the issue tracker found',
  schema: z.strictObject({
    query: text,
    url: text.optional(),
    /** How many issues the query looked at: it shows that it looked where issues are. */
    searched: count,
    /** What it found: the issues that count as critical. */
    found: list(z.strictObject({ id: text, severity: text, state: z.enum(['open', 'closed', 'unknown']) })),
  }),
  limits: {
    minSearched: { of: 'searched', name: 'issues that were searched', is: 'least', bound: { least: 1 } },
    maxOpen: { of: 'open', name: 'open issues', is: 'most', bound: { most: 10 } },
  },
  content: ({ searched, found }) => {
    const open = found.filter(({ state }) => state !== 'closed');
    return {
      items: searched,
      figures: { searched, open: open.length, closed: found.length - open.length },
      faults:
        searched < found.length
          ? [`${counted(found.length, 'issue')} found among ${searched}`]
          : open.map(({ id, severity, state }) => `${id} (${severity}) is ${state}`),
    };
  },
});
