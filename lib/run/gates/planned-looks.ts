import { isType, type Stored } from '../../audit/event.ts';
import { type Checklist, checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { proofNamed } from '../../checklist/proofs.ts';
import { protectingProbes, protectionOf } from '../../checklist/protections.ts';
import type { Targets } from '../../checklist/targets.ts';
import { lookedAt } from '../../evaluation/when-made.ts';
import type { Look } from '../../fields.ts';
import type { CollectorTask } from '../../ports.ts';
import { metricAgrees } from '../../rules/metric-agrees.ts';
import { probesPass } from '../../rules/probes-pass.ts';
import { finishedAt, type GateInputs, laneOfCheck, windowEndsAt } from '../state/gate-inputs.ts';
import { pauseAfter } from './reconciliation.ts';

/** Which looks of Holdpoint itself the checks of a gate need, and when. Pure. */

/** A request may be lost, and what is not good yet is looked at again: after a minute, later after five. Milliseconds. */
export const lookAgainMs = 60_000;
export const longestPauseMs = 5 * lookAgainMs;

export type PlannedLook = { readonly check: Item; readonly task: CollectorTask; readonly next: NextLook };

/**
 * The looks that the checks of the gate still need, as far as time alone brings them: a look that was good and does not grow old is needed no
 * more, so that a gate which waits for days is not read every minute.
 */
export const plannedLooks = (inputs: GateInputs, gate: Gate): readonly PlannedLook[] => {
  const finished = finishedAt(inputs);
  const { looks = [] } = inputs.context.started.event.data;
  return checksOf(inputs.context.checklist, gate.id).flatMap((check): readonly PlannedLook[] => {
    const { needs, after } = check;
    if (after !== null && finished === undefined) return [];
    const operations = looks.includes('operations') ? sourceProbing(check, 'operations') : undefined;
    if (operations !== undefined) {
      const next = nextLook(looksIn(laneOfCheck(inputs, check), operations, check), Date.parse(finished ?? '') || 0, null);
      return next === undefined ? [] : [{ check, task: { kind: 'operations' }, next }];
    }
    if (needs === undefined || !looks.includes(needs)) return [];
    // What a review compares is read when its window is over.
    const ends = windowEndsAt(inputs, gate);
    const since = ends ?? (finished === undefined ? undefined : Date.parse(finished));
    const looked = looksIn(laneOfCheck(inputs, check), undefined, check);
    const next = nextLook(looked, since ?? 0, check.maxAgeSeconds);
    const task = taskFor(check, needs, gate.window === null ? undefined : finished);
    return next === undefined || task === undefined ? [] : [{ check, task, next }];
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

type Looked = { readonly look: string; readonly verdict: string; readonly at: number };

/** What looks came to, in the lane of a check. `source`: only those of this source of it. */
export const looksIn = (lane: readonly Stored[], source: string | undefined, check: Pick<Item, 'needs'>): readonly Looked[] =>
  lane
    .filter(isType('check.judged'))
    .filter(({ event }) => source === undefined || event.data.source === source)
    .map((judged) => {
      const { producer, verdict } = judged.event.data;
      return { look: producer.run, verdict, at: Date.parse(lookedAt(check, judged)) };
    });

/** The source of the check by which Holdpoint's own probes of this set prove it. */
export const sourceProbing = ({ sources = [] }: Pick<Item, 'sources'>, set: 'operations' | 'protections'): string | undefined =>
  sources.find(({ rule }) => probesPass.schema.safeParse(rule).data?.set === set)?.id;

/** The checks that a probe in staging can prove, with the source by which it does. */
export const protectedLines = ({ items }: Pick<Checklist, 'items'>, staging: Targets): readonly { line: Item; source: string }[] => {
  const shown = new Set<unknown>(protectingProbes(staging).map(protectionOf));
  return items.flatMap((line) => {
    const source = sourceProbing(line, 'protections');
    const asked = source === undefined ? undefined : probesPass.schema.safeParse(proofNamed(line, source)?.rule).data?.probes;
    return source === undefined || line.gate === null || !shown.has(asked) ? [] : [{ line, source }];
  });
};

/** `dueAt`: when to look, in milliseconds since 1970. `isFirst`: nothing has been seen since what the look must follow. */
export type NextLook = { readonly dueAt: number; readonly isFirst: boolean };

/**
 * At once where nothing was seen since, when what was seen has grown too old, or after a pause where it was not good; undefined when it is
 * good. What one producer saw in one look may stand in several parts. `since`: in milliseconds since 1970.
 */
export const nextLook = (judged: readonly Looked[], since: number, maxAgeSeconds: number | null): NextLook | undefined => {
  const newest = judged.at(-1);
  // Every part of a look must follow the instant: each one counts by itself.
  if (newest === undefined || judged.some(({ look, at }) => look === newest.look && at < since)) return { dueAt: since, isFirst: true };
  const isGood = ({ look }: { readonly look: string }): boolean => judged.every((one) => one.look !== look || one.verdict === 'pass');
  if (isGood(newest)) return maxAgeSeconds === null ? undefined : { dueAt: newest.at + maxAgeSeconds * 1000, isFirst: false };
  const lastGood = judged.findLastIndex((one) => isGood(one) || one.at < since);
  const looks = new Set(judged.slice(lastGood + 1).map(({ look }) => look)).size;
  return { dueAt: newest.at + Math.min(pauseAfter(looks, lookAgainMs), longestPauseMs), isFirst: false };
};
