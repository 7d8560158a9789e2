import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

/** What runs pin when they start: the checklist with its gate graph, and the roster. */
export const installationEvents = {
  'definition.published': defineEvent('any-writer', {
    name: z.string(),
    version: z.string(),
    digest: digestSchema,
    graphDigest: digestSchema,
  }),
  'roster.published': defineEvent('any-writer', { digest: digestSchema, people: z.int() }),
} as const;
