import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical, quoted } from '../../canonical-json.ts';
import { type Gate, goGateOf, itemOf } from '../../checklist/definition.ts';
import { type Freeze, freezeEndsAt, freezesAt, freezesIn, type Occurrence } from '../../checklist/freezes.ts';
import { gateGraphOf, graphDigest } from '../../checklist/gate-graph.ts';
import { clockTimeAt } from '../../checklist/local-time.ts';
import type { StageFacts } from '../../ports.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { authorsBlocker, authorsIn } from '../state/authors.ts';
import { currentFindings } from '../state/current-findings.ts';
import { heldBy, type SignedTarget, signedTarget } from '../state/environment.ts';
import { effectiveSettlement, entryOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { coveredChecks } from '../state/gate-report.ts';
import { seenLive, seenOfRun } from '../state/lane-heads.ts';
import type { RunContext } from '../state/run-context.ts';

/** What the T0 gate judges beside its own checks: whether the go still stands, and whether deployments are frozen. Pure. */

/**
 * Why the go no longer stands: what people signed before T0 is not what it would be now, or a check of an earlier gate is no longer satisfied.
 * Empty while it stands, and where the run's workflow has no way back to the gate at which they signed.
 */
export const returnReasons = (inputs: GateInputs, gate: Gate): readonly string[] => {
  const { context } = inputs;
  const go = gate.role === 't0' ? goGateOf(context.checklist) : undefined;
  const entry = go === undefined ? undefined : entryOf(inputs.gates, go.id);
  const settled = entry === undefined ? undefined : effectiveSettlement(entry)?.settled;
  if (go === undefined || settled === undefined || !hasWayBack(context)) return [];
  const unsatisfied = inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs)).filter(isUnsatisfied);
  const named = new Set(unsatisfied.map(({ check }) => check));
  return [
    ...movedSince(context, settled),
    ...targetSince(inputs, settled),
    ...authorsSince(inputs, go, settled),
    ...unsatisfied.map(({ title, verdict, reason }) => `${title}: ${verdict}, ${reason}`),
    ...changedSince(inputs, go, settled)
      .filter((check) => !named.has(check))
      .map((check) => `${itemOf(context.checklist, check)?.title ?? check}: changed since it was signed`),
  ];
};

/** A run whose execution began with another state machine has no such edge: its gate waits instead. */
const hasWayBack = ({ checklist, started }: RunContext): boolean => graphDigest(gateGraphOf(checklist)) === started.event.data.graph;

/** The run's own lane up to where the signed decision had read it. */
const movedSince = ({ own, plannedT0, overridden }: RunContext, settled: Stored<'gate.settled'>): readonly string[] => {
  const seen = seenOfRun(settled).get(lanes.run) ?? 1;
  const before = own.filter((stored) => stored.event.seq <= seen);
  const signed = (before.findLast(isType('run.rescheduled')) ?? before.find(isType('run.started')))?.event.data.plannedT0;
  return [
    ...(signed === plannedT0 ? [] : [`T0 was moved from ${signed} to ${plannedT0}`]),
    ...overridden
      .filter((stored) => stored.event.seq > seen)
      .map((stored) => `the freeze ${stored.event.data.freeze} was overridden after the approvals`),
  ];
};

/**
 * Whether a rollback would lead elsewhere than when people signed. While another run holds the environment that may still change, and T0 waits
 * for it anyway.
 */
const targetSince = ({ context, live, holding }: GateInputs, settled: Stored<'gate.settled'>): readonly string[] => {
  if (live === null || (holding !== null && heldBy(holding, context.run) !== undefined)) return [];
  const { waitScale } = context.started.event.data;
  const seen = seenLive(context, settled);
  const signed = signedTarget(
    live.filter((stored) => stored.event.seq <= seen),
    waitScale,
  );
  const now = signedTarget(live, waitScale);
  if (canonical(signed) === canonical(now)) return [];
  return [`the rollback target is ${targetName(now)} and was ${targetName(signed)} when it was signed`];
};

/** Whether others wrote the release than those whom the signers were shown. */
const authorsSince = ({ context, checks }: GateInputs, go: Gate, settled: Stored<'gate.settled'>): readonly string[] => {
  if (go.nonAuthors === 0) return [];
  const seen = seenOfRun(settled);
  const upTo = (events: readonly Stored[]): readonly Stored[] => events.filter(({ event }) => event.seq <= (seen.get(event.lane) ?? 0));
  const then = {
    context: { checklist: context.checklist, own: upTo(context.own) },
    allChecks: new Map([...checks].map(([lane, events]) => [lane, upTo(events)])),
  };
  const now = { context, allChecks: checks };
  if (canonical(authorsIn(now, go)) === canonical(authorsIn(then, go))) return [];
  return [authorsBlocker(now, go) ?? 'other people wrote the release than those whom the signers were shown'];
};

const targetName = (target: SignedTarget | null): string =>
  target === null ? 'none' : target.components.length === 0 ? 'the removal of the service' : quoted(target.version, 60);

/** The checks of the signed report that are others now than when its gate passed. */
const changedSince = (inputs: GateInputs, go: Gate, settled: Stored<'gate.settled'>): readonly string[] => {
  const seen = seenOfRun(settled);
  const upTo = (events: readonly Stored[]): readonly Stored[] => events.filter((one) => one.event.seq <= (seen.get(one.event.lane) ?? 0));
  const signed: GateInputs = {
    ...inputs,
    now: new Date(settled.event.at),
    checks: new Map([...inputs.checks].map(([lane, events]) => [lane, upTo(events)])),
    deployment: upTo(inputs.deployment),
    observation: upTo(inputs.observation),
    notice: upTo(inputs.notice),
  };
  const then = coveredChecks(signed, go.reports);
  return Object.entries(coveredChecks(inputs, go.reports)).flatMap(([check, digest]) => (then[check] === digest ? [] : check));
};

/** The freezes that hold for this run: those of its service and environment, without those that two people have overridden. */
export const freezesOf = (stage: Pick<StageFacts, 'freezes'>, { started, overridden }: RunContext): readonly Freeze[] => {
  const { service, environment } = started.event.data;
  return freezesIn(stage.freezes[service] ?? [], environment).filter(
    ({ name }) => !overridden.some((stored) => stored.event.data.freeze === name),
  );
};

/** What keeps the T0 gate from passing during a freeze, and until when; `until` is null for a freeze that never ends. */
export const freezeBlocker = (
  freezes: readonly Freeze[],
  gate: Gate,
  now: Date,
): { readonly reason: string; readonly until: Date | null } | undefined => {
  const [held] = gate.role === 't0' ? freezesAt(freezes, now) : [];
  if (held === undefined) return undefined;
  const until = freezeEndsAt(freezes, now);
  return { reason: `deployments are frozen ${untilWhen(held, until)}: ${nameOf(held)}`, until };
};

const untilWhen = ({ freeze: { zone } }: Occurrence, until: Date | null): string =>
  until === null ? 'without an end' : `until ${until.toISOString()} (${clockTimeAt(until, zone)} ${zone})`;

const nameOf = ({ freeze: { name, reason } }: Occurrence): string => `${name} (${reason})`;
