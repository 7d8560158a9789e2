import * as z from 'zod';
import { idempotent } from '../../lib/api/idempotent.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { recentSignInSeconds } from '../../lib/api/session.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { approvalPage, type Form } from '../../lib/console/approval.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { loginPath, type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Mac } from '../../lib/ports.ts';
import { readReleaseChanges } from '../../lib/query/release-changes.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { answerSchema } from '../../lib/run/commands/inputs.ts';
import { noteLink } from '../../lib/run/commands/note-link.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import { keepDraft, readDraft } from './answer-draft.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { clockOf } from './reader-clock.ts';

/** How long a form is valid. After that the person opens the page again. */
const formSeconds = 3600;
/** A person gets at least this much of the fifteen minutes to read the report before answering. */
const marginSeconds = 5 * 60;

/** What comes back after a new sign-in. The code is typed again. */
const draftSchema = z.object(answerSchema.pick({ answer: true, note: true }).shape);

const nonceSchema = z.strictObject({ id: z.string(), link: z.string(), session: z.string(), report: z.string(), exp: z.int() });

type Shown = { readonly parts: PeopleParts; readonly approval: ApprovalPage; readonly link: string; readonly session: string };

/** The page behind a mailed link, and its form. Reading changes nothing; the form records one answer. */
export const approvalPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showApproval' | 'answerApproval'> => {
  const { deps } = parts;
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;

  const show: PageHandlers<'people'>['showApproval'] = async ({ params, query, caller, session, isLook }) => {
    const approval = await showApproval(deps, params, caller);
    if (!isLook && (approval.refused !== undefined || !['open', 'answered'].includes(approval.ok.state)))
      await noteLink(deps, params, caller);
    if (approval.refused !== undefined) return approval;
    const age = (deps.clock.now().getTime() - caller.signedInAt.getTime()) / 1000;
    // A sign-in that would be too old after reading the report is renewed first; under somebody who reads already, it is not.
    if (!isLook && approval.ok.state === 'open' && age > recentSignInSeconds - marginSeconds)
      return ok(redirect(loginPath(pathOf(params.link, query.draft), true)));
    const draft = await readDraft(deps, parts.mac, { link: params.link, person: caller.id, schema: draftSchema }, query.draft);
    return ok(await shownPage({ parts, approval: approval.ok, link: params.link, session }, names, draft));
  };

  const answer: PageHandlers<'people'>['answerApproval'] = async (request) => {
    const { nonce, ...given } = request.body;
    const { link } = request.params;
    const no = await wrongNonce(parts, request, nonce);
    if (no !== undefined) return no.ownForm ? ok(await refusedPage(parts, request, no.refusal, names)) : { refused: no.refusal };
    const answered = async (): Promise<Response> => {
      const outcome = await answerApproval(deps, { link, ...given }, request.caller);
      return outcome.refused === undefined ? redirect(`/approvals/${link}`) : refusedPage(parts, request, outcome.refused, names);
    };
    // A refused answer (a mistyped code, say) must not use up the form: only a recorded answer is stored under the nonce.
    const first = await idempotent(
      deps,
      sha256(`form\n${nonce}`),
      sha256(canonical({ link, person: request.caller.id, ...given })),
      answered,
      (status) => status === 303,
    );
    if (first.refused?.type === 'idempotency-in-progress') return ok(await beingRecorded(request, first.refused, names));
    // A second, different answer by the same form goes to the command, which says what is recorded and records the attempt.
    return first.refused?.type === 'idempotency-key-reused' ? ok(await answered()) : first;
  };

  return { showApproval: show, answerApproval: answer };
};

/** A second click while the first is under way: the page says so in words for people, and leads back to the request. */
const beingRecorded = ({ params, caller, env }: AnswerRequest, refusal: Refusal, names: (id: string) => string): Promise<Response> => {
  const said = {
    ...refusal,
    detail: 'Your answer is being recorded.',
    got: 'the same form a second time',
    expected: 'the form once',
    fix: 'Open the request again in a moment. It then shows your answer.',
  };
  const back = { href: pathOf(params.link, undefined), text: 'Open the request again' };
  return problemPageResponse({ ...problemOf(said, env.request), title: 'Being recorded' }, names(caller.id), back);
};

/** The page behind a link; with a draft, the page after the sign-in that the draft waited for. */
const pathOf = (link: string, draft: string | undefined): string =>
  `/approvals/${link}${draft === undefined ? '' : `?${new URLSearchParams({ draft })}`}`;

type AnswerRequest = PageRequest<typeof pages.answerApproval>;

const wrongNonce = async (
  { deps, mac }: PeopleParts,
  { params, body, session }: AnswerRequest,
  nonce: string,
): Promise<{ readonly refusal: Refusal; readonly ownForm: boolean } | undefined> => {
  const form = await verifyValue(mac, 'form', nonceSchema, nonce);
  // A form that this session got for this link and that is too old loses no text; any other form shows none of its text.
  const ownForm = form !== undefined && form.link === sha256(params.link) && form.session === session;
  if (ownForm && form.report === body.report && form.exp * 1000 > deps.clock.now().getTime()) return undefined;
  const { refused } = refuse(
    'approval-nonce',
    'The form belongs to another session, link or report, or it is older than an hour. Nothing was recorded.',
    {
      got: 'a form of another page, or an expired one',
      expected: 'the form on the page that the link opens now',
      fix: 'Open the link again and use the form on the page.',
    },
  );
  return { refusal: refused, ownForm };
};

const shownPage = async (
  { parts, approval, link, session }: Shown,
  names: (id: string) => string,
  typed?: Pick<Form, 'refusal' | 'note' | 'answer'>,
): Promise<Response> => {
  const nonce =
    approval.state === 'open' ? await newNonce(parts.mac, parts.deps, { link: sha256(link), session, report: approval.report }) : '';
  const changes = await readReleaseChanges(parts.deps, approval);
  return pageResponse(
    approvalPage(approval, names, {
      link,
      nonce,
      changes,
      until: clockOf(parts.deps, approval.person)(approval.expires),
      now: parts.deps.clock.now(),
      ...typed,
    }),
    typed?.refusal === undefined ? 200 : refusalStatus[typed.refusal.type],
  );
};

const newNonce = (
  mac: Mac,
  { clock, random }: Pick<PeopleParts['deps'], 'clock' | 'random'>,
  bound: Omit<z.infer<typeof nonceSchema>, 'id' | 'exp'>,
): Promise<string> =>
  signValue(mac, 'form', { id: random.token(12), ...bound, exp: Math.floor(clock.now().getTime() / 1000) + formSeconds });

/** Shows a refused answer on the current page, with the answer and the note that the person gave. After a new sign-in they come back, too. */
const refusedPage = async (
  parts: PeopleParts,
  { params, body, caller, session, env }: AnswerRequest,
  refusal: Refusal,
  names: (id: string) => string,
): Promise<Response> => {
  if (refusal.type === 'sign-in-stale') {
    const draft = await keepDraft(parts.deps, parts.mac, { link: params.link, person: caller.id }, draftSchema.parse(body));
    const kept = {
      ...refusal,
      fix: 'Sign in again. Your choice and your note are kept for an hour; then type the code and send the answer.',
    };
    return problemPageResponse(problemOf(kept, env.request), names(caller.id), {
      href: loginPath(pathOf(params.link, draft), true),
      text: 'Sign in again',
    });
  }
  const approval: Outcome<ApprovalPage> = await showApproval(parts.deps, params, caller);
  if (approval.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage({ parts, approval: approval.ok, link: params.link, session }, names, { refusal, note: body.note, answer: body.answer });
};
