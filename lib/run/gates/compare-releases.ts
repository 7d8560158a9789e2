import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical } from '../../canonical-json.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { isBeside } from '../../evaluation/beside.ts';
import { lastRelease } from '../../evaluation/own-subjects.ts';
import { standingOf } from '../../evaluation/standing.ts';
import type { Dependencies } from '../../ports.ts';
import { type Comparison, compareBases, compareChanges, comparedBy, compareTests, type StoredFacts } from '../../registry/rules.ts';
import type { Judgement } from '../../verdict.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import type { RunContext } from '../state/run-context.ts';
import { readFactsOnce } from '../writing/succession.ts';
import { appendSubject } from './append-subject.ts';
import { keyOf, readBaseline } from './choose-baseline.ts';
import { type Before, readBefore } from './read-live.ts';
import { isReport, readTestBaseline, testsOf } from './test-baseline.ts';

type Comparer = Pick<Dependencies, 'trail' | 'evidence'>;

/** Writers that come in between make the comparison be made again, so often at most in one reconciliation; the next one goes on. */
const tries = 5;

/**
 * Judges checks of the open gate whose reports, all together, are compared with an earlier release. The comparison is a subject of its own in
 * the check's lane, so that whatever a later report says counts by itself. It takes the place of the one before it, and is written only where
 * nobody has written since the lane was read.
 */
export const compareWithLastRelease = async (deps: Comparer, given: GateInputs, gate: Gate): Promise<GateInputs> => {
  let inputs = given;
  const { checklist } = given.context;
  // Of an earlier gate that is judged again the tests are compared anew, once their baseline was withdrawn. What is live may be this release now.
  const again = given.judgedAgain
    .flatMap((id) => checksOf(checklist, id))
    .filter(({ rule }) => rule !== null && comparedBy(rule) === 'tests');
  for (const check of [...checksOf(checklist, gate.id), ...again]) {
    const comparison = check.rule === null ? undefined : comparedBy(check.rule);
    if (comparison !== undefined) inputs = await compared(deps, inputs, { check, comparison }, laneOfCheck(inputs, check));
  }
  return inputs;
};

type Compared = { readonly check: Item; readonly comparison: Comparison };

const compared = async (deps: Comparer, given: GateInputs, about: Compared, lane: readonly Stored[], left = tries): Promise<GateInputs> => {
  const judged = lane.filter(isType('check.judged'));
  const newest = judged.findLast(isReport)?.event;
  const before = judged.filter(({ event }) => event.data.subject === lastRelease);
  const last = before.at(-1)?.event;
  const done = (context: RunContext, found: readonly Stored[]): GateInputs => ({
    ...given,
    context,
    checks: new Map([...given.checks, [lanes.check(about.check.gate ?? '', about.check.id), found]]),
  });
  // Tests that passed once for a commit are not lost by a later report, and what has become stable meanwhile is asked with the next one.
  const isKept =
    last?.data.verdict === 'pass' && !lane.some((one) => isType('check.withdrawn')(one) && one.event.data.evidence === last.data.against);
  if (newest === undefined || (about.comparison === 'tests' && isKept)) return done(given.context, lane);
  if (about.comparison === 'changes' && !judged.some(({ event }) => isBeside(event.data.subject))) return done(given.context, lane);
  const { context, before: releases } = await readBefore(deps, given.context);
  const comparison = await prepare[about.comparison](deps, { context, check: about.check, lane, before: releases });
  // Nothing was reported since, and it was compared with the same.
  if (last !== undefined && last.seq > newest.seq && last.data.against === comparison.against) return done(context, lane);
  const judgement = await comparison.judge();
  // Of a report that came after T0 was moved the same is said again: what was made before the move counts no more.
  const isSaid =
    last !== undefined &&
    last.data.verdict === judgement.verdict &&
    last.data.reason === judgement.reason &&
    last.data.against === comparison.against &&
    last.data.madeAt === newest.data.madeAt;
  if (isSaid) return done(context, lane);
  const stored = await appendSubject(deps, context, lane, {
    check: about.check,
    subject: lastRelease,
    step: `compared/${before.length + 1}/${newest.seq}`,
    judgement,
    madeAt: newest.data.madeAt,
    producerRun: 'reconciler',
    goodUntil: null,
    against: comparison.against,
    before,
  });
  if (stored !== undefined) return done(context, [...lane, stored as Stored]);
  const anew = await deps.trail.read(context.scope, { lane: lanes.check(about.check.gate ?? '', about.check.id) });
  return left === 1 ? done(context, anew) : compared(deps, { ...given, context }, about, anew, left - 1);
};

type Asked = { readonly context: RunContext; readonly check: Item; readonly lane: readonly Stored[]; readonly before: Before };
/** `against` names what is compared with, and is known before the reports are read. */
type Prepared = { readonly against: string; readonly judge: () => Promise<Judgement> };

const prepare: Readonly<Record<Comparison, (deps: Comparer, asked: Asked) => Promise<Prepared>>> = {
  tests: async (deps, { context, check, lane, before }) => {
    const baseline = await readBaseline(deps, context, { check: check.id, lane, before });
    return {
      against: keyOf(baseline.from),
      judge: async () =>
        compareTests(
          await readTestBaseline(deps, baseline, check),
          await testsOf(readFactsOnce(deps, context.scope), lane.filter(isType('check.judged'))),
        ),
    };
  },
  base: async (deps, { context, lane, before }) => ({
    against: canonical(before.live),
    judge: async () => compareBases(before.live, await countingFacts(deps, context.scope, lane)),
  }),
  changes: async (deps, { context, check, lane, before }) => ({
    against: canonical(before.live),
    judge: async () => compareChanges(check.rule ?? {}, before.live, await countingFacts(deps, context.scope, lane)),
  }),
};

const countingFacts = async (deps: Comparer, scope: string, lane: readonly Stored[]): Promise<readonly StoredFacts[]> => {
  const read = readFactsOnce(deps, scope);
  const standing = standingOf(lane).filter(isReport);
  return Promise.all(standing.flatMap(({ event: { data } }) => (data.facts === null ? [] : [read({ ...data, facts: data.facts })])));
};
