import { kindOf, type Rule, ruleSchema } from '../registry/rules.ts';
import { leastSigners } from '../roles.ts';
import { type Checklist, checklistSchema, type Deviation, type Item } from './definition.ts';

/**
 * The checklist with a stage's reasoned deviations applied to its rules: another value with another digest. Throws when a deviation
 * does not fit the checklist, because that is a mistake in the stage's configuration.
 */
export const deviate = (checklist: Checklist, deviations: readonly Deviation[]): Checklist => {
  const all = [...checklist.deviations, ...deviations];
  const figures = all.map(({ check, parameter }) => `${check}, ${parameter}`);
  const twice = figures.find((figure, place) => figures.indexOf(figure) !== place);
  // The second one would compare its document figure with the figure that the first one has set.
  if (twice !== undefined) throw new Error(`two deviations change the same figure: ${twice}`);
  const ofGates = deviations.filter(({ parameter }) => Object.hasOwn(figuresOfGates, parameter));
  const ofItems = deviations.filter(({ parameter }) => !Object.hasOwn(figuresOfGates, parameter));
  const gates = ofGates.reduce((before, deviation) => withFigure(before, deviation), checklist.gates);
  const items = ofItems.reduce<readonly Item[]>((before, deviation) => {
    const item = before.find(({ id }) => id === deviation.check);
    if (item === undefined) throw new Error(`a deviation names the check ${deviation.check}, which the checklist does not have`);
    if (!item.waivable) throw new Error(`a deviation names the check ${deviation.check}, which may not be weakened`);
    return before.map((one) => (one === item ? { ...one, rule: changed(one.rule, deviation) } : one));
  }, checklist.items);
  return checklistSchema.parse({ ...checklist, gates, items, deviations: all }, { reportInput: true });
};

type Gates = Checklist['gates'];
type FigureOfGate = {
  /** The figure of the gate; undefined where it has none. */
  readonly of: (gate: Gates[number]) => number | undefined;
  readonly isAt: string;
  readonly bounds: (gate: Gates[number]) => { readonly least: number; readonly most: number };
  readonly because: string;
};

/** The figures of gates that may be changed; a deviation names the gate in place of a check. The gates and their order stay the same. */
const figuresOfGates: Readonly<Record<string, FigureOfGate>> = {
  /** A team of two signs with fewer people than roles. What each role is asked stays. */
  distinctPeople: {
    of: (gate) => (gate.role === 'approval' ? gate.distinctPeople : undefined),
    isAt: 'a gate at which people sign',
    bounds: (gate) => ({ least: leastSigners, most: (gate.role === 'approval' ? gate.distinctPeople : undefined) ?? leastSigners }),
    because: 'nobody releases alone',
  },
  /** Seconds from the deployment on. A review that could not end before its cap would page people every time; after the deadline nobody is left to decide. */
  capSeconds: {
    of: (gate) => (gate.role === 'review' ? gate.capSeconds : undefined),
    isAt: 'a review that incidents extend',
    bounds: (gate) => ({ least: (gate.role === 'review' ? gate.window.seconds : 0) + 1, most: gate.deadlineSeconds }),
    because: 'the cap is longer than the window of the review, and not longer than its deadline',
  },
};

const withFigure = (gates: Gates, { check, parameter, document, here }: Deviation): Gates => {
  const figure = figuresOfGates[parameter];
  const gate = gates.find(({ id }) => id === check);
  const now = gate === undefined ? undefined : figure?.of(gate);
  if (figure === undefined || gate === undefined || now === undefined)
    throw new Error(`a deviation of ${parameter} names ${check}; the id of ${figure?.isAt} is expected`);
  if (now !== document)
    throw new Error(`a deviation of ${check} says that the document has ${parameter} = ${document}; the checklist has ${now}`);
  if (here === document) throw new Error(`a deviation of ${check} changes nothing: ${parameter} is ${document}`);
  const { least, most } = figure.bounds(gate);
  if (typeof here !== 'number' || !Number.isInteger(here) || here < least || here > most)
    throw new Error(
      `a deviation of ${check} sets ${parameter} to ${here}; a whole number from ${least} to ${most} is expected, because ${figure.because}`,
    );
  return gates.map((one) => (one === gate ? { ...gate, [parameter]: here } : one));
};

/** A stage changes figures only, each within the bounds that its rule's module gives, and never to no effect. */
const changed = (rule: Rule | null, { check, parameter, document, here }: Deviation): Rule => {
  const parameters: Readonly<Record<string, unknown>> = { ...rule };
  if (rule === null || !Object.hasOwn(parameters, parameter))
    throw new Error(`a deviation of ${check} names the parameter ${parameter}, which its rule does not have`);
  const { bounds } = kindOf(rule);
  const bound = Object.hasOwn(bounds, parameter) ? bounds[parameter] : undefined;
  if (bound === undefined) throw new Error(`a deviation of ${check} names the parameter ${parameter}, which a stage may not change`);
  if (parameters[parameter] !== document)
    throw new Error(
      `a deviation of ${check} says that the document has ${parameter} = ${document}; the checklist has ${String(parameters[parameter])}`,
    );
  if (here === document) throw new Error(`a deviation of ${check} changes nothing: ${parameter} is ${document}`);
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = bound;
  if (typeof here !== 'number' || here < least || here > most)
    throw new Error(`a deviation of ${check} sets ${parameter} to ${here}; a number from ${least} to ${most} is expected`);
  return ruleSchema.parse({ ...rule, [parameter]: here }, { reportInput: true });
};
