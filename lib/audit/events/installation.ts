import * as z from 'zod';
import { digestSchema } from '../../fields.ts';

/** What runs pin when they start: the checklist with its gate graph, and the roster. */
export const installationEvents = {
  'definition.published': z.strictObject({ name: z.string(), version: z.string(), digest: digestSchema, graphDigest: digestSchema }),
  'roster.published': z.strictObject({ digest: digestSchema, people: z.int() }),
} as const;
