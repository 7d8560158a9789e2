import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical.ts';
import { type Deviation, type Gate, gateOf } from '../../checklist/definition.ts';
import type { Role } from '../../checklist/rule.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { ApprovalLink, Dependencies } from '../../ports.ts';
import { foldRounds, type Round } from '../state/approval-rounds.ts';
import type { PersonCaller } from '../state/caller.ts';
import { disclosuresOf } from '../state/disclosures.ts';
import { type Entry, entryOf, isDelivered } from '../state/gate-entries.ts';
import { type GateInputs, readGateInputs, readGates } from '../state/gate-inputs.ts';
import { type GateReport, isStale, reportOf } from '../state/gate-report.ts';
import { actorOf, appendToLane, type RunContext, readContext } from '../state/run-context.ts';
import { storeRecheck } from '../writing/recheck.ts';
import type { Answer } from './inputs.ts';
import { recordRefusal } from './refusals.ts';

/** Signing needs a sign-in that is not older than this. Milliseconds. */
export const recentSignInMs = 15 * 60_000;

/** What the page behind a link shows. Showing it changes nothing. */
export type ApprovalPage = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly commit: string;
  readonly artifacts: readonly { readonly component: string; readonly digest: string }[];
  readonly changes: readonly string[];
  /** Why the release is made, in the words of whoever started the run; absent when they were erased. */
  readonly why: string | undefined;
  readonly requestedBy: string | undefined;
  readonly risk: string;
  readonly impact: string;
  readonly plannedT0: string;
  readonly definition: { readonly name: string; readonly version: string; readonly digest: string };
  readonly starter: string;
  readonly gate: string;
  readonly title: string;
  readonly role: Role;
  readonly person: string;
  readonly round: number;
  readonly expires: string;
  /** Digest of the gate report: what an answer is bound to. */
  readonly report: string;
  /** What the person types to say "this report". */
  readonly code: string;
  readonly gates: readonly { readonly id: string; readonly title: string; readonly checks: readonly Finding[] }[];
  /** The words behind waivers, declarations and attestations, by the check that they are about; without those that were erased. */
  readonly statements: Readonly<Record<string, string>>;
  /** What a rejection does here: ends the run, or opens a decision. */
  readonly onRejected: Gate['onRejected'];
  readonly deviations: readonly Deviation[];
  readonly disclosures: readonly string[];
  readonly local: boolean;
  readonly waitScale: number;
  readonly state: 'open' | 'answered' | 'invalidated' | 'closed' | 'expired';
  readonly answered: { readonly answer: string; readonly at: string; readonly person: string } | null;
};

type ApprovalWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'index' | 'people' | 'reconciler' | 'due'>;
type ReadWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'index' | 'people'>;
type Shown = {
  readonly context: RunContext;
  readonly link: ApprovalLink;
  readonly gate: Gate;
  readonly entry: Entry;
  readonly round: Round;
  readonly inputs: GateInputs;
  readonly report: GateReport;
  readonly page: ApprovalPage;
};

/** The page behind a link, for the invited person only. */
export const showApproval = async (
  deps: ReadWorld,
  input: { readonly link: string },
  caller: PersonCaller,
): Promise<Outcome<ApprovalPage>> => {
  const shown = await open(deps, input.link, caller);
  return shown.ok === undefined ? { refused: shown.refused } : ok(await withWords(deps, shown.ok));
};

/** What people wrote is read for whoever signs, and for nobody else: the events carry its digest only. */
const withWords = async ({ people }: ReadWorld, { context, page }: Shown): Promise<ApprovalPage> => {
  const checks = page.gates.flatMap((gate) => gate.checks).filter(({ statement: said }) => said !== null);
  const { reasonDigest, requestedBy } = context.started.event.data;
  const [why, asker, ...texts] = await Promise.all([
    people.read(reasonDigest),
    requestedBy === null ? undefined : people.read(requestedBy),
    ...checks.map(({ statement: said }) => people.read(said?.digest ?? '')),
  ]);
  const said = Object.fromEntries(checks.flatMap(({ check }, place) => (texts[place] === undefined ? [] : [[check, texts[place]]])));
  return { ...page, why, requestedBy: asker, statements: said };
};

