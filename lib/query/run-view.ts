import { type AuditEvent, byLane, isType, type Stored } from '../audit/event.ts';
import { deploymentStates } from '../audit/events/deployment.ts';
import { startSchema } from '../audit/events/run.ts';
import { lanes } from '../audit/lane.ts';
import { commitPage } from '../checklist/commit-pages.ts';
import { type Checklist, type Gate, gateOf, gateOfRole, gatesOf, rollbackGatesOf } from '../checklist/definition.ts';
import { saidIn } from '../checklist/definition-diff.ts';
import { freezesIn } from '../checklist/freezes.ts';
import type { Finding } from '../evaluation/finding.ts';
import { foldObservations } from '../folds/observations.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { Dependencies, StageFacts } from '../ports.ts';
import { readAuthors } from '../run/state/authors.ts';
import { disclosuresOf } from '../run/state/disclosures.ts';
import { environmentScope, fixedTarget, type HoldingReading, readHolding } from '../run/state/environment.ts';
import { findingFrom } from '../run/state/findings.ts';
import { frozenAt } from '../run/state/frozen.ts';
import { foldGates, type Gates } from '../run/state/gate-entries.ts';
import { type GateInputs, isAfterT0, observationsIn, readLiveFor } from '../run/state/gate-inputs.ts';
import { readProfilesFor } from '../run/state/registered-profiles.ts';
import { type RunContext, readContext } from '../run/state/run-context.ts';
import { overriddenFreezes } from '../run/state/run-exceptions.ts';
import { hasT0Come, latestT0 } from '../run/state/t0.ts';
import type { Verdict } from '../verdict.ts';
import { boundedView } from './bounded-view.ts';
import { budgetLimits, deploymentWindows } from './deployment-windows.ts';
import { followUpsView } from './follow-ups-view.ts';
import { deliveredSettlement, gateView, incidentView } from './gate-view.ts';
import { declarableTriggers, rollbackView } from './rollback-view.ts';
import { suppliesIn } from './run-supplies.ts';
import type { RunOutcome, RunView } from './view.ts';
import { withWords } from './words.ts';

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'stage'>;
/** A run as it stands, with everything that it was folded from. */
type Reading = { readonly view: RunView; readonly events: readonly Stored[]; readonly context: RunContext };

/** A run as it stands, folded from all its events: one query of the whole scope, and where it waits at T0 one of who holds the environment. */
export const readRun = async (deps: Reader, run: string): Promise<Outcome<RunView>> => {
  const found = await readView(deps, run);
  return found.refused === undefined ? ok(found.ok.view) : found;
};

type WordsReader = Reader & Pick<Dependencies, 'people' | 'evidence' | 'roster'>;

/** The same with what people wrote about the run, and who wrote the release: for people who hold a role. */
export const readRunWithWords = async (deps: WordsReader, run: string): Promise<Outcome<RunView>> => {
  const found = await readView(deps, run);
  if (found.refused !== undefined) return found;
  const { view, events, context } = found.ok;
  const authors = await readAuthors(deps, context, byLane(events), { id: view.gate });
  const named = authors === null ? null : { people: [...authors.people], others: authors.others.length, unnamed: authors.isUnnamed };
  return ok(await withWords(deps.people, { ...view, authors: named }, events));
};

/** The run with or without words: they are for people who hold a role. */
export const readRunFor = (deps: WordsReader, run: string, mayReadWords: boolean): Promise<Outcome<RunView>> =>
  mayReadWords ? readRunWithWords(deps, run) : readRun(deps, run);

/** One reading, for views that show more than the run itself. */
export const readView = async (deps: Reader, run: string): Promise<Outcome<Reading>> => {
  const found = await readContext(deps, run);
  return found.refused ? found : ok(await readIn(deps, found.ok));
};

/** A run whose context the caller has read. */
export const readRunIn = async (deps: Reader, context: RunContext): Promise<RunView> => (await readIn(deps, context)).view;

const readIn = async (deps: Reader, context: RunContext): Promise<Reading> => {
  const events = await deps.trail.read(context.scope, { prefix: '' });
  const open = gatesIn(events).open?.gate;
  const waits = context.ended === undefined ? open : undefined;
  const isAtT0 = waits !== undefined && gateOf(context.checklist, waits)?.role === 't0';
  const holding = isAtT0 ? await readHolding(deps, environmentScope(context), context.run) : null;
  const live = waits === undefined ? null : await readLiveFor(deps, context, gatesIn(events), waits);
  const profile = waits === undefined ? null : await readProfilesFor(deps, context, waits);
  const view = boundedView(viewOf(context, events, { now: deps.clock.now(), stage: deps.stage, holding, live, profile }));
  return { view, events, context };
};

