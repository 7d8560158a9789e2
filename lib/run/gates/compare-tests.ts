import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { lastRelease } from '../../evaluation/check-finding.ts';
import { standingOf } from '../../evaluation/standing.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { comparesTests, compareTests, type StoredFacts, type TestBaseline } from '../../registry/rules.ts';
import { readLastStable } from '../state/environment.ts';
import { effectiveSettlement, entryOf, foldGates } from '../state/gate-entries.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { seenOfRun } from '../state/lane-heads.ts';
import { appendThere, type RunContext, system } from '../state/run-context.ts';
import { FactsGone, readFactsOnce } from '../writing/succession.ts';

type Comparer = Pick<Dependencies, 'trail' | 'evidence'>;
type Judged = Stored<'check.judged'>;

/** Writers that come in between make the comparison be made again, so often at most in one reconciliation; the next one goes on. */
const tries = 5;

/**
 * Compares the tests of this run, all reports together, with those that passed in the last release. It is done while the check's own gate is
 * open and the comparison has not passed: what has passed once for a commit is not lost by a later report, and a later failure counts by
 * itself. A comparison takes the place of the one before it, and is written only where nobody has written since the lane was read.
 */
export const compareWithLastRelease = async (deps: Comparer, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const checks = new Map(inputs.checks);
  for (const check of checksOf(inputs.context.checklist, gate.id)) {
    if (check.rule === null || !comparesTests(check.rule)) continue;
    const lane = await compared(deps, inputs.context, check, laneOfCheck(inputs, check));
    checks.set(lanes.check(gate.id, check.id), lane);
  }
  return { ...inputs, checks };
};

const compared = async (
  deps: Comparer,
  context: RunContext,
  check: Item,
  given: readonly Stored[],
  left = tries,
): Promise<readonly Stored[]> => {
  const judged = given.filter(isType('check.judged'));
  const reports = judged.filter(isReport);
  const before = judged.filter(({ event }) => event.data.subject === lastRelease);
  const last = before.at(-1)?.event;
  const newest = reports.at(-1)?.event;
  if (newest === undefined || last?.data.verdict === 'pass' || (last !== undefined && last.seq > newest.seq)) return given;
  const read = readFactsOnce(deps, context.scope);
  const now = await Promise.all(
    standingOf(given)
      .filter(isReport)
      .flatMap((one) => factsOf(read, one)),
  );
  const judgement = compareTests(await baselineOf(deps, context, check), now);
  const draft = {
    scope: context.scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step: `compared/${before.length + 1}/${newest.seq}`,
    type: 'check.judged' as const,
    actor: system('reconciler'),
    data: {
      check: check.id,
      subject: lastRelease,
      ...judgement,
      facts: null,
      evidence: null,
      attempt: before.length + 1,
      madeAt: newest.data.madeAt,
      producer: { run: 'reconciler', attempt: before.length + 1 },
      goodUntil: null,
      by: null,
      words: null,
      ...(before.length === 0 ? {} : { replaces: before.slice(-mostReplaced).map(({ event }) => event.id) }),
    },
  };
  const stored = await appendThere(deps, context.parentHash, given.at(-1), draft);
  if (stored !== undefined) return [...given, stored as Stored];
  const anew = await deps.trail.read(context.scope, { lane: draft.lane });
  return left === 1 ? anew : compared(deps, context, check, anew, left - 1);
};

/** Those before were replaced by the ones that these replace. */
const mostReplaced = 2;

const isReport = ({ event: { data } }: Judged): boolean => data.evidence !== null;

const factsOf = (read: ReturnType<typeof readFactsOnce>, { event: { data } }: Judged): Promise<StoredFacts>[] =>
  data.facts === null ? [] : [read({ facts: data.facts, ...(data.carried === undefined ? {} : { carried: data.carried }) })];

/** What the same check was judged on in the last release that became production-stable here, up to when its gate passed. */
const baselineOf = async (deps: Comparer, context: RunContext, check: Item): Promise<TestBaseline> => {
  const stable = await readLastStable(deps, context);
  if (stable === undefined) return { run: null, why: 'no release has become production-stable in this environment yet' };
  const { run, version } = stable;
  const gone = (why: string): TestBaseline => ({ run: null, why: `${why} (run ${run}, version ${version})` });
  const scope = scopes.run(run);
  const gate = check.gate ?? '';
  try {
    // The gates first: a settlement vouches for what it was judged on.
    const entry = entryOf(foldGates(await deps.trail.read(scope, { prefix: lanes.gates })), gate);
    const settled = entry && effectiveSettlement(entry)?.settled;
    const seen = settled && seenOfRun(settled).get(lanes.check(gate, check.id));
    if (seen === undefined) return gone('the last release was judged on no test results at this gate');
    const lane = await deps.trail.read(scope, { lane: lanes.check(gate, check.id) });
    const reports = standingOf(lane.filter(({ event: { seq } }) => seq <= seen)).filter(isReport);
    const read = readFactsOnce(deps, scope);
    const results = await Promise.all(reports.flatMap((one) => factsOf(read, one)));
    return { run, version, results: results.filter((facts) => 'passedTests' in facts) };
  } catch (fault) {
    if (fault instanceof FactsGone) return gone('the test results of the last release are no longer kept');
    if (fault instanceof IntegrityFault) return gone('the trail of the last release cannot be verified');
    throw fault;
  }
};
