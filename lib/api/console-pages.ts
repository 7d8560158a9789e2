import * as z from 'zod';
import { profileAnswers } from '../audit/events/profile.ts';
import { nameSchema } from '../fields.ts';
import { draftParam } from './check-pages.ts';
import { operation } from './operation.ts';
import { profileOperations } from './operations/profiles.ts';
import { evidenceOwner, formFilter, formText, noBody, none, ofDigest } from './parameters.ts';

/** Pages of the console that are about more than one run. */

/** As a browser's form sends it: fields that are left empty are there, too. The page judges the texts, so that it can show them again. */
export const searchFormSchema = z.object({
  run: formFilter,
  service: formFilter,
  actor: formFilter,
  type: formFilter,
  check: formFilter,
  outcome: formFilter,
  lane: formFilter,
  from: formFilter,
  to: formFilter,
  cursor: formFilter,
});
export type SearchForm = z.infer<typeof searchFormSchema>;

/** So many events a download holds at most. */
export const mostExported = 1_000;

/** What a form of a profile's page does. The command judges the text, so that the page can show it again. */
export const profileFormSchema = z.strictObject({
  act: z.enum(profileAnswers),
  nonce: z.string().max(3500),
  reason: formText,
});
export type ProfileForm = z.infer<typeof profileFormSchema>;
const ofService = z.strictObject({ service: nameSchema });

const shownPage = { status: 200, description: 'An HTML page.', schema: 'page' } as const;

export const consolePages = {
  showInbox: operation({
    method: 'GET',
    path: '/inbox',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show what waits for me',
    description: 'What GET /v1/inbox lists, for people who are signed in.',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: shownPage,
    refusals: [],
  }),
  showAudit: operation({
    method: 'GET',
    path: '/audit',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Search the audit events',
    description: 'What GET /v1/audit/events finds, with a form; the filters stand in the address.',
    params: none,
    query: searchFormSchema,
    body: noBody,
    answer: shownPage,
    refusals: ['run-unknown', 'service-unknown', 'check-unknown', 'actor-ambiguous', 'cursor-invalid'],
  }),
  showEvent: operation({
    method: 'GET',
    path: '/audit/event',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show one audit event',
    description: 'All its fields, its hash and the one before it, its lane, and whether the lane verifies.',
    params: none,
    query: z.object({ scope: formFilter, lane: formFilter, seq: formFilter }),
    body: noBody,
    answer: shownPage,
    refusals: ['event-unknown'],
  }),
  downloadEvidence: operation({
    method: 'GET',
    path: '/audit/evidence/{digest}',
    function: 'audit',
    who: 'signed-in',
    summary: 'Download evidence as it was kept',
    description: 'Leads to the bytes behind an event `evidence.recorded`, whose sha256 is the digest. For people who hold a role.',
    params: ofDigest,
    query: evidenceOwner,
    body: noBody,
    answer: { status: 303, description: 'Leads to the download.', schema: 'page' },
    refusals: ['evidence-unknown', 'role-missing'],
  }),
  exportAudit: operation({
    method: 'GET',
    path: '/audit/export',
    function: 'audit',
    who: 'signed-in',
    summary: 'Download the events that a search found',
    description: `JSON Lines: one event a line, as GET /v1/audit/events answers it, ${mostExported} at most. Where others follow, the last line is an object with \`more\` and the address of the next download.`,
    params: none,
    query: searchFormSchema,
    body: noBody,
    answer: { status: 200, description: 'The events.', schema: 'page', mediaType: 'application/jsonl' },
    refusals: ['run-unknown', 'service-unknown', 'check-unknown', 'actor-ambiguous', 'cursor-invalid'],
  }),
  showChecklist: operation({
    method: 'GET',
    path: '/checklist',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show the checklist',
    description:
      'The current definition as people read it, by phase, owner or control. With `digest` one that was published under it; with `diff` how it differs from the one of that digest.',
    params: none,
    query: z.object({ by: formFilter, digest: formFilter, diff: formFilter }),
    body: noBody,
    answer: shownPage,
    refusals: ['definition-unknown'],
  }),
  showProfile: operation({
    method: 'GET',
    path: '/services/{service}/profile',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show the profile of a service',
    description:
      'The profile in force and the proposed one, how they differ, deviations with their reasons, who has answered, and the form to approve or reject it. GET and HEAD change nothing.',
    params: ofService,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: shownPage,
    refusals: ['service-unknown', 'definition-unknown'],
  }),
  decideProfile: operation({
    method: 'POST',
    path: '/services/{service}/profile',
    function: 'people',
    who: 'signed-in',
    summary: 'Approve or reject the proposed profile of a service',
    description:
      'By the same command as POST /v1/services/{service}/profile/approval. The form is bound to the person, the service and the proposal that the page showed. The nonce of the form is the idempotency key.',
    params: ofService,
    query: z.object({}),
    body: { kind: 'form', schema: profileFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page, which now shows it.', schema: 'page' },
    refusals: [...profileOperations.answerProfile.refusals, 'definition-unknown', 'approval-nonce'],
  }),
};
