import * as z from 'zod';
import { mostTogether } from '../query/attestable.ts';
import { mostWritten } from '../run/commands/inputs.ts';
import { checkPages, draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { formFilter, formText, inRun, maxJsonBytes, noBody } from './parameters.ts';

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

/** A character that is written with three bytes in UTF-8 has nine in a form. */
const bytesOfCharacter = 9;

/** The checks of which a form has just been recorded, in the address of the page. */
const recordedParam = formFilter.meta({
  description: 'Ids of checks, with a dot between them: those that the reader has just attested. Others are not shown.',
});

/** The page on which a person attests several checks of a run at once. */
export const attestPages = {
  showAttest: operation({
    method: 'GET',
    path: '/runs/{run}/attest',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show the checks of a run that the person can attest now',
    description:
      'One field for each of them, those of the next gates among them, and what can only be attested later. GET and HEAD change nothing.',
    params: inRun,
    query: z.object({ draft: draftParam, recorded: recordedParam }),
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
      'Each check with a statement is attested by itself, with an event of its own. When one is refused, the others are still recorded, and the page says beside its field why. The form is bound to the person, the run and how each check was judged on the page; a check that has changed since is not attested. The nonce of the form, the check and the statement are the idempotency key.',
    params: inRun,
    query: z.object({}),
    body: { kind: 'form', schema: attestFormSchema, maxBytes: maxJsonBytes + mostTogether * mostWritten * bytesOfCharacter },
    answer: {
      status: 303,
      description:
        'All were recorded. Redirects to this page while it has further fields, else to the page of the run, which now shows them.',
      schema: 'page',
    },
    refusals: checkPages.decideCheck.refusals,
  }),
};
