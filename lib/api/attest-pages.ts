import * as z from 'zod';
import { checkPages, draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { formText, inRun, noBody } from './parameters.ts';

/** So many checks have a field on the page at most, as their texts together must not be too large for a form; the others follow once these are attested. */
export const mostTogether = 12;

/** The field of a check's statement, and the check of a field. */
export const statementField = (check: string): string => `statement-${check}`;
export const checkOfField = (field: string): string => field.replace(/^statement-/, '');

/** As a browser sends it: one field for each check, in which nothing is written where the person does not attest it. The command judges the texts. */
export const attestFormSchema = z
  .object({ nonce: z.string().max(3500) })
  .catchall(formText)
  .refine((form) => Object.keys(form).every((name) => name === 'nonce' || /^statement-[a-z0-9-]{1,100}$/.test(name)), {
    message: 'fields with the name `statement-` and the id of a check',
  })
  .refine((form) => Object.keys(form).length <= mostTogether + 1, { message: `${mostTogether} checks at most` });

/** The page on which a person attests several checks of a run at once. */
export const attestPages = {
  showAttest: operation({
    method: 'GET',
    path: '/runs/{run}/attest',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show the checks of a run that the person can attest now',
    description: 'One field for each of them, and what can only be attested later. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: { status: 200, description: 'An HTML page.', schema: 'page' },
    refusals: ['run-unknown'],
  }),
  attestSeveral: operation({
    method: 'POST',
    path: '/runs/{run}/attest',
    function: 'people',
    who: 'signed-in',
    summary: 'Attest several checks of a run',
    description:
      'Each check with a statement is attested by itself, with an event of its own. When one is refused, the others are still recorded, and the page says beside its field why. The form is bound to the person, the run and how each check was judged on the page; a check that has changed since is not attested. The nonce of the form and the check are the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: attestFormSchema },
    answer: { status: 303, description: 'All were recorded. Redirects to the page of the run, which now shows them.', schema: 'page' },
    refusals: checkPages.decideCheck.refusals,
  }),
};
