import * as z from 'zod';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { recentSignInSeconds } from '../../lib/api/session.ts';
import { approvalPage, type Form } from '../../lib/console/approval.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { loginPath, type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { readReleaseChanges } from '../../lib/query/release-changes.ts';
import { noteLink } from '../../lib/run/commands/note-link.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import { readDraft } from './answer-draft.ts';
import { type AnswerRefused, sendAnswer } from './approval-sends.ts';
import { formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf } from './reader.ts';
import { clockOf } from './reader-clock.ts';
import { type Attempt, recordForm, type Stale, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

/** A person gets at least this much of the fifteen minutes to read the report before answering. */
const marginSeconds = 5 * 60;

/** `report`: digest of the report that the page showed. */
const nonceSchema = sealSchema.extend({ report: z.string() });
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.answerApproval>;
type Show = PageRequest<typeof pages.showApproval>;

/** The page behind a mailed link, and its form. Reading changes nothing; the form records one answer. */
export const approvalPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showApproval' | 'answerApproval'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showApproval: async (request) => {
      const { params, query, caller, isLook } = request;
      const approval = await showApproval(deps, params, caller);
      if (!isLook && approval.ok?.state !== 'open') await noteLink(deps, params, caller);
      if (approval.refused !== undefined) return approval;
      const age = (deps.clock.now().getTime() - caller.signedInAt.getTime()) / 1000;
      // A sign-in that would be too old after reading the report is renewed first; under somebody who reads already, it is not.
      if (!isLook && approval.ok.state === 'open' && age > recentSignInSeconds - marginSeconds)
        return ok(
          redirect(
            loginPath(`${pageOf(request)}${query.draft === undefined ? '' : `?${new URLSearchParams({ draft: query.draft })}`}`, true),
          ),
        );
      const about = { link: pageOf(request), person: caller.id, schema: formPages.answerApproval.typed };
      const draft = await readDraft(deps, parts.mac, about, query.draft);
      return ok(await shownPage(parts, request, approval.ok, names, { typed: draft }));
    },
    answerApproval: (request) =>
      recordForm(parts, request, names, {
        id: 'answerApproval',
        seal: nonceSchema,
        path: pageOf(request),
        act: request.body.answer,
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal) => refusedPage(parts, asked, { refusal }, names),
      }),
  };
};

const pageOf = ({ params }: Pick<Ask, 'params'>): string => `/approvals/${params.link}`;

const ofAnotherReport = refuse('approval-nonce', 'The form names another report than the page showed. Nothing was recorded.', {
  fix: 'Read the report as it is now, and send the form again.',
}).refused;

/** Records the answer to the report that the page showed; the command refuses when the report has changed since. */
const perform = async (parts: PeopleParts, request: Ask, { nonce }: Attempt<Nonce>, names: Names): Promise<Response | Stale> => {
  const { body, params, caller } = request;
  if (nonce.report !== body.report) return { stale: ofAnotherReport, shownAt: nonce.at };
  const refused = await sendAnswer(parts.deps, { link: params.link, form: body }, caller);
  return refused === undefined ? redirect(pageOf(request)) : refusedPage(parts, request, refused, names);
};

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: AnswerRefused, names: Names): Promise<Response> => {
  const { params, caller, env, body } = request;
  const { refusal } = refused;
  if (refusal.type === 'sign-in-stale') return signInAgain(parts, request, names, { id: 'answerApproval', path: pageOf(request), refusal });
  const approval: Outcome<ApprovalPage> = await showApproval(parts.deps, params, caller);
  if (approval.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, approval.ok, names, { typed: formPages.answerApproval.typed.parse(body), ...refused });
};

type More = Pick<Form, 'typed' | 'field'> & { readonly refusal?: Refusal };

const shownPage = async (parts: PeopleParts, request: Ask | Show, approval: ApprovalPage, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const bound = { path: pageOf(request), person: caller.id, session, report: approval.report, at: now.toISOString() };
  const form: Form = {
    link: params.link,
    roles: caller.roles,
    // A page without a form needs none.
    nonce: approval.state === 'open' ? await sealForm(parts, bound) : '',
    changes: await readReleaseChanges(parts.deps, approval),
    until: clockOf(parts.deps, approval.person)(approval.expires),
    now,
    ...more,
  };
  return pageResponse(approvalPage(approval, names, form), more.refusal === undefined ? 200 : refusalStatus[more.refusal.type]);
};
