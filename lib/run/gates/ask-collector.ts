import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { type Targets, usualProbes } from '../../checklist/targets.ts';
import type { Look } from '../../fields.ts';
import { readBackOf } from '../../folds/deployment.ts';
import { unconfirmedIn } from '../../folds/environment.ts';
import { foldObservations } from '../../folds/observations.ts';
import type { CollectorTask } from '../../ports.ts';
import { metricAgrees } from '../../rules/metric-agrees.ts';
import { probesPass } from '../../rules/probes-pass.ts';
import { finishedAt, type GateInputs, isAfterT0, laneOfCheck, windowEndsAt } from '../state/gate-inputs.ts';
import { readableIn } from '../state/targets.ts';
import { pauseAfter, type Reconciliation } from './reconciliation.ts';

/** A request may be lost, and what is not good yet is looked at again: after a minute, later after five. Milliseconds. */
export const lookAgainMs = 60_000;
const longestPauseMs = 5 * lookAgainMs;

/**
 * Asks the collector for what the gate needs and nobody has seen yet: what runs before T0, what runs after the deployment, and whether the
 * service works when something bad was observed. Asking twice does no harm, so that nothing is recorded about the asking: what the collector
 * records ends it.
 */
export const askCollector = async (
  deps: Pick<Reconciliation, 'collector' | 'retryAt'>,
  inputs: GateInputs,
  gate: Gate,
  targets: Targets,
): Promise<void> => {
  for (const task of wantedTasks(inputs, gate, targets)) await deps.collector.request(inputs.context.run, task);
  const now = inputs.now.getTime();
  for (const { dueAt } of plannedLooks(inputs, gate)) deps.retryAt(new Date(dueAt <= now ? now + lookAgainMs : dueAt));
};

/** Pure. */
export const wantedTasks = (inputs: GateInputs, gate: Gate, targets: Targets): readonly CollectorTask[] => {
  const now = inputs.now.getTime();
  const looks = plannedLooks(inputs, gate).flatMap(({ task, dueAt }) => (dueAt <= now ? task : []));
  const isProbed = looks.some(({ kind }) => kind === 'probes');
  return [...readBacks(inputs, gate, targets), ...looks, ...(isProbed ? [] : probes(inputs, targets))];
};

const readBacks = (inputs: GateInputs, gate: Gate, targets: Targets): readonly CollectorTask[] => {
  const { deployment } = inputs;
  const readable = readableIn(targets);
  if (readable.length === 0) return [];
  if (gate.role === 't0') {
    const seen = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
    if (isUnconfirmed(inputs, readable)) return [{ kind: 'read-back', before: true }];
    return readable.every((component) => seen.some(({ event }) => event.data.component === component))
      ? []
      : [{ kind: 'read-back', before: true }];
  }
  const isFinished = gate.needsDeployment && finishedAt(inputs) !== undefined;
  return isFinished && readable.some((component) => readBackOf(deployment, component) === undefined)
    ? [{ kind: 'read-back', before: false }]
    : [];
};

/** What people adopted is the target once the platform has said the same. Not asked again within a minute of its last word. */
const isUnconfirmed = ({ environment, now }: GateInputs, readable: readonly string[]): boolean => {
  const live = (environment ?? []).filter(({ event }) => event.lane === lanes.live);
  const unconfirmed = unconfirmedIn(live, (component) => readable.includes(component));
  const last = live.filter(isType('target.read-back')).findLast(({ event }) => event.data.adopted === unconfirmed?.event)?.event.at;
  return unconfirmed !== undefined && (last === undefined || now.getTime() - Date.parse(last) >= lookAgainMs);
};

/** `dueAt`: when to look, in milliseconds since 1970. */
type PlannedLook = { readonly task: CollectorTask; readonly dueAt: number };

/**
 * The looks that the checks of the gate still need, as far as time alone brings them: a look that was good and does not grow old is needed no
 * more, so that a gate which waits for days is not read every minute.
 */
