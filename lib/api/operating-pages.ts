import * as z from 'zod';
import { operation } from './operation.ts';
import { inRun, noBody } from './parameters.ts';

/** What a form of the steering page does. */
export const steeringActs = ['resume', 'end', 'recall', 'ask-again', 'cancel'] as const;
export type SteeringAct = (typeof steeringActs)[number];
/** As a browser sends it. The command judges the text, so that the page can show it again. */
export const steeringFormSchema = z.strictObject({
  act: z.enum(steeringActs),
  nonce: z.string().max(3500),
  reason: z.string().max(5000),
});
export type SteeringForm = z.infer<typeof steeringFormSchema>;

/** The page on which people steer a run that is not deployed: incidents, requests, cancellation. The way back has a page of its own. */
export const steeringPages = {
  showSteering: operation({
    method: 'GET',
    path: '/runs/{run}/steering',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show what people can decide about a run',
    description:
      'To resume the run after an incident or to end it, to recall the requests of an approval or to ask again, and to cancel the run: the forms that the person can send now, and in one sentence why not the others. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({}),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown'],
  }),
  steerRun: operation({
    method: 'POST',
    path: '/runs/{run}/steering',
    function: 'people',
    who: 'signed-in',
    summary: 'Decide an incident, recall requests, ask again, or cancel a run',
    description:
      'By the same commands as the API. The form is bound to the person, the run, its open gate and the round of its requests; when one of these has changed, nothing is recorded and the page says so. The nonce of the form is the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: steeringFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page of the run, which now shows it.', schema: 'page' },
    refusals: [
      'run-unknown',
      'run-ended',
      'incident-not-open',
      'incident-resume-limit',
      'approval-unknown',
      'approval-closed',
      'cancel-after-deployment',
      'role-missing',
      'starter-excluded',
      'approval-nonce',
      'form-stale',
    ],
  }),
};
