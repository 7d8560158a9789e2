import * as z from 'zod';
import { checkOfField } from '../../lib/api/attest-pages.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { type AttestPage, type AttestSlip, attestPage } from '../../lib/console/attest-page.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { attestableBy, ownStatement, stateOf, whyNotAttestable } from '../../lib/query/attestable.ts';
import type { RunView } from '../../lib/query/view.ts';
import { attestSchema } from '../../lib/run/commands/inputs.ts';
import { noteForm } from '../../lib/run/commands/note-form.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { readDraft } from './answer-draft.ts';
import { sendCheckAct } from './check-sends.ts';
import { formAction, formPages } from './form-pages.ts';
import { asTyped } from './form-sends.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf, readRunOf } from './reader.ts';
import { recordForm, requestOf, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

/** `seen`: how each check with a field was judged on the page. */
const nonceSchema = sealSchema.extend({ seen: z.array(z.string()) });
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.attestSeveral>;
type Show = PageRequest<typeof pages.showAttest>;

/** The page on which a person attests several checks at once: each by the same command and with the same refusals as on its own page. */
export const attestPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showAttest' | 'attestSeveral'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showAttest: async (request) => {
      const { params, query, caller } = request;
      const view = await readRunOf(parts, params.run, caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(params.run), person: caller.id, schema: formPages.attestSeveral.typed };
      const draft = await readDraft(deps, parts.mac, about, query.draft);
      // An address can name any check; that its reader attested it is read from the run.
      const recorded = (query.recorded?.split('.') ?? []).filter((check) => ownStatement(view.ok, check, caller.id) !== undefined);
      return ok(await shownPage(parts, request, view.ok, names, { ...(draft === undefined ? {} : { typed: byCheck(draft) }), recorded }));
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

const byCheck = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [checkOfField(name), text]));

const stale = refuse('form-stale', 'The check has changed since the page was shown.', {
  fix: 'Look at it again, and send your statement once more if it still holds.',
}).refused;
const empty = refuse('body-malformed', 'Write a statement for one check at least.').refused;

type Unrecorded = { readonly refusal: Refusal; readonly before?: string | null };

/** Why one check was not attested; undefined where it is recorded, by this form or by an earlier sending of it with the same words. */
const attested = async (
  { deps }: PeopleParts,
  { caller, body, params }: Ask,
  run: RunView,
  about: { readonly nonce: Nonce; readonly check: string; readonly reason: string },
): Promise<Unrecorded | undefined> => {
  const { nonce, check, reason } = about;
  const finding = attestableBy(run, caller.roles, deps.clock.now()).now.find((one) => one.check === check);
  if (finding !== undefined && nonce.seen.includes(stateOf(finding))) {
    // Other words are another statement, and never taken for a repeat.
    const request = requestOf(`${body.nonce}\n${check}\n${reason}`);
    return sendCheckAct(deps, { ...params, check, form: { act: 'attest', nonce: body.nonce, reason }, request }, caller);
  }
  const own = finding === undefined ? ownStatement(run, check, caller.id) : undefined;
  // The answer to an earlier sending of this form was lost.
  if (own?.text != null && own.text === attestSchema.shape.statement.safeParse(asTyped(reason)).data) return undefined;
  // The trail gets no words of people: those of before stand beside the refusal.
  const refusal = own !== undefined ? already(own.at) : finding === undefined ? over(run, check) : stale;
  await noteForm(deps, params, caller, { action: formAction('attestSeveral'), refused: refusal });
  return own === undefined ? { refusal } : { refusal, before: own.text };
};

const over = (run: RunView, check: string): Refusal => refuse('form-stale', whyNotAttestable(run, check)).refused;
const already = (at: string | null): Refusal =>
  refuse('form-stale', `You have attested this already${at === null ? '' : ` at ${at}`}, and what you write now was not recorded.`).refused;

/** Attests one check after the other. What is refused keeps none of the others back, and its text comes back beside the reason. */
const perform = async (parts: PeopleParts, request: Ask, nonce: Nonce, names: Names): Promise<Response> => {
  const { caller, body, env, params } = request;
  const view = await readRunOf(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  const written = Object.entries(typedIn(body)).filter(([, text]) => text.trim() !== '');
  if (written.length === 0) return refusedPage(parts, request, empty, names);
  const recorded: string[] = [];
  const slips: Record<string, AttestSlip> = {};
  for (const [check, reason] of written) {
    const { refusal, before } = (await attested(parts, request, view.ok, { nonce, check, reason })) ?? {};
    if (refusal?.type === 'sign-in-stale')
      return signInAgain(parts, request, names, { id: 'attestSeveral', path: pageOf(params.run), refusal });
    if (refusal === undefined) recorded.push(check);
    else slips[check] = { says: saidBeside(refusal), before };
  }
  const now = (await readRunOf(parts, params.run, caller)).ok ?? view.ok;
  if (Object.keys(slips).length === 0) return redirect(nextOf(now, caller, recorded, parts.deps.clock.now()));
  const typed = Object.fromEntries(written.filter(([check]) => slips[check] !== undefined));
  return shownPage(parts, request, now, names, { typed, slips, recorded });
};

/** What is wrong with a field is said beside it, and what to do follows from that. */
const saidBeside = ({ type, detail, fix = '' }: Refusal): string => (type === 'body-malformed' ? detail : [detail, fix].join(' ').trim());

/** While checks are left the page shows them, and what was recorded. */
const nextOf = (run: RunView, { roles }: PersonCaller, recorded: readonly string[], now: Date): string =>
  attestableBy(run, roles, now).fields.length > 0
    ? `${pageOf(run.run)}?${new URLSearchParams({ recorded: recorded.join('.') })}`
    : `/runs/${run.run}`;

const typedIn = (body: Ask['body']): Readonly<Record<string, string>> => byCheck(formPages.attestSeveral.typed.parse(body));

/** The page as it is now, with what the person typed. */
const refusedPage = async (parts: PeopleParts, request: Ask, refusal: Refusal, names: Names): Promise<Response> => {
  const { caller, env, body, params } = request;
  const view = await readRunOf(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed: typedIn(body), refusal });
};

type More = Pick<AttestPage, 'typed' | 'slips' | 'recorded' | 'refusal'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const { fields } = attestableBy(run, caller.roles, now);
  const bound = { path: pageOf(params.run), person: caller.id, session, at: now.toISOString(), seen: fields.map(stateOf) };
  // A page without a form needs none.
  const nonce = fields.length > 0 ? await sealForm(parts, bound) : '';
  const status = more.refusal !== undefined ? refusalStatus[more.refusal.type] : more.slips === undefined ? 200 : 422;
  return pageResponse(attestPage({ run, caller, now, nonce, ...more }, names), status);
};
