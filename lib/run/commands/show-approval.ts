import type { ApprovalLink } from '../../audit/approval-link.ts';
import type { DataOf } from '../../audit/event.ts';
import type { PinnedProfile } from '../../audit/events/profile.ts';
import { sha256 } from '../../canonical-json.ts';
import { commitPage } from '../../checklist/commit-pages.ts';
import { type Gate, gateOf } from '../../checklist/definition.ts';
import { type SaidDeviation, saidIn } from '../../checklist/definition-diff.ts';
import type { Finding } from '../../evaluation/finding.ts';
import type { Artifact } from '../../fields.ts';
import { foldRounds, type Round } from '../../folds/approval-rounds.ts';
import { liveIn, rollbackTargetOf, type Target } from '../../folds/environment.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { type Role, roleSchema } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { disclosuresOf } from '../state/disclosures.ts';
import { fixedTarget } from '../state/environment.ts';
import { type Entry, effectiveSettlement, entryOf, isDelivered, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0, readGateInputs, readGates } from '../state/gate-inputs.ts';
import { type GateReport, isStale, reportOf } from '../state/gate-report.ts';
import { answersIn, type GivenAnswer } from '../state/given-answers.ts';
import { type Invalidation, invalidationOf } from '../state/invalidation.ts';
import { type LastSigned, readLastSigned } from '../state/last-signed.ts';
import { type CheckEvidence, evidenceOfReport } from '../state/report-evidence.ts';
import { type RunContext, readContext } from '../state/run-context.ts';
import type { RunExceptions } from '../state/run-exceptions.ts';
import { readShownAuthors, type ShownAuthors } from '../state/shown-authors.ts';
import { ownersOfWords, readWords, type Words } from '../state/words.ts';

/** What the page behind a link shows. Showing it changes nothing. */
export type ApprovalPage = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly commit: string;
  /** Where its code host shows the commit; null where that is not known. */
  readonly commitPage: string | null;
  readonly artifacts: readonly Artifact[];
  /** Digests of what the start says: why the release is made, who asked for it, and what it changes, one on each line. `words` has the texts. */
  readonly said: { readonly why: string; readonly requestedBy: string | null; readonly changes: string | null };
  readonly risk: string;
  readonly impact: string;
  readonly plannedT0: string;
  readonly definition: { readonly name: string; readonly version: string; readonly digest: string };
  /** The profile of the service that the run pinned, and the checklist to which it was applied. */
  readonly profile: { readonly digest: string; readonly base: string; readonly startedAs: PinnedProfile['state'] } | null;
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
  readonly exceptions: RunExceptions;
  /** What was given for each check of the report; read for the page alone. */
  readonly evidence: readonly CheckEvidence[];
  /** Who was asked in this visit to the gate, and what each answered, oldest first. */
  readonly answers: readonly GivenAnswer[];
  /** Who wrote the release, and whether the reader, or the person for whom they answer, did; undefined where the gate does not ask. */
  readonly authors: ShownAuthors | undefined;
  /** What people wrote, by the digest that the report, the exceptions and the answers hold. */
  readonly words: ReadonlyMap<string, Words>;
  /** What a rejection does here: ends the run, or opens a decision. */
  readonly onRejected: Gate['onRejected'];
  readonly deviations: readonly SaidDeviation[];
  readonly disclosures: readonly string[];
  readonly local: boolean;
  readonly waitScale: number;
  /** Of a deputy: the person for whom they may answer. */
  readonly for: string | null;
  readonly state: 'open' | 'answered' | 'invalidated' | 'closed' | 'expired' | 'superseded' | 'recalled';
  /** Who took the request back, and when, with the digest of their words; or the newer run that asks for the same. */
  readonly recalled:
    | { readonly by: string; readonly newer: null; readonly at: string; readonly reason: string }
    | { readonly by: null; readonly newer: string; readonly at: string; readonly reason: null }
    | null;
  readonly answered: { readonly answer: string; readonly at: string; readonly person: string } | null;
  /** What changed since the request, and when it was invalidated; null while its report is as it was. */
  readonly invalidated: Invalidation | null;
  /** What changed since the round before; null in the first round. */
  readonly changedBefore: Invalidation | null;
  /** What the person approved in this run before, and which exceptions are new or different since; null where they approved nothing. */
  readonly lastSigned: LastSigned | null;
  /** The gate is behind T0: people sign what runs, not what is to be deployed. */
  readonly afterT0: boolean;
  /** Where a rollback would lead, as far as it is known: fixed at T0, before that as the environment is now. */
  readonly target: Target | null;
  /** The newer run that has taken the environment over, which withdraws the request; `version` where that run can be read. */
  readonly superseded: { readonly run: string; readonly version: string | null; readonly at: string } | null;
};

