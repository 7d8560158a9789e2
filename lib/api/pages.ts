import * as z from 'zod';
import { attestPages } from './attest-pages.ts';
import { checkPages, draftParam } from './check-pages.ts';
import { consolePages } from './console-pages.ts';
import { operatingPages } from './operating-pages.ts';
import { operation, withIds } from './operation.ts';
import { formFilter, formText, runFilter } from './parameters.ts';
import { reviewPages } from './review-pages.ts';
import { rollbackPages } from './rollback-pages.ts';

/** Pages for browsers. Unknown query fields are ignored here, not refused: mail systems add their own to links. */
const linkParam = z.strictObject({
  link: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,128}$/, 'the link as it is in the mail')
    .meta({ description: 'The opaque part of the link in the mail.' }),
});
const none = z.strictObject({});
const scriptParams = z.strictObject({ file: z.string().regex(/^console-[0-9a-f]{16}\.js$/, 'the name of a script, as a page names it') });
const styleParams = z.strictObject({
  file: z.string().regex(/^console-[0-9a-f]{16}\.css$/, 'the name of a stylesheet, as a page names it'),
});
const noBody = { kind: 'none' } as const;
const shownPage = { status: 200, description: 'An HTML page.', schema: 'page' } as const;

/** What `holdpoint login` needs to know: OAuth 2.0 Protected Resource Metadata (RFC 9728), with three members of our own. */
export const signInMetadataSchema = z.object({
  /** The origin of the stage. */
  resource: z.url(),
  authorization_servers: z.array(z.url()).length(1),
  bearer_methods_supported: z.array(z.literal('header')),
  holdpoint_audience: z.string().min(1).meta({ description: "The audience of people's tokens." }),
  holdpoint_cli_client_id: z
    .string()
    .min(1)
    .nullable()
    .meta({ description: 'The public client of the command line; null when this stage has none.' }),
  holdpoint_cli_scope: z.string().min(1),
});

/** As a browser sends it: a field that is left empty may be missing. The command judges the texts, so that the page can show them again. */
export const approvalFormSchema = z.strictObject({
  nonce: z.string().max(3500),
  answer: z.string().max(100).default(''),
  confirmation: z.string().max(1000).default(''),
  note: formText.default(''),
  /** Digest of the gate report that was shown. */
  report: z.string().max(100),
});
export type ApprovalForm = z.infer<typeof approvalFormSchema>;

const runParams = z.strictObject({ run: z.string().regex(/^[0-9A-Za-z-]{1,80}$/, 'a run id') });