const plannedLooks = (inputs: GateInputs, gate: Gate): readonly PlannedLook[] => {
  const finished = finishedAt(inputs);
  const { looks = [] } = inputs.context.started.event.data;
  return checksOf(inputs.context.checklist, gate.id).flatMap((check): readonly PlannedLook[] => {
    const { needs, after } = check;
    if (after !== null && finished === undefined) return [];
    const operations = looks.includes('operations') ? sourceProbing(check, 'operations') : undefined;
    if (operations !== undefined) {
      const dueAt = dueAgainAt(looksIn(laneOfCheck(inputs, check), operations), Date.parse(finished ?? '') || 0, null);
      return dueAt === undefined ? [] : [{ task: { kind: 'operations' }, dueAt }];
    }
    if (needs === undefined || !looks.includes(needs)) return [];
    // What a review compares is read when its window is over.
    const ends = windowEndsAt(inputs, gate);
    const since = ends ?? (finished === undefined ? undefined : Date.parse(finished));
    const dueAt = lookDueAt(inputs, check, since ?? 0);
    const task = taskFor(check, needs, gate.window === null ? undefined : finished);
    return dueAt === undefined || task === undefined ? [] : [{ task, dueAt }];
  });
};

/** `reviewed`: since when, where the gate looks back. */
const taskFor = (check: Item, needs: Look, reviewed: string | undefined): CollectorTask | undefined => {
  if (needs === 'probes') return { kind: 'probes' };
  if (needs === 'alarms') return { kind: 'alarms', ...(reviewed === undefined ? {} : { since: reviewed }) };
  if (reviewed === undefined || needs === 'operations') return undefined;
  if (needs === 'restarts') return { kind: 'restarts', since: reviewed };
  const rule = metricAgrees.schema.safeParse(check.rule).data;
  return rule === undefined ? undefined : { kind: 'metrics', series: rule.series, from: reviewed, fed: rule.fed };
};

/**
 * At once where nothing was seen since, when what was seen has grown too old, or after a pause where it was not good; undefined when it is
 * good. What one producer saw in one look may stand in several parts.
 */
const lookDueAt = (inputs: GateInputs, check: Item, since: number): number | undefined =>
  // A series says how far it goes, and not when somebody looked.
  dueAgainAt(looksIn(laneOfCheck(inputs, check), undefined, check.needs === 'metrics'), since, check.maxAgeSeconds);

type Looked = { readonly look: string; readonly verdict: string; readonly at: number };

/** What looks came to, in the lane of a check. `source`: only those of this source of it. */
export const looksIn = (lane: readonly Stored[], source: string | undefined, byRecord = false): readonly Looked[] =>
  lane
    .filter(isType('check.judged'))
    .filter(({ event }) => source === undefined || event.data.source === source)
    .map(({ event: { at, data } }) => ({ look: data.producer.run, verdict: data.verdict, at: Date.parse(byRecord ? at : data.madeAt) }));

/** The source of the check by which Holdpoint's own probes of this set prove it. */
export const sourceProbing = ({ sources = [] }: Pick<Item, 'sources'>, set: 'operations' | 'protections'): string | undefined =>
  sources.find(({ rule }) => probesPass.schema.safeParse(rule).data?.set === set)?.id;

/** When to look (again), in milliseconds since 1970; undefined where the last look was good and is not too old. */
export const dueAgainAt = (judged: readonly Looked[], since: number, maxAgeSeconds: number | null): number | undefined => {
  const newest = judged.at(-1);
  if (newest === undefined || newest.at < since) return since;
  const isGood = ({ look }: { readonly look: string }): boolean => judged.every((one) => one.look !== look || one.verdict === 'pass');
  if (isGood(newest)) return maxAgeSeconds === null ? undefined : newest.at + maxAgeSeconds * 1000;
  const lastGood = judged.findLastIndex((one) => isGood(one) || one.at < since);
  const looks = new Set(judged.slice(lastGood + 1).map(({ look }) => look)).size;
  return newest.at + Math.min(pauseAfter(looks, lookAgainMs), longestPauseMs);
};

/** Something bad was observed after T0, and nobody has looked at the service since. */
const probes = ({ context, gates, observation, measurement }: GateInputs, targets: Targets): readonly CollectorTask[] => {
  if (usualProbes(targets).length === 0 || !isAfterT0(context, gates)) return [];
  // Not every look is an observation, and each one is measured.
  const looked = measurement.filter(isType('probe.measured')).findLast(({ event }) => event.data.source === 'collector')?.event.at ?? '';
  const bad =
    foldObservations(observation).findLast((one) => one.bad && one.via !== 'collector' && one.setAside === undefined)?.recordedAt ?? '';
  return bad > looked ? [{ kind: 'probes' }] : [];
};
