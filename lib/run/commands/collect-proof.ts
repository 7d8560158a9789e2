import { isType, type Stored } from '../../audit/event.ts';
import { rollbackStepSchema } from '../../audit/events/rollback.ts';
import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { excerpt } from '../../canonical-json.ts';
import type { Probe } from '../../checklist/probe.ts';
import type { Targets } from '../../checklist/targets.ts';
import { runProbes, watchProbes } from '../../collectors/probe.ts';
import { takesAway } from '../../folds/rollback.ts';
import type { StepAttempt } from '../../ports.ts';
import { counted } from '../../wording.ts';
import { fixedTarget } from '../state/environment.ts';
import { type RunContext, system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { type CollectProbesDependencies, probesOf, recordProbes } from './collect-probes.ts';
import { collectReadBack, type ReadBackDependencies } from './collect-read-back.ts';

export type ProofDependencies = CollectProbesDependencies & ReadBackDependencies;
export type Proof = StepAttempt & { readonly proof: number };
type Proved = {
  readonly proved: boolean;
  readonly detail: string;
  readonly evidence: readonly string[];
  /** Nothing that the stage file names could show it, whatever runs. */
  readonly cannotShow?: true;
};

const unproved = (detail: string): Proved => ({ proved: false, detail, evidence: [] });
const unshowable = (detail: string, evidence: readonly string[] = []): Proved => ({ proved: false, detail, evidence, cannotShow: true });

/**
 * Looks whether a step of the rollback has had its effect, and records what was seen. The first answer to a request of a proof counts; an answer
 * that comes after a newer attempt is recorded, and the fold of the lane leaves it out.
 */
export const collectProof = async (
  deps: ProofDependencies,
  context: RunContext,
  targets: Targets | undefined,
  { step, action, attempt, proof }: Proof,
): Promise<readonly string[]> => {
  const place = { scope: context.scope, lane: lanes.rollback, step: `proved/${step}/${action}/${attempt}/${proof}` } as const;
  const known = eventId(place.scope, place.lane, place.step);
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  if (lane.some(({ event }) => event.id === known)) return [known];
  const seen =
    targets === undefined
      ? unshowable('the stage file says nothing about this service in this environment, so a person must show it')
      : await look(deps, context, targets, { step, action, lane });
  const { stored } = await appendToRun(deps, context, {
    draft: {
      ...place,
      type: 'rollback.step-proved',
      actor: system('collector'),
      data: {
        ...{ step, action, attempt, proof },
        proved: seen.proved,
        detail: excerpt(seen.detail, 300),
        evidence: [...seen.evidence],
        ...(seen.cannotShow === true ? { cannotShow: true } : {}),
      },
    },
    // A look may take minutes, in which others write.
    lane: 'unread',
    followUp: noFollowUp,
  });
  return [...seen.evidence, stored.event.id];
};

const look = async (
  deps: ProofDependencies,
  context: RunContext,
  targets: Targets,
  { step, action, lane }: Pick<StepAttempt, 'step' | 'action'> & { readonly lane: readonly Stored[] },
): Promise<Proved> => {
  const known = rollbackStepSchema.safeParse(step);
  if (!known.success) return unproved('there is no such step of a rollback');
  if (action === 'undo' && known.data !== 'stop-requests') return unproved('only the stop of requests can be taken back');
  const critical = targets.probes.filter((probe) => probe.critical);
  switch (known.data) {
    case 'stop-requests': {
      const settings = targets.rollback?.['stop-requests'];
      if (settings === undefined || 'notApplicable' in settings) return unshowable(nothingNamed);
      return byProbes(deps, context, targets, probesOf(targets, action === 'do' ? settings.stopped : settings.accepting));
    }
    case 'revert-version':
      return takesAway(lane) ? byStopped(deps, context, targets) : byDigests(deps, context, targets, fixedTarget(lane));
    case 'restore-database':
    case 'restart-services': {
      const settings = targets.rollback?.[known.data];
      if (settings === undefined || 'notApplicable' in settings || settings.proof === undefined) return unshowable(nothingNamed);
      return byProbes(deps, context, targets, probesOf(targets, settings.proof));
    }
    case 'verify-health':
      return critical.length === 0 ? unshowable(noneCritical) : byProbes(deps, context, targets, critical);
    case 'monitor-stability':
      return byStability(deps, context, targets, { critical, lane });
  }
};

const nothingNamed = 'the stage file names no probe that would show it, so a person must';
const bySecond = 'so two people must say that it is done, the second one with evidence';
const noneCritical = `no probe of the stage file is critical, ${bySecond}`;

/** The service is gone when what shows a stop of its requests goes on to show it. */
const byStopped = (deps: ProofDependencies, context: RunContext, targets: Targets): Promise<Proved> | Proved => {
  const settings = targets.rollback?.['stop-requests'];
  return settings === undefined || 'notApplicable' in settings
    ? unshowable(`the stage file names no probe that shows the service gone, ${bySecond}`)
    : byProbes(deps, context, targets, probesOf(targets, settings.stopped));
};

const byProbes = async (deps: ProofDependencies, context: RunContext, targets: Targets, asked: readonly Probe[]): Promise<Proved> => {
  if (asked.length === 0) return unshowable(nothingNamed);
  const from = deps.clock.now().toISOString();
  return recorded(deps, context, from, await runProbes(deps, asked, targets));
};

const defaultWatchSeconds = 120;

const byWatching = async (deps: ProofDependencies, context: RunContext, targets: Targets, asked: readonly Probe[]): Promise<Proved> => {
  const from = deps.clock.now().toISOString();
  const seconds = targets.rollback?.watchSeconds ?? defaultWatchSeconds;
  return recorded(deps, context, from, await watchProbes(deps, asked, targets, seconds));
};

type Watched = { readonly critical: readonly Probe[]; readonly lane: readonly Stored[] };

/**
 * The window counts for the version to which the rollback went back. So what runs is read before and after it: something else may have been
 * deployed since the revert was proved, in staging by CI on any commit, and neither a rollback nor a rehearsal vouches for that.
 */
const byStability = async (
  deps: ProofDependencies,
  context: RunContext,
  targets: Targets,
  { critical, lane }: Watched,
): Promise<Proved> => {
  const changed = await changedSinceRevert(deps, context, targets, lane);
  if (changed !== undefined) return changed;
  if (critical.length === 0) return unshowable(noneCritical);
  const watched = await byWatching(deps, context, targets, critical);
  if (!watched.proved) return watched;
  const then = await changedSinceRevert(deps, context, targets, lane);
  return then === undefined ? watched : { ...then, evidence: [...watched.evidence, ...then.evidence] };
};

/** Undefined where every platform that can be read still runs the version. One that could be read at the revert must be readable again. */
const changedSinceRevert = async (
  deps: ProofDependencies,
  context: RunContext,
  targets: Targets,
  lane: readonly Stored[],
): Promise<Proved | undefined> => {
  const target = fixedTarget(lane);
  if (target === undefined || takesAway(lane)) return undefined;
  const isReadAtRevert = lane.some(
    (stored) => isType('rollback.step-proved')(stored) && stored.event.data.step === 'revert-version' && stored.event.data.proved,
  );
  const read = await collectReadBack(deps, context, targets, false);
  const released = context.started.event.data.artifacts.map(({ component }) => component);
  const flaws = target.components.flatMap(({ component, digest }) => {
    const running = released.includes(component) ? read.find((one) => one.component === component) : undefined;
    if (running === undefined || running.digest === digest) return [];
    if (running.digest !== null)
      return [`${component} runs ${running.digest}, not ${digest}: something else was deployed after the revert`];
    return isReadAtRevert && !reportedIn(targets).includes(component) ? [`${component} cannot be read any more: ${running.detail}`] : [];
  });
  return flaws[0] === undefined ? undefined : { ...unproved(flaws[0]), evidence: read.map(({ event }) => event) };
};

const reportedIn = ({ components }: Targets): readonly string[] =>
  components.flatMap(({ component, platform }) => (platform.kind === 'reported' ? component : []));

const recorded = async (
  deps: ProofDependencies,
  context: RunContext,
  from: string,
  probed: Awaited<ReturnType<typeof runProbes>>,
): Promise<Proved> => {
  const { event, facts } = await recordProbes(deps, context, { set: 'proof', partial: true, from, probed });
  const bad = facts.probes.find(({ outcome }) => outcome !== 'passed');
  const figures = `${counted(facts.probes.length, 'probe')}, ${counted(
    facts.probes.reduce((sum, { tries }) => sum + tries, 0),
    'request',
  )} from ${facts.from} to ${facts.to}`;
  return {
    proved: bad === undefined,
    detail:
      bad === undefined ? `${figures}, all answered as expected` : `${figures}; ${bad.id} ${bad.outcome}: ${bad.reason ?? 'no reason'}`,
    evidence: [event],
  };
};

/** Every component that the run released runs the digest to which the rollback goes back; any other is left as it runs. */
const byDigests = async (
  deps: ProofDependencies,
  context: RunContext,
  targets: Targets,
  target: ReturnType<typeof fixedTarget>,
): Promise<Proved> => {
  if (target === undefined || target.components.length === 0) return unproved('the run has no rollback target to compare with');
  const read = await collectReadBack(deps, context, targets, false);
  const reported = reportedIn(targets);
  const released = context.started.event.data.artifacts.map(({ component }) => component);
  const first = released.find((component) => reported.includes(component));
  const flaws = released.flatMap((component) => {
    const digest = target.components.find((one) => one.component === component)?.digest;
    if (digest === undefined) return [`${component} was released, and version ${target.version} names no version of it`];
    if (reported.includes(component)) return [];
    const running = read.find((one) => one.component === component);
    if (running === undefined) return [`the stage file does not say where ${component} runs`];
    if (running.digest === null) return [`${component} cannot be read: ${running.detail}`];
    return running.digest === digest ? [] : [`${component} runs ${running.digest}, not ${digest}`];
  });
  const evidence = read.map(({ event }) => event);
  if (flaws.length === 0 && first !== undefined)
    return unshowable(`the platform of ${first} is only reported and cannot be read, ${bySecond}`, evidence);
  return {
    proved: flaws.length === 0,
    detail: flaws[0] ?? `every released component runs the digest of version ${target.version}`,
    evidence,
  };
};
