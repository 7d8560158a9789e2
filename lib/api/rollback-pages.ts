import * as z from 'zod';
import { draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { formLine, formText, inRun, noBody } from './parameters.ts';

/** What a form of the rollback page does. */
export const rollbackActs = ['declare', 'roll-back', 'continue', 'restore', 'keep', 'retry', 'by-hand', 'end', 'cause', 'review'] as const;
export type RollbackAct = (typeof rollbackActs)[number];
/** As a browser sends it. The command judges the texts, so that a page can show them again. */
export const rollbackFormSchema = z.strictObject({
  act: z.enum(rollbackActs),
  nonce: z.string().max(3500),
  reason: formText,
  trigger: formLine.optional(),
  decide: z.literal('yes').optional(),
  backupAt: formLine.optional(),
  step: z.string().max(100).optional(),
  /** Of a review: what is reviewed, and whether the use was justified. */
  followUp: formLine.optional(),
  verdict: z.string().max(20).optional(),
  /** Where the cause was mended. */
  link: formLine.optional(),
  /** Ids of events, separated by blanks, commas or line ends. */
  evidence: formLine.optional(),
  /** What shows a trigger outside of the run. */
  shown: formLine.optional(),
});
export type RollbackForm = z.infer<typeof rollbackFormSchema>;

/** The page of the rollback of a run, and its forms. */
export const rollbackPages = {
  showRollback: operation({
    method: 'GET',
    path: '/runs/{run}/rollback',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show the rollback of a run',
    description:
      'What happens now and who must do what until when, the running budgets, triggers, steps and proofs, and the forms that the person can send now. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown'],
  }),
  answerRollback: operation({
    method: 'POST',
    path: '/runs/{run}/rollback',
    function: 'people',
    who: 'signed-in',
    summary: 'Act on the rollback of a run',
    description:
      'Declares a trigger, decides about the open one, says what becomes of the data, chooses about a step that waits for people, or answers what is asked after the rollback. The form is bound to the person, the run and what the page showed; when that has changed, nothing is recorded and the page says what has. The nonce of the form is the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: rollbackFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page, which now shows it.', schema: 'page' },
    refusals: [
      'run-unknown',
      'run-ended',
      'trigger-unknown',
      'no-evidence',
      'rollback-before-deployment',
      'rollback-not-open',
      'rollback-decided',
      'step-not-waiting',
      'step-answered',
      'event-unknown',
      'follow-up-unknown',
      'follow-up-answer',
      'follow-up-answered',
      'follow-up-own',
      'role-missing',
      'starter-excluded',
      'sign-in-stale',
      'approval-nonce',
      'form-stale',
    ],
  }),
};
