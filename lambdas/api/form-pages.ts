import * as z from 'zod';
import { checkFormSchema } from '../../lib/api/check-pages.ts';
import { profileFormSchema } from '../../lib/api/console-pages.ts';
import { operatingFormSchema } from '../../lib/api/operating-pages.ts';
import { approvalFormSchema } from '../../lib/api/pages.ts';
import { reviewFormSchema } from '../../lib/api/review-pages.ts';
import { rollbackFormSchema } from '../../lib/api/rollback-pages.ts';

/** Every page with a form, by the operation that takes it. `of`: what the page is of. `typed`: what comes back after a new sign-in; a file is chosen again. */
export const formPages = {
  answerRollback: { of: 'rollback', typed: z.object(rollbackFormSchema.omit({ nonce: true }).shape) },
  decideCheck: { of: 'check', typed: z.object(checkFormSchema.omit({ nonce: true, file: true }).shape) },
  attestSeveral: {
    of: 'attestations',
    typed: z
      .object({})
      .catchall(z.string())
      .transform(({ nonce: _, ...fields }) => fields),
  },
  operateRun: { of: 'run', typed: z.object(operatingFormSchema.omit({ nonce: true }).shape) },
  answerReviews: { of: 'reviews', typed: z.object(reviewFormSchema.omit({ nonce: true }).shape) },
  decideProfile: { of: 'profile', typed: z.object(profileFormSchema.omit({ nonce: true }).shape) },
  // The code is typed again: it says that the person has read this report.
  answerApproval: { of: 'approval request', typed: z.object(approvalFormSchema.pick({ answer: true, note: true }).shape) },
} as const;
export type FormPageId = keyof typeof formPages;

/** What a recorded refusal calls the form. */
export const formAction = (id: FormPageId): string => `form on the page of the ${formPages[id].of}`;
