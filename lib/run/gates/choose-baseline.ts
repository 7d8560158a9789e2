import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Origin } from '../../folds/taken-baseline.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/rules.ts';
import type { RunContext } from '../state/run-context.ts';
import { FactsGone, readFactsOnce } from '../writing/succession.ts';
import type { Before } from './read-live.ts';

type RecordFacts = Extract<StoredFacts, { readonly type: 'record' }>;
type Stated = NonNullable<RecordFacts['baseline']>;

/** A baseline that people recorded and the run carries. */
type Recorded = {
  readonly from: Extract<Origin, { readonly kind: 'recorded' }>;
  readonly figures: RecordFacts['figures'];
  readonly stated: Stated;
};

/** What a check of this release is compared with. */
export type Baseline = { readonly from: Exclude<Origin, { readonly kind: 'recorded' }> } | Recorded;

/** Names what is compared with; of a recorded baseline the event that carries it, as a withdrawal does. */
export const keyOf = (from: Origin): string => (from.kind === 'none' ? from.why : from.kind === 'recorded' ? from.carried : from.event);

type Asked = {
  readonly check: string;
  /** The check's lane: it says what of the carried evidence was withdrawn. */
  readonly lane: readonly Stored[];
  readonly before: Before;
};

/**
 * The last release that became production-stable, or the baseline that people recorded last: where no release became stable, and where the record
 * is newer than that and says that it replaces it.
 */
export const readBaseline = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  { scope }: Pick<RunContext, 'scope'>,
  { check, lane, before: { stable } }: Asked,
): Promise<Baseline> => {
  const carried = await deps.trail.read(scope, { lane: lanes.carried });
  const withdrawn = new Set(lane.filter(isType('check.withdrawn')).map(({ event }) => event.data.evidence));
  const given = carried
    .filter(isType('evidence.carried'))
    .filter(({ event: { data } }) => data.evidence === 'record' && data.serves.includes(check))
    .map(({ event: { id, data } }) => ({ ...data, id, isWithdrawn: withdrawn.has(id) }));
  const found = await Promise.all(given.map((one) => recordedOf(deps, one)));
  const last = found
    .flat()
    .toSorted((a, b) => Date.parse(a.from.madeAt) - Date.parse(b.from.madeAt))
    .at(-1);
  // What a withdrawn record had replaced does not come back, as with all standing evidence.
  const newest = last?.isWithdrawn === true ? undefined : last;
  const replaces = newest?.stated.replacesLastStable === true && Date.parse(newest.from.madeAt) > Date.parse(stable?.at ?? '');
  if (newest !== undefined && (stable === null || replaces)) return newest;
  if (stable === null) return { from: { kind: 'none', why: 'no release has become production-stable in this environment yet' } };
  return { from: { kind: 'run', run: stable.run, version: stable.version, stableAt: stable.at, event: stable.event } };
};

type Withdrawable = { readonly isWithdrawn: boolean };
type Carried = DataOf<'evidence.carried'> & Withdrawable & { readonly id: string };

const recordedOf = async (
  deps: Pick<Dependencies, 'evidence'>,
  { id, from, by, facts: digest, madeAt, givenAt, isWithdrawn }: Carried,
): Promise<readonly (Recorded & Withdrawable)[]> => {
  try {
    const facts = await readFactsOnce(deps, from.scope)({ facts: digest });
    // What a job gave counts without a second person, and a job states no baseline.
    if (facts.type !== 'record' || facts.baseline === undefined || by === null) return [];
    const origin = { kind: 'recorded', event: from.event, carried: id, by, madeAt, givenAt } as const;
    return [{ from: origin, figures: facts.figures, stated: facts.baseline, isWithdrawn }];
  } catch (fault) {
    if (fault instanceof FactsGone) return [];
    throw fault;
  }
};