export type ReadDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'index' | 'people' | 'evidence' | 'roster' | 'stage'>;
export type Shown = {
  readonly context: RunContext;
  readonly link: ApprovalLink;
  readonly gate: Gate;
  readonly entry: Entry;
  readonly round: Round;
  readonly inputs: GateInputs;
  readonly report: GateReport;
  readonly authors: ShownAuthors | undefined;
  readonly page: ApprovalPage;
};

/** The page behind a link, for the invited person only. */
export const showApproval = async (
  deps: ReadDependencies,
  input: { readonly link: string },
  caller: PersonCaller,
): Promise<Outcome<ApprovalPage>> => {
  const shown = await openLink(deps, input.link, caller);
  if (shown.ok === undefined) return { refused: shown.refused };
  const { inputs, gate, link } = shown.ok;
  const lastSigned = await readLastSigned(deps, inputs, { gate, person: link.person, exceptions: shown.ok.page.exceptions });
  const given = await deps.trail.read(inputs.context.scope, { prefix: 'evidence/' });
  const evidence = evidenceOfReport(shown.ok.report.gates, inputs.allChecks, given);
  return ok(await withNewerVersion(deps, { ...(await withWords(deps, shown.ok)), evidence, lastSigned }));
};

const withNewerVersion = async (deps: ReadDependencies, page: ApprovalPage): Promise<ApprovalPage> => {
  if (page.superseded === null) return page;
  const newer = await readContext(deps, page.superseded.run);
  return { ...page, superseded: { ...page.superseded, version: newer.ok?.started.event.data.version ?? null } };
};

/** What people wrote behind everything that the page shows; events carry its digests. */
const withWords = async ({ people }: ReadDependencies, { context, page }: Shown): Promise<ApprovalPage> => {
  const { exceptions, answers, gates, said } = page;
  const findings = [...gates.flatMap((gate) => gate.checks), ...exceptions.checks.map(({ finding }) => finding)];
  const digests = [
    ...Object.values(said),
    ...findings.flatMap(({ statement, parts }) => [statement?.digest, ...(parts?.listed ?? []).map(({ exception }) => exception?.digest)]),
    ...exceptions.resumed.map(({ reason }) => reason),
    ...exceptions.overridden.flatMap(({ reasons }) => reasons),
    ...exceptions.labels.map(({ explanation }) => explanation),
    ...exceptions.announced.map(({ announced }) => announced?.reason),
    ...answers.map(({ note }) => note),
    page.recalled?.reason,
  ].filter((digest) => typeof digest === 'string');
  return { ...page, words: await readWords(people, ownersOfWords(context.run, context.started.event.data.service), digests) };
};

/** A refusal, with the run that it concerns where there is one. Reading records nothing: only who answers decides to. */
export type Opened =
  | { readonly ok: Shown; readonly refused?: never }
  | { readonly refused: Refusal; readonly context?: RunContext; readonly ok?: never };

export const openLink = async (deps: ReadDependencies, token: string, caller: PersonCaller): Promise<Opened> => {
  const unknown = refuse('approval-unknown', 'There is no such approval request.', {
    got: 'an unknown link',
    expected: 'the complete link of a mail',
    fix: 'Open the complete link from the newest mail.',
  });
  // 256 bits; older versions mailed links of 192, which work while their requests are open.
  if (!/^[A-Za-z0-9_-]{43}$|^[A-Za-z0-9_-]{32}$/.test(token)) return unknown;
  const hash = sha256(token);
  const located = await deps.index.getLink(hash);
  if (located === undefined) return unknown;
  const found = await readContext(deps, located.run);
  if (found.refused) return found;
  const context = found.ok;
  const gate = gateOf(context.checklist, located.gate);
  const gates = await readGates(deps, context);
  const inputs = await readGateInputs(deps, context, gates, located.gate);
  const { approval } = inputs;
  const request = approval.find((stored) => stored.event.type === 'approval.requested' && stored.event.data.link === hash);
  if (gate === undefined || request?.event.type !== 'approval.requested') return unknown;
  const link = linkOf(context.run, request.event.data);
  if (caller.id !== link.person) {
    const no = refuse('approval-not-invited', 'This request was sent to another person.', {
      got: caller.id,
      expected: link.person,
      fix: 'Answer the request that was sent to you; links are not to be passed on.',
    });
    return { ...no, context };
  }
  const key = request.event.data.entry;
  const entry = gates.entries.findLast((one) => one.gate === link.gate && visitOf(one) === key);
  const round = foldRounds(approval, key).find((one) => one.round === link.round);
  if (entry === undefined || round === undefined) return unknown;
  const report = reportOf(inputs, gate);
  const authors = gate.nonAuthors === 0 ? undefined : await readShownAuthors(deps, inputs, gate, link);
  const shown = { context, link, gate, entry, round, inputs, report, authors };
  // While another gate is open, such as the incident gate, the machine no longer waits for this one.
  const isOpen = gates.open === undefined || gates.open === entry;
  const current =
    isOpen && entryOf(gates, link.gate) === entry && !isDelivered(entry) && context.ended === undefined && context.superseded === undefined;
  return ok({ ...shown, page: { ...pageOf(shown, current), commitPage: commitPage(deps.stage, context.started.event) } });
};