/** A refusal, with the run that it concerns where there is one. Reading records nothing: only who answers decides to. */
type Opened =
  | { readonly ok: Shown; readonly refused?: never }
  | { readonly refused: Refusal; readonly context?: RunContext; readonly ok?: never };

const open = async (deps: ReadWorld, token: string, caller: PersonCaller): Promise<Opened> => {
  const unknown = refuse('approval-unknown', 'There is no such approval request.', {
    got: 'a link that is no request of ours',
    expected: 'the link of a mail, whole',
    fix: 'Open the link from the newest mail, whole.',
  });
  if (!/^[A-Za-z0-9_-]{32}$/.test(token)) return unknown;
  const hash = sha256(token);
  const link = await deps.index.getLink(hash);
  if (link === undefined) return unknown;
  const found = await readContext(deps, link.run);
  if (found.refused) return found;
  const context = found.ok;
  const gate = gateOf(context.checklist, link.gate);
  const gates = await readGates(deps, context);
  const inputs = await readGateInputs(deps, context, gates, link.gate);
  const { approval } = inputs;
  const request = approval.find((stored) => stored.event.type === 'approval.requested' && stored.event.data.link === hash);
  if (gate === undefined || request?.event.type !== 'approval.requested') return unknown;
  if (caller.id !== link.person) {
    const no = refuse('approval-not-invited', 'This request was sent to another person.', {
      got: caller.id,
      expected: link.person,
      fix: 'Answer the request that was sent to you; links are not to be passed on.',
    });
    return { ...no, context };
  }
  const key = request.event.data.entry;
  const entry = gates.entries.find((one) => one.gate === link.gate && one.opened.event.data.entry === key);
  const round = foldRounds(approval, key).find((one) => one.round === link.round);
  if (entry === undefined || round === undefined) return unknown;
  const report = reportOf(inputs, gate);
  const shown = { context, link, gate, entry, round, inputs, report };
  const current = entryOf(gates, link.gate) === entry && !isDelivered(entry) && context.ended === undefined;
  return ok({ ...shown, page: pageOf(shown, current) });
};

const pageOf = ({ context, link, gate, entry, round, inputs, report }: Omit<Shown, 'page'>, current: boolean): ApprovalPage => {
  const started = context.started.event.data;
  const mine = round.answers.find((stored) => stored.event.data.role === link.role)?.event;
  const stale = isStale(inputs, gate, round);
  const expired = entry.opened.event.data.due <= inputs.now.toISOString();
  const state =
    mine !== undefined
      ? 'answered'
      : !current
        ? 'closed'
        : expired
          ? 'expired'
          : round.invalidated !== undefined || stale
            ? 'invalidated'
            : 'open';
  return {
    run: context.run,
    service: started.service,
    environment: started.environment,
    version: started.version,
    commit: started.commit,
    artifacts: started.artifacts,
    changes: started.changes,
    why: undefined,
    requestedBy: undefined,
    risk: started.risk,
    impact: started.impact,
    plannedT0: started.plannedT0,
    definition: { name: context.checklist.name, version: context.checklist.version, digest: started.definition },
    starter: started.starter,
    gate: gate.id,
    title: gate.title,
    role: link.role,
    person: link.person,
    round: link.round,
    expires: link.expires,
    report: round.report,
    code: round.report.slice(0, 6).toUpperCase(),
    gates: report.gates,
    statements: {},
    onRejected: gate.onRejected,
    deviations: context.checklist.deviations,
    disclosures: disclosuresOf(context),
    local: started.local,
    waitScale: started.waitScale,
    state,
    answered: mine === undefined ? null : { answer: mine.data.answer, at: mine.at, person: mine.data.person },
  };
};