const gatesIn = (events: readonly Stored[]) => foldGates(events.filter((stored) => stored.event.lane.startsWith(lanes.gates)));

/** What a view shows beside the run's own events. */
type At = {
  readonly now: Date;
  readonly stage: Pick<StageFacts, 'commitPages' | 'freezes' | 'targets'>;
  readonly holding: HoldingReading | null;
  readonly live: GateInputs['live'];
  readonly profile: GateInputs['profile'];
};

/** Pure: the same events at the same instant give the same view, whole. */
export const viewOf = (context: RunContext, events: readonly Stored[], { now, stage, holding, live, profile }: At): RunView => {
  const groups = byLane(events);
  const gates = gatesIn(events);
  const findings = findingsOf(context, groups, gates, now);
  const views = [
    ...gatesShown(context.checklist, gates).map((gate) =>
      gateView(gate, { context, groups, gates, findings, now, holding, live, profile, stage }),
    ),
    ...incidentView({ gates, context }),
  ];
  const started = context.started.event;
  const last = gates.entries.at(-1);
  const end = context.ended?.event.data.outcome ?? (last === undefined ? undefined : deliveredSettlement(gates, last.gate)?.data.end);
  const outcome: RunOutcome = end ?? (views.some((view) => view.state === 'blocked') ? 'blocked' : 'running');
  const view: RunView = {
    run: context.run,
    ...startSchema.parse(started.data),
    ...schedulingOf(context, gates, { now, stage }),
    commitPage: commitPage(stage, started),
    startedAt: started.at,
    endedAt: context.ended?.event.at ?? null,
    profile: profileOf(started.data),
    definition: { name: context.checklist.name, version: context.checklist.version, digest: started.data.definition },
    outcome,
    gate: context.ended?.event.data.gate ?? gates.open?.gate ?? last?.gate ?? context.checklist.gates[0]?.id ?? '',
    gates: views,
    supplies: [],
    suppliesAhead: [],
    rollbackTarget: targetOf(groups.get(lanes.rollback) ?? []),
    supersededBy: context.superseded?.event.data.by ?? null,
    unreached: outcome === 'superseded' ? unreachedIn(context, views) : [],
    deviations: context.checklist.deviations.map((one) => saidIn(context.checklist, one)),
    disclosures: disclosuresOf(context),
    deployments: deploymentsOf(groups.get(lanes.deployment) ?? []),
    rollback: rollbackView({ context, gates, events, lane: groups.get(lanes.rollback) ?? [], now, stage }),
    rollbackTriggers: declarableTriggers(context, gates),
    rollbackBudgets: budgetLimits(context.checklist),
    deploymentWindows: [],
    followUps: followUpsView(context, groups.get(lanes.followUp) ?? []),
    observations: observationsOf(observationsIn(groups)),
    undeliveredMails: undeliveredOf(groups.get(lanes.notice) ?? []),
    checkCounts: countChecks(context, findings),
    changes: [],
    authors: null,
    words: null,
    wordsLeftOut: 0,
    leftOut: [],
    events: events.length,
    closed: context.closed,
  };
  return { ...view, deploymentWindows: [...deploymentWindows(context, view)], ...suppliesIn(context, view, groups, now) };
};

const profileOf = ({ profile }: AuditEvent<'run.started'>['data']): RunView['profile'] =>
  profile === undefined ? null : { digest: profile.digest, base: profile.base, startedAs: profile.state };

/** The gates of the way back are shown once a run has entered it. */
const gatesShown = (checklist: Checklist, { entries }: Gates): readonly Gate[] => {
  const wayBack = rollbackGatesOf(checklist);
  const isEntered = wayBack.some(({ id }) => entries.some(({ gate }) => gate === id));
  return [...gatesOf(checklist), ...(isEntered ? wayBack : [])];
};

