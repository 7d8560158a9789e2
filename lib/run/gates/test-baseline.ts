import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Item } from '../../checklist/definition.ts';
import { originText } from '../../folds/taken-baseline.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { SourcedTests, TestBaseline } from '../../registry/rules.ts';
import { effectiveSettlement, entryOf, foldGates } from '../state/gate-entries.ts';
import { seenOfRun } from '../state/lane-heads.ts';
import { FactsGone, type FactsReader, readFactsOnce } from '../writing/succession.ts';
import type { Baseline } from './choose-baseline.ts';

type Judged = Stored<'check.judged'>;
type Reader = Pick<Dependencies, 'trail' | 'evidence'>;

/** Of evidence that the check's own rule judged: only that is compared, and no further source is. */
export const isReport = ({ event: { data } }: Judged): boolean => data.evidence !== null && data.source === undefined;

/**
 * The tests of all reports that a check was judged on, the oldest first. Also of those that a later report has overtaken: a job that ran only its
 * failing tests again reports those alone, and the others passed before, for the same commit.
 */
export const testsOf = async (read: FactsReader, judged: readonly Judged[]): Promise<readonly SourcedTests[]> => {
  const reports = judged
    .filter(isReport)
    .toSorted(
      ({ event: a }, { event: b }) =>
        Date.parse(a.data.madeAt) - Date.parse(b.data.madeAt) || a.data.producer.attempt - b.data.producer.attempt || a.seq - b.seq,
    );
  const found = await Promise.all(
    reports.map(async ({ event: { data } }): Promise<SourcedTests[]> => {
      if (data.facts === null) return [];
      const facts = await read({ ...data, facts: data.facts });
      return 'passedTests' in facts ? [{ subject: data.subject, results: facts }] : [];
    }),
  );
  return found.flat();
};

/** The tests of a baseline: those that people recorded, or what the same check was judged on in a release, up to when its gate passed. */
export const readTestBaseline = async (deps: Reader, baseline: Baseline, check: Item): Promise<TestBaseline> => {
  if ('stated' in baseline)
    return { where: `in ${originText(baseline.from)}`, reports: [{ subject: '*', results: { ...baseline.stated, otherTests: [] } }] };
  const { from } = baseline;
  if (from.kind === 'none') return { why: from.why };
  const where = `in ${originText(from)}`;
  const gone = (why: string): TestBaseline => ({ why: `${why} (run ${from.run}, version ${from.version})` });
  const scope = scopes.run(from.run);
  const gate = check.gate ?? '';
  try {
    // The gates first: a settlement vouches for what it was judged on.
    const entry = entryOf(foldGates(await deps.trail.read(scope, { prefix: lanes.gates })), gate);
    const settled = entry && effectiveSettlement(entry)?.settled;
    const seen = settled && seenOfRun(settled).get(lanes.check(gate, check.id));
    if (seen === undefined) return gone('the last release was judged on no test results at this gate');
    const lane = await deps.trail.read(scope, { lane: lanes.check(gate, check.id) });
    const judged = lane.filter((one): one is Judged => one.event.type === 'check.judged' && one.event.seq <= seen);
    return { where, reports: await testsOf(readFactsOnce(deps, scope), judged) };
  } catch (fault) {
    if (fault instanceof FactsGone) return gone('the test results of the last release are no longer kept');
    if (fault instanceof IntegrityFault) return gone('the trail of the last release cannot be verified');
    throw fault;
  }
};