/** Decides: for the invited person, freshly signed in, with the code of the report that was shown typed by hand. */
export const answerApproval = async (
  deps: ApprovalWorld,
  input: Answer & { readonly link: string },
  caller: PersonCaller,
): Promise<Outcome<ApprovalPage>> => {
  const found = await open(deps, input.link, caller);
  if (found.ok === undefined)
    return found.context === undefined ? { refused: found.refused } : recordRefusal(deps, found.context, caller, 'approval', found.refused);
  const shown = found.ok;
  const { context, link, gate, entry, round, page } = shown;
  // The same answer again, as a browser sends it when it did not hear of the first: nothing new, but the reconciler is asked again.
  const given = page.state === 'answered' ? page.answered : null;
  if (given?.person === caller.id && given.answer === input.answer && input.report === page.report) {
    await deps.reconciler.request(context.run);
    return ok(page);
  }
  const no = mayAnswer(shown, input, caller, deps.clock.now());
  if (no !== undefined) return recordRefusal(deps, context, caller, `approval ${gate.id}`, no.refused);
  const key = entry.opened.event.data.entry;
  const note = input.note === '' ? null : await deps.people.keep(context.run, input.note);
  const recheck = await storeRecheck(deps, context.run, `answered/${link.role}`);
  const { stored } = await appendToLane(deps, context.parentHash, shown.inputs.approval, {
    scope: context.scope,
    lane: lanes.approval(gate.id),
    step: `${key}/${round.round}/${link.role}/answered`,
    type: 'approval.answered',
    actor: actorOf(caller),
    data: {
      gate: gate.id,
      entry: key,
      round: round.round,
      role: link.role,
      person: caller.id,
      answer: input.answer,
      report: input.report,
      signedInAt: caller.signedInAt.toISOString(),
      note,
    },
  });
  const { person, answer } = stored.event.data;
  if (person !== caller.id || answer !== input.answer) {
    const { refused } = refuse('approval-answered', `The request for ${link.role} is answered already.`, {
      got: input.answer,
      expected: `${answer} by ${person} at ${stored.event.at}`,
    });
    return recordRefusal(deps, context, caller, `approval ${gate.id}`, refused);
  }
  await deps.reconciler.request(context.run, recheck.item);
  return ok({ ...page, state: 'answered', answered: { answer, at: stored.event.at, person } });
};

const mayAnswer = (
  { context, link, round, page }: Shown,
  input: Answer,
  caller: PersonCaller,
  now: Date,
): { refused: Refusal } | undefined => {
  if (caller.id === context.started.event.data.starter)
    return refuse('starter-excluded', 'Who started the run may not sign it.', {
      got: caller.id,
      expected: `another person who is ${link.role}`,
      fix: 'Leave it to another holder of the role.',
    });
  if (!caller.roles.includes(link.role))
    return refuse('role-missing', `You do not hold the role ${link.role} any more.`, {
      got: caller.roles.join(', ') || 'no role',
      expected: link.role,
      fix: 'Ask who keeps the roster.',
    });
  if (page.state === 'answered')
    return refuse('approval-answered', `The request for ${link.role} is answered already.`, {
      got: input.answer,
      expected: `${page.answered?.answer} by ${page.answered?.person} at ${page.answered?.at}`,
    });
  if (page.state === 'closed')
    return refuse('approval-closed', 'The gate has moved on; an answer changes nothing any more.', {
      got: input.answer,
      expected: 'a gate that is open',
      fix: 'Look at the run.',
    });
  if (page.state === 'expired')
    return refuse('approval-closed', `The request expired at ${page.expires}; silence denies.`, {
      got: now.toISOString(),
      expected: `an answer before ${page.expires}`,
      fix: 'Look at the run: its owner knows what comes next.',
    });
  if (page.state === 'invalidated' || input.report !== page.report) {
    return refuse('approval-stale-report', 'The gate report has changed since this one was shown.', {
      got: input.report.slice(0, 12),
      expected: page.report.slice(0, 12),
      fix: 'Wait for the next mail, or open the link again, read the report and answer that one.',
    });
  }
  const other = round.answers.find((stored) => stored.event.data.person === caller.id && stored.event.data.role !== link.role);
  if (other !== undefined)
    return refuse('approval-second-role', `You have signed as ${other.event.data.role} already; every role needs a person of its own.`, {
      got: link.role,
      expected: 'another person',
    });
  if (now.getTime() - caller.signedInAt.getTime() > recentSignInMs) {
    return refuse('sign-in-stale', 'Your sign-in is too old to sign with.', {
      got: caller.signedInAt.toISOString(),
      expected: 'a sign-in within 15 minutes',
      fix: 'Sign in again and answer.',
    });
  }
  if (input.confirmation.toUpperCase() !== page.code)
    return refuse('approval-confirmation', 'The typed code is not the one that the report shows.', {
      got: input.confirmation,
      expected: 'the six characters that the page shows as the code of the report',
      fix: 'Read the report and type its code.',
    });
  return undefined;
};
