import * as z from 'zod';
import { type OperatingAct, operatingActs, operatingFormSchema } from '../../lib/api/operating-pages.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type OperatingPage, operatingPage } from '../../lib/console/operating.ts';
import { operatingActsOf, seenOf } from '../../lib/console/operating-acts.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { openGateOf } from '../../lib/query/gate-state.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import type { RunView, RunWords } from '../../lib/query/view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { cancelSchema } from '../../lib/run/commands/inputs.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { type Attempt, recordForm, sealForm, sealSchema } from './sealed-form.ts';

/** `seen`: the open gate and the round of its requests, as the page showed them. */
const nonceSchema = sealSchema.extend({ seen: z.string() });
type Nonce = z.infer<typeof nonceSchema>;

const typedSchema = z.object(operatingFormSchema.omit({ nonce: true }).shape);

type Ask = PageRequest<typeof pages.operateRun>;
type Show = PageRequest<typeof pages.showOperating>;
type Names = (id: string) => string;

/** The page on which people operate a run. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const operatingPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showOperating' | 'operateRun'> => {
  const names: Names = (id) => parts.deps.roster.person(id)?.name ?? id;
  return {
    showOperating: async (request) => {
      const view = await readFor(parts, request.params.run, request.caller);
      return view.refused === undefined ? ok(await shownPage(parts, request, view.ok, names, {})) : view;
    },
    operateRun: (request) =>
      recordForm(parts, request, names, {
        seal: nonceSchema,
        path: pageOf(request.params.run),
        back: 'Open the page again',
        of: 'run',
        about: 'run',
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal) => refusedPage(parts, asked, { refusal }, names),
      }),
  };
};

const pageOf = (run: string): string => `/runs/${run}/operating`;

/** What people wrote is for people who hold a role. */
const readFor = ({ deps }: PeopleParts, run: string, { roles }: PersonCaller): Promise<Outcome<RunView>> =>
  readRunFor(deps, run, roles.length > 0);

const stale = refuse('form-stale', 'The run has gone on since the page was shown.', {
  fix: 'Read where the run is now, and send the form again if it still fits.',
}).refused;

/** Records the act when the run still stands where the page showed it. */
const perform = async (parts: PeopleParts, request: Ask, { nonce }: Attempt<Nonce>, names: Names): Promise<Response> => {
  const { caller, body, env, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  const reason = body.reason.replace(/\r\n?/g, '\n').trim();
  if (nonce.seen !== seenOf(view.ok))
    return isOwnRepeat(view.ok, { act: body.act, by: caller.id, reason, since: nonce.at })
      ? redirect(`/runs/${params.run}`)
      : refusedPage(parts, request, { refusal: stale }, names);
  const read = cancelSchema.safeParse({ reason });
  if (!read.success) {
    const slip = 'Write 10 characters at least and 2,000 at most.';
    const refusal: Refusal = { type: 'body-malformed', detail: slip, fix: 'Correct it in the form below and send it again.' };
    return refusedPage(parts, request, { refusal, slip }, names);
  }
  const outcome = await send(parts, request, { reason: read.data.reason, gate: openGateOf(view.ok)?.id ?? '' });
  return outcome.refused === undefined ? redirect(`/runs/${params.run}`) : refusedPage(parts, request, { refusal: outcome.refused }, names);
};

/** The words that an act alone leaves. Those of the others do not say which of two decisions they belong to: then the page shows where the run is. */
const wordsOf: Readonly<Partial<Record<OperatingAct, RunWords['kind']>>> = { cancel: 'cancellation-reason', recall: 'approval-recall' };
type Sent = { readonly act: OperatingAct; readonly by: string; readonly reason: string; readonly since: string };

/** The same form again, after its first answer was lost: its words stand in the trail already. */
const isOwnRepeat = (run: RunView, sent: Sent): boolean =>
  (run.words ?? []).some(
    ({ kind, by, text, at }) => kind === wordsOf[sent.act] && by === sent.by && text === sent.reason && at >= sent.since,
  );

const send = (
  { deps }: PeopleParts,
  { caller, params: { run }, body: { act } }: Ask,
  { reason, gate }: { readonly reason: string; readonly gate: string },
): Promise<Outcome<unknown>> => {
  if (act === 'cancel') return cancelRun(deps, { run, reason }, caller);
  if (act === 'resume' || act === 'end') return decideIncident(deps, { run, decision: act, reason }, caller);
  return recallApproval(deps, { run, gate, action: act, reason }, caller);
};

type More = Pick<OperatingPage, 'typed' | 'refusal' | 'slip'>;

/** The page as it is now, with what was wrong and what the person typed. */
const refusedPage = async (
  parts: PeopleParts,
  request: Ask,
  refused: More & { readonly refusal: Refusal },
  names: Names,
): Promise<Response> => {
  const { caller, env, body, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refused.refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed: typedSchema.parse(body), ...refused });
};

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const acts = operatingActsOf(run, caller);
  const bound = { ...params, person: caller.id, session, at: now.toISOString(), seen: seenOf(run) };
  // A page without a form needs none.
  const nonce = operatingActs.some((act) => acts[act] === null) ? await sealForm(parts, bound) : '';
  return pageResponse(
    operatingPage({ run, person: caller.id, now, acts, nonce, ...more }, names),
    more.refusal === undefined ? 200 : refusalStatus[more.refusal.type],
  );
};
