import * as z from 'zod';
import { checkOfField } from '../../lib/api/attest-pages.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { type AttestPage, attestPage, withFields } from '../../lib/console/attest-page.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { attestableBy, stateOf } from '../../lib/query/attestable.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import type { RunView } from '../../lib/query/view.ts';
import { noteForm } from '../../lib/run/commands/note-form.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { readDraft } from './answer-draft.ts';
import { sendCheckAct } from './check-sends.ts';
import { formAction, formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { recordForm, requestOf, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

/** `seen`: how each check with a field was judged on the page. */
const nonceSchema = sealSchema.extend({ seen: z.array(z.string()) });
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.attestSeveral>;
type Show = PageRequest<typeof pages.showAttest>;
type Names = (id: string) => string;

/** The page on which a person attests several checks at once: each by the same command and with the same refusals as on its own page. */
export const attestPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showAttest' | 'attestSeveral'> => {
  const { deps } = parts;
  const names: Names = (id) => deps.roster.person(id)?.name ?? id;
  return {
    showAttest: async (request) => {
      const { params, query, caller } = request;
      const view = await readFor(parts, params.run, caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(params.run), person: caller.id, schema: formPages.attestSeveral.typed };
      const draft = await readDraft(deps, parts.mac, about, query.draft);
      return ok(await shownPage(parts, request, view.ok, names, draft === undefined ? {} : { typed: byCheck(draft) }));
    },
    attestSeveral: (request) =>
      recordForm(parts, request, names, {
        id: 'attestSeveral',
        seal: nonceSchema,
        path: pageOf(request.params.run),
        act: 'attest',
        perform: (asked, { nonce }) => perform(parts, asked, nonce, names),
        refused: (asked, refusal) => refusedPage(parts, asked, refusal, names),
      }),
  };
};

const pageOf = (run: string): string => `/runs/${run}/attest`;

/** What people wrote is for people who hold a role. */
const readFor = ({ deps }: PeopleParts, run: string, { roles }: PersonCaller): Promise<Outcome<RunView>> =>
  readRunFor(deps, run, roles.length > 0);

const byCheck = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [checkOfField(name), text]));

const stale = refuse('form-stale', 'The check has changed since the page was shown.', {
  fix: 'Look at it again, and send your statement once more if it still holds.',
}).refused;
const over = refuse('form-stale', 'The run no longer waits for your attestation of this check.').refused;
const empty = refuse('body-malformed', 'Write a statement for one check at least.').refused;

/** Why one check was not attested; undefined where it is recorded, by this form or by an earlier sending of it. */
const attested = async (
  { deps }: PeopleParts,
  { caller, body, params }: Ask,
  run: RunView,
  about: { readonly nonce: Nonce; readonly check: string; readonly reason: string },
): Promise<Refusal | undefined> => {
  const { nonce, check, reason } = about;
  const finding = attestableBy(run, caller.roles, deps.clock.now()).now.find((one) => one.check === check);
  if (finding !== undefined && nonce.seen.includes(stateOf(finding))) {
    const request = requestOf(`${body.nonce}\n${check}`);
    const sent = await sendCheckAct(deps, { ...params, check, form: { act: 'attest', nonce: body.nonce, reason }, request }, caller);
    return sent?.refusal;
  }
  const known = run.gates.flatMap(({ checks }) => checks).find((one) => one.check === check);
  // The answer to an earlier sending of this form was lost.
  if (known?.verdict === 'pass' && known.statement?.by === caller.id) return undefined;
  const refused = finding === undefined ? over : stale;
  await noteForm(deps, params, caller, { action: formAction('attestSeveral'), refused });
  return refused;
};

/** Attests one check after the other. What is refused keeps none of the others back, and its text comes back beside the reason. */
const perform = async (parts: PeopleParts, request: Ask, nonce: Nonce, names: Names): Promise<Response> => {
  const { caller, body, env, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  const written = Object.entries(typedIn(body)).filter(([, text]) => text.trim() !== '');
  if (written.length === 0) return refusedPage(parts, request, empty, names);
  const recorded: string[] = [];
  const slips: Record<string, string> = {};
  for (const [check, reason] of written) {
    const refusal = await attested(parts, request, view.ok, { nonce, check, reason });
    if (refusal?.type === 'sign-in-stale')
      return signInAgain(parts, request, names, { id: 'attestSeveral', path: pageOf(params.run), refusal });
    if (refusal === undefined) recorded.push(check);
    // What is wrong with a field is said beside it, and what to do follows from that.
    else slips[check] = refusal.type === 'body-malformed' ? refusal.detail : [refusal.detail, refusal.fix ?? ''].join(' ').trim();
  }
  if (Object.keys(slips).length === 0) return redirect(`/runs/${params.run}`);
  const now = await readFor(parts, params.run, caller);
  const typed = Object.fromEntries(written.filter(([check]) => slips[check] !== undefined));
  return shownPage(parts, request, now.ok ?? view.ok, names, { typed, slips, recorded });
};

const typedIn = (body: Ask['body']): Readonly<Record<string, string>> => byCheck(formPages.attestSeveral.typed.parse(body));

/** The page as it is now, with what the person typed. */
const refusedPage = async (parts: PeopleParts, request: Ask, refusal: Refusal, names: Names): Promise<Response> => {
  const { caller, env, body, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed: typedIn(body), refusal });
};

type More = Pick<AttestPage, 'typed' | 'slips' | 'recorded' | 'refusal'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const fields = withFields(attestableBy(run, caller.roles, now));
  const bound = { path: pageOf(params.run), person: caller.id, session, at: now.toISOString(), seen: fields.map(stateOf) };
  // A page without a form needs none.
  const nonce = fields.length > 0 ? await sealForm(parts, bound) : '';
  const status = more.refusal !== undefined ? refusalStatus[more.refusal.type] : more.slips === undefined ? 200 : 422;
  return pageResponse(attestPage({ run, caller, now, nonce, ...more }, names), status);
};
