import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Item } from '../../checklist/definition.ts';
import { standingOf } from '../../evaluation/standing.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts, TestBaseline } from '../../registry/rules.ts';
import { readLastStable } from '../state/environment.ts';
import { effectiveSettlement, entryOf, foldGates } from '../state/gate-entries.ts';
import { seenOfRun } from '../state/lane-heads.ts';
import type { RunContext } from '../state/run-context.ts';
import { FactsGone, type FactsReader, readFactsOnce } from '../writing/succession.ts';

type Judged = Stored<'check.judged'>;

export const isReport = ({ event: { data } }: Judged): boolean => data.evidence !== null;

export const factsOfReport = (read: FactsReader, { event: { data } }: Judged): Promise<StoredFacts>[] =>
  data.facts === null ? [] : [read({ facts: data.facts, ...(data.carried === undefined ? {} : { carried: data.carried }) })];

/** What the same check was judged on in the last release that became production-stable here, up to when its gate passed. */
export const readTestBaseline = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  context: RunContext,
  check: Item,
): Promise<TestBaseline> => {
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
    const read = readFactsOnce(deps, scope);
    const reports = standingOf(lane.filter(({ event: { seq } }) => seq <= seen)).filter(isReport);
    const results = await Promise.all(reports.flatMap((one) => factsOfReport(read, one)));
    return { run, version, results: results.filter((facts) => 'passedTests' in facts) };
  } catch (fault) {
    if (fault instanceof FactsGone) return gone('the test results of the last release are no longer kept');
    if (fault instanceof IntegrityFault) return gone('the trail of the last release cannot be verified');
    throw fault;
  }
};
