import * as z from 'zod';
import { draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { peopleOperations } from './operations/people.ts';
import { formLine, formText, inRun, noBody } from './parameters.ts';

const { cancelRun, decideIncident, overrideFreeze, recallApproval, rescheduleRun } = peopleOperations;

/** What a form of the page does on which people operate a run. */
export const operatingActs = ['resume', 'end', 'recall', 'ask-again', 'reschedule', 'override-freeze', 'cancel'] as const;
export type OperatingAct = (typeof operatingActs)[number];
/** As a browser sends it. The command judges the text, so that the page can show it again. */
export const operatingFormSchema = z.strictObject({
  act: z.enum(operatingActs),
  nonce: z.string().max(3500),
  reason: formText,
  /** Whether T0 gets a time, or comes as soon as every gate before it has passed. */
  when: z.string().max(40).optional(),
  /** The time as the clock of `zone` shows it. */
  t0: formLine.optional(),
  zone: z.string().max(100).optional(),
  freeze: z.string().max(400).optional(),
});
export type OperatingForm = z.infer<typeof operatingFormSchema>;

/** The page on which people operate a run: incidents, requests, the planned T0, freezes, cancellation. The rollback has a page of its own. */
export const operatingPages = {
  showOperating: operation({
    method: 'GET',
    path: '/runs/{run}/operating',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show what people can decide about a run',
    description:
      'To resume the run after an incident or to end it, to recall the requests of an approval or to ask again, to move the planned T0, to override a freeze, and to cancel the run: the forms that the person can send now, and in one sentence why not the others. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown'],
  }),
  operateRun: operation({
    method: 'POST',
    path: '/runs/{run}/operating',
    function: 'people',
    who: 'signed-in',
    summary: 'Decide an incident, recall requests, ask again, move T0, override a freeze, or cancel a run',
    description:
      'By the same commands as the API. The form is bound to the person, the run, its open gate, the round of its requests, the planned T0 and the overridden freezes; when one of these has changed, nothing is recorded and the page says so. The nonce of the form is the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: operatingFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page of the run, which now shows it.', schema: 'page' },
    refusals: [
      ...cancelRun.refusals,
      ...decideIncident.refusals,
      ...recallApproval.refusals,
      ...rescheduleRun.refusals,
      ...overrideFreeze.refusals,
      'approval-nonce',
      'form-stale',
    ],
  }),
};
