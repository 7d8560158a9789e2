import * as z from 'zod';
import { draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { peopleOperations } from './operations/people.ts';
import { formLine, formText, inRun, noBody } from './parameters.ts';

const { labelObservation, observe } = peopleOperations;

/** What a form of the page of the reviews does. */
export const reviewActs = ['label', 'observe'] as const;
export type ReviewAct = (typeof reviewActs)[number];
/** As a browser sends it. The command judges the texts, so that the page can show them again. */
export const reviewFormSchema = z.strictObject({
  act: z.enum(reviewActs),
  nonce: z.string().max(3500),
  /** Of a label: what it is about, what it says, and why. */
  observation: z.string().max(100).optional(),
  label: z.string().max(20).optional(),
  reason: formText.optional(),
  /** Of an observation. */
  kind: z.string().max(40).optional(),
  bad: z.string().max(10).optional(),
  subject: formLine.optional(),
  summary: formText.optional(),
  observedAt: formLine.optional(),
});
export type ReviewForm = z.infer<typeof reviewFormSchema>;

/** The page of the monitoring and the reviews of a run, and its forms. */
export const reviewPages = {
  showReviews: operation({
    method: 'GET',
    path: '/runs/{run}/reviews',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show the reviews of a run',
    description:
      'The monitoring and the 24-hour and 48-hour reviews: each window with what was measured and seen in it, its checks with verdict and reason, every observation, and the forms that the person can send now. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown'],
  }),
  answerReviews: operation({
    method: 'POST',
    path: '/runs/{run}/reviews',
    function: 'people',
    who: 'signed-in',
    summary: 'Label or report an observation on the page of the reviews',
    description:
      'Labels an observation true, false or explained, or reports one. The form is bound to the person, the run and the label that the page showed; when that has changed, nothing is recorded and the page says so. The nonce of the form is the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: reviewFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page, which now shows it.', schema: 'page' },
    refusals: [...labelObservation.refusals, ...observe.refusals, 'approval-nonce', 'form-stale'],
  }),
};