/** The planned T0 that counts, how it was moved, and what is frozen then. */
const schedulingOf = (
  context: RunContext,
  gates: Gates,
  { now, stage }: { readonly now: Date; readonly stage: Pick<StageFacts, 'freezes'> },
): Pick<RunView, 'plannedT0' | 'rescheduled' | 'latestT0' | 'freezes' | 'freezeOverrides'> => {
  const { plannedT0, rescheduled, overridden, own, started } = context;
  const { service, environment } = started.event.data;
  const isOver = isAfterT0(context, gates) || context.ended !== undefined;
  const isFixed = hasT0Come(context, gates) || context.ended !== undefined || gateOfRole(context.checklist, 't0') === undefined;
  const approved = overriddenFreezes(context);
  const requested = own
    .filter(isType('freeze.override-requested'))
    .filter(({ event }) => !overridden.some((one) => one.event.data.freeze === event.data.freeze));
  return {
    plannedT0,
    rescheduled: rescheduled.map(({ event: { at, data } }, place) => ({
      at,
      by: data.by,
      from: (rescheduled[place - 1] ?? started).event.data.plannedT0,
      to: data.plannedT0,
      reason: data.reason,
    })),
    latestT0: isFixed ? null : latestT0(context, gates, now),
    freezes: isOver
      ? []
      : frozenAt(freezesIn(stage.freezes[service] ?? [], environment), plannedT0, now).map((freeze) => ({
          ...freeze,
          overridden: approved.some((one) => one.freeze === freeze.name),
        })),
    freezeOverrides: [
      ...approved.map((one) => ({ ...one, by: [...one.by], reasons: [...one.reasons], approved: true })),
      ...requested.map(({ event: { at, data } }) => ({ freeze: data.freeze, at, by: [data.by], approved: false, reasons: [data.reason] })),
    ],
  };
};

type Lanes = ReadonlyMap<string, readonly Stored[]>;

/** Checks of a gate that has settled are shown as they were judged: a waiver that has ended since was valid when it was needed. */
const findingsOf = (context: RunContext, groups: Lanes, gates: Gates, now: Date): ReadonlyMap<string, Finding> => {
  const open = { now, deployment: groups.get(lanes.deployment) ?? [], observation: observationsIn(groups) };
  return new Map(
    context.checklist.items.flatMap((check) => {
      if (check.gate === null) return [];
      const settled = deliveredSettlement(gates, check.gate);
      const own = groups.get(lanes.check(check.gate, check.id)) ?? [];
      return [[check.id, findingFrom(check, own, context, settled === undefined ? open : { now: new Date(settled.at) })]];
    }),
  );
};

const targetOf = (rollback: readonly Stored[]): RunView['rollbackTarget'] => fixedTarget(rollback) ?? null;

/** The checks of gates that a superseded run did not pass. */
const unreachedIn = ({ checklist }: RunContext, gates: RunView['gates']): readonly string[] => {
  const passed = new Set(gates.filter(({ state }) => state === 'passed').map(({ id }) => id));
  const spine = checklist.gates.filter(({ id }) => !passed.has(id));
  return checklist.items.filter(({ gate }) => spine.some(({ id }) => id === gate)).map(({ id }) => id);
};

const deploymentsOf = (lane: readonly Stored[]): RunView['deployments'] =>
  lane.flatMap((stored) => {
    const state = deploymentStates.find((one) => stored.event.type === `deployment.${one}`);
    if (state === undefined) return [];
    const { data, at } = stored.event as AuditEvent<`deployment.${typeof state}`>;
    return [{ state, component: data.component, digest: data.digest, at }];
  });

const observationsOf = (lane: readonly Stored[]): RunView['observations'] =>
  foldObservations(lane).map(({ observation, kind, bad, subject, summary, observedAt, label, setAside, words, announced }) => ({
    observation,
    kind,
    bad,
    subject,
    summary,
    observedAt,
    label: label ?? null,
    setAside: setAside ?? null,
    announced: announced?.reason ?? null,
    words,
  }));

const undeliveredOf = (lane: readonly Stored[]): RunView['undeliveredMails'] =>
  lane.filter(isType('mail.undelivered')).map(({ event: { data, at } }) => ({
    person: data.person,
    about: data.about,
    failure: data.failure,
    at,
  }));

/** Verdicts of the document's checks: not its other checks, and not ours. */
const countChecks = (context: RunContext, findings: ReadonlyMap<string, Finding>): RunView['checkCounts'] => {
  const found = context.checklist.items
    .filter((check) => check.kind === 'check' && check.source === 'document')
    .map((check) => findings.get(check.id)?.verdict ?? 'missing');
  const count = (verdict: Verdict): number => found.filter((one) => one === verdict).length;
  return {
    pass: count('pass'),
    fail: count('fail'),
    inconclusive: count('inconclusive'),
    missing: count('missing'),
    error: count('error'),
    waived: count('waived'),
    notApplicable: count('not-applicable'),
  };
};
