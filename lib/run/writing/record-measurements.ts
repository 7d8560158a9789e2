import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { proofsOf } from '../../checklist/proofs.ts';
import { isMeasuring, type Measurement, measurementsOf } from '../../measurements/index.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { type RunContext, system } from '../state/run-context.ts';

type Measured = Stored<Measurement['type']>;
type Judged = {
  readonly evidence: Stored<'evidence.recorded'>;
  readonly facts: StoredFacts;
  readonly judged: readonly Stored<'check.judged'>[];
};

/** Records what a report measured. What was recorded before stays as it is, so that an interrupted fan-out is completed by running it again. */
export const recordMeasurements = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  { evidence, facts, judged }: Judged,
): Promise<readonly Measured[]> => {
  const { id, data } = evidence.event;
  const passed = judged.length > 0 && judged.every((one) => one.event.data.verdict === 'pass');
  const recorded: Measured[] = [];
  for (const [place, measured] of measurementsOf(facts, { passed }).entries()) {
    const from = { evidence: id, source: data.source, component: data.component };
    const draft = { scope: context.scope, lane: lanes.measurement, step: `${id}/${place + 1}`, actor: system('evaluator') } as const;
    const { stored } =
      measured.type === 'figures.measured'
        ? await deps.trail.append({ ...draft, type: measured.type, data: { ...measured.data, ...from } }, context)
        : await deps.trail.append({ ...draft, type: measured.type, data: { ...measured.data, ...from } }, context);
    recorded.push(stored);
  }
  return recorded;
};

/**
 * Whether the report measures something, and nothing of it is recorded. A type that is judged as another one is known by the checks that it
 * serves: who judges bundles no module of evidence.
 */
export const isUnmeasured = (
  { event: { id, data } }: Stored<'evidence.recorded'>,
  measured: readonly Stored[],
  { items }: RunContext['checklist'],
): boolean =>
  (isMeasuring(data.evidence) ||
    items.some((check) => data.serves.includes(check.id) && proofsOf(check).some(({ rule }) => isMeasuring(rule.evidence)))) &&
  !measured.some((one) => (isType('figures.measured')(one) || isType('probe.measured')(one)) && one.event.data.evidence === id);
