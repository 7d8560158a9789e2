import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

/** What must be answered after a rollback. Every kind but the first is a power that lets somebody pass what holds everybody else. */
export const followUpKinds = ['rollback-cause', 'freeze-override', 'aws-credentials', 'step-by-hand', 'environment-freed'] as const;
export const followUpKindSchema = z.enum(followUpKinds);
export type FollowUpKind = z.infer<typeof followUpKindSchema>;

/** The cause is stated; the use of a power was justified or was not. */
export const followUpAnswers = ['stated', 'justified', 'not-justified'] as const;

/** The follow-ups of a run whose path has ended by a rollback, in its lane `follow-up`. They keep its trail open. */
export const followUpEvents = {
  'follow-up.opened': defineEvent('reconciler', {
    /** Names it within the run. */
    followUp: z.string(),
    kind: followUpKindSchema,
    /** Of a power: the event of its use, and in whose scope it stands where that is not the run. */
    about: z.string().nullable(),
    /** The step or the freeze; null where the kind says all. */
    subject: z.string().nullable(),
    /** The people who used the power. Nobody of them reviews it. Empty where it is not known who used it. */
    usedBy: z.array(z.string()),
  }),
  /** The first answer counts. `words` and `link` are digests of what the person wrote; a link leads to the fix. */
  'follow-up.answered': defineEvent('people', {
    followUp: z.string(),
    answer: z.enum(followUpAnswers),
    by: z.string(),
    words: digestSchema,
    link: digestSchema.nullable(),
  }),
} as const;

/** How the closing of a run names a follow-up: the events that opened and answered it. */
export const closedFollowUpSchema = z.strictObject({
  followUp: z.string(),
  kind: followUpKindSchema,
  opened: z.string(),
  answered: z.string(),
  answer: z.enum(followUpAnswers),
  by: z.string(),
});
