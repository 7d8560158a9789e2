import * as z from 'zod';
import { mostAttested } from '../fields.ts';
import { operation } from './operation.ts';
import { formFilter, formLine, formText, noBody, ofCheck } from './parameters.ts';

/** What a form of a check's page does. */
export const checkActs = ['attest', 'waive', 'not-applicable', 'revoke'] as const;
export type CheckAct = (typeof checkActs)[number];
/** As a browser sends it. The command judges the texts, so that the page can show them again. */
export const checkFormSchema = z.strictObject({
  act: z.enum(checkActs),
  nonce: z.string().max(3500),
  reason: formText,
  until: formLine.optional(),
  /** What shows it, in base64. */
  file: z.string().optional(),
  /** The part that is meant; empty for the whole check. */
  subject: formLine.optional(),
});
export type CheckForm = z.infer<typeof checkFormSchema>;

/** Any text that we did not sign gets the page as it is without one. */
export const draftParam = formFilter.meta({ description: 'Signed: names the answer that waited for a sign-in. It holds no text.' });
/** The page of one check of a run, and its forms. */
export const checkPages = {
  showCheck: operation({
    method: 'GET',
    path: '/runs/{run}/checks/{check}',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show one check of a run',
    description:
      'What the check asks and what proves it, its verdict with every attempt, its parts and exceptions, and the forms that the person can send now. GET and HEAD change nothing.',
    params: ofCheck,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown', 'check-unknown'],
  }),
  decideCheck: operation({
    method: 'POST',
    path: '/runs/{run}/checks/{check}',
    function: 'people',
    who: 'signed-in',
    summary: 'Attest, waive or revoke on the page of a check',
    description:
      'Attests the check, with a file where one shows it, waives it or one part of it, declares it not applicable, or revokes exceptions. The form is bound to the person, the run, the check and what the page showed; when that has changed, nothing is recorded and the page says what has. The nonce of the form is the idempotency key.',
    params: ofCheck,
    query: z.object({}),
    body: { kind: 'form', schema: checkFormSchema, maxFileBytes: mostAttested },
    answer: { status: 303, description: 'Recorded. Redirects to the page, which now shows it.', schema: 'page' },
    refusals: [
      'run-unknown',
      'run-ended',
      'check-unknown',
      'part-unknown',
      'waiver-not-allowed',
      'not-applicable-not-allowed',
      'nothing-to-revoke',
      'check-proved-otherwise',
      'evidence-time',
      'attestation-validity',
      'evidence-unreadable',
      'limit-reached',
      'role-missing',
      'starter-excluded',
      'sign-in-stale',
      'approval-nonce',
      'form-stale',
    ],
  }),
};
