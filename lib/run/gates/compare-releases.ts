import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { isBeside } from '../../evaluation/beside.ts';
import { lastRelease } from '../../evaluation/check-finding.ts';
import { standingOf } from '../../evaluation/standing.ts';
import type { Dependencies } from '../../ports.ts';
import { type Comparison, compareBases, compareChanges, comparedBy, compareTests, type StoredFacts } from '../../registry/rules.ts';
import type { Judgement } from '../../verdict.ts';
import { readLiveVersion } from '../state/environment.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { readFactsOnce } from '../writing/succession.ts';
import { appendSubject } from './append-subject.ts';
import { factsOfReport, isReport, readTestBaseline } from './test-baseline.ts';

type Comparer = Pick<Dependencies, 'trail' | 'evidence'>;
type Judged = Stored<'check.judged'>;

/** Writers that come in between make the comparison be made again, so often at most in one reconciliation; the next one goes on. */
const tries = 5;

/**
 * Judges checks of the open gate whose reports, all together, are compared with an earlier release. The comparison is a subject of its own in
 * the check's lane, so that whatever a later report says counts by itself. It takes the place of the one before it, and is written only where
 * nobody has written since the lane was read.
 */
export const compareWithLastRelease = async (deps: Comparer, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const checks = new Map(inputs.checks);
  for (const check of checksOf(inputs.context.checklist, gate.id)) {
    const comparison = check.rule === null ? undefined : comparedBy(check.rule);
    if (comparison === undefined) continue;
    const lane = await compared(deps, inputs, { check, comparison }, laneOfCheck(inputs, check));
    checks.set(lanes.check(gate.id, check.id), lane);
  }
  return { ...inputs, checks };
};

type Compared = { readonly check: Item; readonly comparison: Comparison };

const compared = async (
  deps: Comparer,
  inputs: GateInputs,
  about: Compared,
  lane: readonly Stored[],
  left = tries,
): Promise<readonly Stored[]> => {
  const { context } = inputs;
  const judged = lane.filter(isType('check.judged'));
  const newest = judged.findLast(isReport)?.event;
  const before = judged.filter(({ event }) => event.data.subject === lastRelease);
  const last = before.at(-1)?.event;
  if (newest === undefined || (about.comparison === 'changes' && !judged.some(({ event }) => isBeside(event.data.subject)))) return lane;
  if (last !== undefined && isSettled[about.comparison](last, newest)) return lane;
  const judgement = await judge[about.comparison](deps, inputs, about.check, lane);
  // Of a report that came after T0 was moved the same is said again: what was made before the move counts no more.
  const isSaid =
    last !== undefined &&
    last.data.verdict === judgement.verdict &&
    last.data.reason === judgement.reason &&
    last.data.madeAt === newest.data.madeAt;
  if (isSaid) return lane;
  const stored = await appendSubject(deps, context, lane, {
    check: about.check,
    subject: lastRelease,
    step: `compared/${before.length + 1}/${newest.seq}`,
    judgement,
    madeAt: newest.data.madeAt,
    producerRun: 'reconciler',
    goodUntil: null,
    before,
  });
  if (stored !== undefined) return [...lane, stored as Stored];
  const anew = await deps.trail.read(context.scope, { lane: lanes.check(about.check.gate ?? '', about.check.id) });
  return left === 1 ? anew : compared(deps, inputs, about, anew, left - 1);
};

/**
 * Whether nothing can have changed since the last comparison. Tests that passed once for a commit are not lost by a later report, and what has
 * become stable meanwhile is asked with the next one. What is live may be another version at every look.
 */
const isSettled: Readonly<Record<Comparison, (last: Judged['event'], newest: Judged['event']) => boolean>> = {
  tests: (last, newest) => last.data.verdict === 'pass' || last.seq > newest.seq,
  base: () => false,
  changes: () => false,
};

const judge: Readonly<
  Record<Comparison, (deps: Comparer, inputs: GateInputs, check: Item, lane: readonly Stored[]) => Promise<Judgement>>
> = {
  tests: async (deps, { context }, check, lane) =>
    compareTests(await readTestBaseline(deps, context, check), await countingFacts(deps, context.scope, lane)),
  base: async (deps, { context, live }, _, lane) =>
    compareBases(await readLiveVersion(deps, context, live), await countingFacts(deps, context.scope, lane)),
  changes: async (deps, { context, live }, { rule }, lane) =>
    compareChanges(rule ?? {}, await readLiveVersion(deps, context, live), await countingFacts(deps, context.scope, lane)),
};

const countingFacts = async (deps: Comparer, scope: string, lane: readonly Stored[]): Promise<readonly StoredFacts[]> => {
  const read = readFactsOnce(deps, scope);
  return Promise.all(
    standingOf(lane)
      .filter(isReport)
      .flatMap((one) => factsOfReport(read, one)),
  );
};
