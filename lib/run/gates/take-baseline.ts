import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { figureOf, figuresIn } from '../../folds/measurements.ts';
import { type Origin, type TakenFigures, takenBaseline } from '../../folds/taken-baseline.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { kindOf } from '../../registry/rules.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { appendToLane, ofType, system, withAppended } from '../state/run-context.ts';
import { type Baseline, keyOf, readBaseline } from './choose-baseline.ts';
import { readBefore } from './read-live.ts';

type Taker = Pick<Dependencies, 'trail' | 'evidence'>;

/** An event has to stay small. */
const mostFigures = 50;

/**
 * Takes into the run the figures with which checks of the open gate are compared: those of the last release that became production-stable, or those
 * that people recorded. They are taken anew where that has become something else. After T0 another release cannot become stable any more.
 */
export const takeBaseline = async (deps: Taker, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const last = takenBaseline(inputs.measurement)?.from;
  const found = comparingOf(inputs, gate) ?? withdrawnFrom(inputs, last);
  if (found === undefined) return inputs;
  const { context, before } = await readBefore(deps, inputs.context);
  const baseline = await readBaseline(deps, context, { check: found.check.id, lane: laneOfCheck(inputs, found.check), before });
  if (last !== undefined && keyOf(last) === keyOf(baseline.from)) return { ...inputs, context };
  const { stored } = await appendToLane(deps, context.parentHash, inputs.measurement, {
    scope: context.scope,
    lane: lanes.measurement,
    step: `baseline-taken/${ofType(inputs.measurement, 'baseline.taken').length + 1}/${keyOf(baseline.from)}`,
    type: 'baseline.taken',
    actor: system('reconciler'),
    data: await dataOf(deps, baseline, found.series),
  });
  return { ...inputs, context, measurement: await withAppended(deps, inputs.measurement, stored as Stored) };
};

type Comparing = { readonly check: Item; readonly series: string };

const comparingOf = ({ context }: GateInputs, gate: Gate): Comparing | undefined =>
  checksOf(context.checklist, gate.id).flatMap(seriesOf)[0];

const seriesOf = (check: Item): readonly Comparing[] => {
  const series = check.rule === null ? undefined : kindOf(check.rule).comparesFigures(check.rule);
  return series === undefined ? [] : [{ check, series }];
};

/** A check of an earlier gate that rests on a recorded baseline which was withdrawn since, as far as its lane was read. */
const withdrawnFrom = (inputs: GateInputs, last: Origin | undefined): Comparing | undefined =>
  last?.kind !== 'recorded'
    ? undefined
    : inputs.context.checklist.items
        .flatMap(seriesOf)
        .find(({ check }) =>
          laneOfCheck(inputs, check).some((one) => isType('check.withdrawn')(one) && one.event.data.evidence === last.carried),
        );

type Data = { readonly from: Origin; readonly figures: TakenFigures[] };

const dataOf = async ({ trail }: Pick<Taker, 'trail'>, baseline: Baseline, series: string): Promise<Data> => {
  if ('figures' in baseline) {
    const { p95Ms = null, errorRatePct = null } = baseline.figures;
    return { from: baseline.from, figures: [{ component: null, p95Ms, errorRatePct, series: null }] };
  }
  const { from } = baseline;
  if (from.kind === 'none') return { from, figures: [] };
  try {
    return { from, figures: latestOf(await trail.read(scopes.run(from.run), { lane: lanes.measurement }), series) };
  } catch (fault) {
    if (fault instanceof IntegrityFault) return { from, figures: [] };
    throw fault;
  }
};

/** Of each component and figure what the series measured last, where its checks passed. */
const latestOf = (lane: readonly Stored[], series: string): TakenFigures[] => {
  const known = figuresIn(lane)
    .filter(({ name, passed, points }) => name === series && passed && points > 0)
    .toSorted((a, b) => Date.parse(b.to) - Date.parse(a.to));
  const kept = known.filter((one) =>
    (['p95', 'error-rate'] as const).some(
      (figure) =>
        figureOf(figure, one) !== null &&
        known.find((other) => other.component === one.component && figureOf(figure, other) !== null) === one,
    ),
  );
  return kept.slice(0, mostFigures).map(({ component, p95Ms, errorRatePct, name, from, to, points }) => ({
    component,
    p95Ms,
    errorRatePct,
    series: { name, from, to, points },
  }));
};