/**
 * The stored link says only where the request stands: a function that may write the table of runs could change it. Whom the request asks, and in which role
 * and round, stands in the event, under the reconciler's MAC.
 */
const linkOf = (run: string, { gate, round, role, person, expires, for: principal }: DataOf<'approval.requested'>): ApprovalLink => ({
  ...(principal === undefined ? {} : { for: principal }),
  run,
  gate,
  round,
  role: roleSchema.parse(role),
  person,
  expires,
});

const pageOf = (
  { context, link, gate, entry, round, inputs, report, authors }: Omit<Shown, 'page'>,
  current: boolean,
): Omit<ApprovalPage, 'commitPage'> => {
  const started = context.started.event.data;
  const mine = round.answers.find((stored) => stored.event.data.role === link.role)?.event;
  const rounds = foldRounds(inputs.approval, visitOf(entry));
  const stale = isStale(inputs, gate, round);
  // A rejection decides, whatever becomes of its round; any other answer goes with it.
  const stands =
    mine !== undefined && (mine.data.answer === 'rejected' || (round.invalidated === undefined && round.recalled === undefined));
  const expired = entry.opened.event.data.due <= inputs.now.toISOString();
  const unanswered = (): ApprovalPage['state'] => {
    const isExpired = effectiveSettlement(entry)?.settled.event.data.outcome === 'expired' || (current && expired);
    if (mine === undefined && isExpired) return 'expired';
    if (mine === undefined && !current) return context.superseded === undefined ? 'closed' : 'superseded';
    if (round.recalled !== undefined) return 'recalled';
    return round.invalidated !== undefined || stale ? 'invalidated' : 'open';
  };
  const state = stands ? 'answered' : unanswered();
  const { recalled } = round;
  const before = rounds[rounds.indexOf(round) - 1];
  return {
    run: context.run,
    service: started.service,
    environment: started.environment,
    version: started.version,
    commit: started.commit,
    artifacts: started.artifacts,
    said: { why: started.reasonDigest, requestedBy: started.requestedBy, changes: started.changesDigest },
    risk: started.risk,
    impact: started.impact,
    plannedT0: context.plannedT0,
    definition: { name: context.checklist.name, version: context.checklist.version, digest: started.definition },
    profile:
      started.profile === undefined
        ? null
        : { digest: started.profile.digest, base: started.profile.base, startedAs: started.profile.state },
    starter: started.starter,
    gate: gate.id,
    title: gate.title,
    role: link.role,
    person: link.person,
    for: link.for ?? null,
    recalled: recalled === undefined ? null : recallOf(recalled),
    round: link.round,
    expires: link.expires,
    report: round.report,
    code: round.report.slice(0, 6).toUpperCase(),
    gates: report.gates,
    exceptions: report.exceptions,
    evidence: [],
    answers: rounds.flatMap(answersIn),
    authors,
    words: new Map(),
    onRejected: gate.onRejected,
    deviations: context.checklist.deviations.map((one) => saidIn(context.checklist, one)),
    disclosures: disclosuresOf(context),
    local: started.local,
    waitScale: started.waitScale,
    state,
    answered: mine === undefined ? null : { answer: mine.data.answer, at: mine.at, person: mine.data.person },
    invalidated: round.invalidated !== undefined || state === 'invalidated' ? invalidationOf(inputs, gate, round) : null,
    changedBefore: before?.invalidated === undefined ? null : invalidationOf(inputs, gate, before),
    lastSigned: null,
    afterT0: isAfterT0(context, inputs.gates),
    target: (isAfterT0(context, inputs.gates) ? fixedTarget(inputs.rollback) : targetIn(inputs)) ?? null,
    superseded:
      context.superseded === undefined ? null : { run: context.superseded.event.data.by, version: null, at: context.superseded.event.at },
  };
};

/** Before T0 nothing is fixed: what the environment says now, which the report covers. A version that nobody has read back yet is shown as such. */
const targetIn = ({ live, context }: GateInputs): Target | undefined =>
  live === null ? undefined : rollbackTargetOf(liveIn(live), context.started.event.data.waitScale, () => false);

const recallOf = ({ event }: NonNullable<Round['recalled']>): NonNullable<ApprovalPage['recalled']> =>
  event.type === 'approval.overtaken'
    ? { by: null, newer: event.data.by, at: event.at, reason: null }
    : { by: event.data.by, newer: null, at: event.at, reason: event.data.reason };