export const pages = withIds({
  showHome: operation({
    method: 'GET',
    path: '/',
    function: 'audit',
    who: 'signed-in',
    summary: 'Go to the list of runs',
    description: 'Redirects to /runs.',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: { status: 303, description: 'To /runs.', schema: 'page' },
    refusals: [],
  }),
  showRuns: operation({
    method: 'GET',
    path: '/runs',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show the list of runs',
    description: 'The newest runs first: where each stands, what it waits for and whom. `state` is as in `holdpoint runs --state`.',
    params: none,
    query: runFilter,
    body: noBody,
    answer: shownPage,
    refusals: ['cursor-invalid'],
  }),
  showMetrics: operation({
    method: 'GET',
    path: '/metrics',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show figures about releases',
    description: 'The four figures of DORA and two of our own, for each service and environment over 4, 12 or 52 weeks.',
    params: none,
    query: z.object({ service: formFilter, weeks: formFilter }),
    body: noBody,
    answer: shownPage,
    refusals: [],
  }),
  showRun: operation({
    method: 'GET',
    path: '/runs/{run}',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show one run',
    description: 'The gates in order, and every check with verdict, reason, basis and attempt.',
    params: runParams,
    query: z.object({}),
    body: noBody,
    answer: shownPage,
    refusals: ['run-unknown'],
  }),
  ...rollbackPages,
  ...checkPages,
  ...attestPages,
  ...reviewPages,
  ...operatingPages,
  ...consolePages,
  showApproval: operation({
    method: 'GET',
    path: '/approvals/{link}',
    function: 'people',
    head: true,
    who: 'signed-in',
    summary: 'Show an approval request',
    description:
      'The gate report to decide on, with the form. GET and HEAD change nothing, so a link checker that follows the link answers nothing.',
    params: linkParam,
    query: z.object({ draft: draftParam }),
    body: noBody,
    answer: shownPage,
    refusals: ['approval-unknown', 'approval-not-invited'],
  }),
  answerApproval: operation({
    method: 'POST',
    path: '/approvals/{link}',
    function: 'people',
    who: 'signed-in',
    summary: 'Answer an approval request',
    description:
      'The invited person, signed in, approves, rejects or requests changes. The answer is bound to the digest of the report on the page. The nonce of the form is the idempotency key.',
    params: linkParam,
    query: z.object({}),
    body: { kind: 'form', schema: approvalFormSchema },
    answer: { status: 303, description: 'Recorded. Redirects to the page, which now shows the answer.', schema: 'page' },
    refusals: [
      'approval-unknown',
      'approval-not-invited',
      'approval-closed',
      'approval-answered',
      'approval-second-role',
      'approval-all-authors',
      'approval-stale-report',
      'approval-note',
      'approval-confirmation',
      'approval-nonce',
      'sign-in-stale',
      'starter-excluded',
    ],
  }),
  login: operation({
    method: 'GET',
    path: '/login',
    function: 'people',
    head: true,
    who: 'visitor',
    summary: 'Sign in',
    description: 'Redirects to the OpenID provider (authorization code with PKCE).',
    params: none,
    query: z.object({ next: formFilter, fresh: z.literal('1').optional() }),
    body: noBody,
    answer: { status: 303, description: 'To the OpenID provider.', schema: 'page' },
    refusals: [],
  }),
  callback: operation({
    method: 'GET',
    path: '/callback',
    function: 'people',
    who: 'visitor',
    summary: 'Come back from the OpenID provider',
    description: 'Verifies the response of the provider and starts a session of eight hours.',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: { status: 303, description: 'To the page that the person wanted to see.', schema: 'page' },
    refusals: ['unauthenticated', 'token-invalid', 'identity-unmapped'],
  }),
  describeSignIn: operation({
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    function: 'people',
    who: 'visitor',
    summary: 'Read where people sign in',
    description: 'The OpenID provider of people and the client of the command line, as Protected Resource Metadata (RFC 9728).',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: { status: 200, description: 'The metadata.', schema: signInMetadataSchema },
    refusals: [],
  }),
  readScript: operation({
    method: 'GET',
    path: '/assets/{file}',
    function: 'people',
    head: true,
    who: 'visitor',
    summary: 'Read the script of the pages',
    description:
      'The one script, which every page names by the digest of its text. A browser may keep it for ever. The name of another version is unknown: a page without its script works.',
    params: scriptParams,
    query: z.object({}),
    body: noBody,
    answer: { status: 200, description: 'The script.', schema: 'page', mediaType: 'text/javascript' },
    refusals: ['route-unknown'],
  }),
  readStyle: operation({
    method: 'GET',
    path: '/styles/{file}',
    function: 'people',
    head: true,
    who: 'visitor',
    summary: 'Read the stylesheet of the pages',
    description:
      'The one stylesheet, which every page names by the digest of its text. A browser may keep it for ever. For the name of another version, as of a page from before a deployment, it is this one, which is not kept.',
    params: styleParams,
    query: z.object({}),
    body: noBody,
    answer: { status: 200, description: 'The stylesheet.', schema: 'page', mediaType: 'text/css' },
    refusals: ['route-unknown'],
  }),
  logout: operation({
    method: 'POST',
    path: '/logout',
    function: 'people',
    who: 'visitor',
    summary: 'Sign out',
    description: 'Ends the session of this browser.',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: shownPage,
    refusals: ['approval-nonce'],
  }),
});
