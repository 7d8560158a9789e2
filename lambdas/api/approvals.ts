import * as z from 'zod';
import { idempotent } from '../../lib/api/idempotent.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { recentSignInSeconds } from '../../lib/api/session.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { approvalPage } from '../../lib/console/approval.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { loginPath, type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Mac } from '../../lib/ports.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import type { PeopleParts } from './people-dependencies.ts';

/** How long a form is valid. After that the person opens the page again. */
const formSeconds = 3600;
/** A person gets at least this much of the fifteen minutes to read the report before answering. */
const marginSeconds = 5 * 60;

const nonceSchema = z.strictObject({ id: z.string(), link: z.string(), session: z.string(), report: z.string(), exp: z.int() });

type Shown = { readonly parts: PeopleParts; readonly approval: ApprovalPage; readonly link: string; readonly session: string };

/** The page behind a mailed link, and its form. Reading changes nothing; the form records one answer. */
export const approvalPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showApproval' | 'answerApproval'> => {
  const { deps } = parts;
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;

  const show: PageHandlers<'people'>['showApproval'] = async ({ params, caller, session }) => {
    const approval = await showApproval(deps, params, caller);
    if (approval.refused !== undefined) return approval;
    const age = (deps.clock.now().getTime() - caller.signedInAt.getTime()) / 1000;
    // A sign-in that would be too old after reading the report is renewed first.
    if (approval.ok.state === 'open' && age > recentSignInSeconds - marginSeconds)
      return ok(redirect(loginPath(`/approvals/${params.link}`, true)));
    return ok(await shownPage({ parts, approval: approval.ok, link: params.link, session }, names));
  };

  const answer: PageHandlers<'people'>['answerApproval'] = async (request) => {
    const { nonce, ...given } = request.body;
    const { link } = request.params;
    const no = await wrongNonce(parts, request, nonce);
    if (no !== undefined) return { refused: no };
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
    // A second, different answer by the same form goes to the command, which says what is recorded and records the attempt.
    return first.refused?.type === 'idempotency-key-reused' ? ok(await answered()) : first;
  };

  return { showApproval: show, answerApproval: answer };
};

type AnswerRequest = PageRequest<typeof pages.answerApproval>;

const wrongNonce = async (
  { deps, mac }: PeopleParts,
  { params, body, session }: AnswerRequest,
  nonce: string,
): Promise<Refusal | undefined> => {
  const form = await verifyValue(mac, 'form', nonceSchema, nonce);
  const fits =
    form !== undefined &&
    form.link === sha256(params.link) &&
    form.session === session &&
    form.report === body.report &&
    form.exp * 1000 > deps.clock.now().getTime();
  if (fits) return undefined;
  return refuse(
    'approval-nonce',
    'The form belongs to another session, link or report, or it is older than an hour. Nothing was recorded.',
    {
      got: 'a form of another page, or an expired one',
      expected: 'the form on the page that the link opens now',
      fix: 'Open the link again and use the form on the page.',
    },
  ).refused;
};

const shownPage = async (
  { parts, approval, link, session }: Shown,
  names: (id: string) => string,
  refused?: { readonly refusal: Refusal; readonly note: string },
): Promise<Response> => {
  const nonce =
    approval.state === 'open' ? await newNonce(parts.mac, parts.deps, { link: sha256(link), session, report: approval.report }) : '';
  return pageResponse(
    approvalPage(approval, names, { link, nonce, ...refused }),
    refused === undefined ? 200 : refusalStatus[refused.refusal.type],
  );
};

const newNonce = (
  mac: Mac,
  { clock, random }: Pick<PeopleParts['deps'], 'clock' | 'random'>,
  bound: Omit<z.infer<typeof nonceSchema>, 'id' | 'exp'>,
): Promise<string> =>
  signValue(mac, 'form', { id: random.token(12), ...bound, exp: Math.floor(clock.now().getTime() / 1000) + formSeconds });

/** Shows a refused answer on the current page, with the note that the person typed. */
const refusedPage = async (
  parts: PeopleParts,
  { params, body, caller, session, env }: AnswerRequest,
  refusal: Refusal,
  names: (id: string) => string,
): Promise<Response> => {
  if (refusal.type === 'sign-in-stale') {
    return problemPageResponse(problemOf(refusal, env.request), names(caller.id), {
      href: loginPath(`/approvals/${params.link}`, true),
      text: 'Sign in again',
    });
  }
  const approval: Outcome<ApprovalPage> = await showApproval(parts.deps, params, caller);
  if (approval.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage({ parts, approval: approval.ok, link: params.link, session }, names, { refusal, note: body.note });
};
