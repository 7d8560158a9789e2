import * as z from 'zod';
import { deviationSchema } from '../checklist/definition.ts';

/** A deviation as people read it. */
export const saidDeviationSchema = z.object(deviationSchema.shape).extend({
  title: z.string().meta({ description: 'Of the check, the step or the gate.' }),
  says: z.string().meta({ description: 'What it changes, in words with units.' }),
});
