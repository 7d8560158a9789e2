import { kindOf, type Rule, ruleSchema } from '../registry/rules.ts';
import { leastSigners } from '../roles.ts';
import { baseChecklist } from './checklist.ts';
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
  const ofGates = deviations.filter(({ parameter }) => parameter === signersParameter);
  const ofItems = deviations.filter(({ parameter }) => parameter !== signersParameter);
  const gates = ofGates.reduce((before, deviation) => withSigners(before, deviation), checklist.gates);
  const items = ofItems.reduce<readonly Item[]>((before, deviation) => {
    const item = before.find(({ id }) => id === deviation.check);
    if (item === undefined) throw new Error(`a deviation names the check ${deviation.check}, which the checklist does not have`);
    if (!item.waivable) throw new Error(`a deviation names the check ${deviation.check}, which may not be weakened`);
    return before.map((one) => (one === item ? { ...one, rule: changed(one.rule, deviation) } : one));
  }, checklist.items);
  return checklistSchema.parse({ ...checklist, gates, items, deviations: all });
};

/** The one figure of a gate that may be loosened: how many different people sign at it. Its deviation names the gate in place of a check. */
const signersParameter = 'distinctPeople';

/** A team of two signs with fewer people than roles. The gates stay the same, and so does what each role is asked. */
const withSigners = (gates: Checklist['gates'], { check, document, here }: Deviation): Checklist['gates'] => {
  const gate = gates.find(({ id }) => id === check);
  if (gate?.role !== 'approval' || gate.distinctPeople === undefined)
    throw new Error(`a deviation of ${signersParameter} names ${check}; the id of a gate at which people sign is expected`);
  const { distinctPeople } = gate;
  if (distinctPeople !== document)
    throw new Error(
      `a deviation of ${check} says that the document has ${signersParameter} = ${document}; the checklist has ${distinctPeople}`,
    );
  if (here === document) throw new Error(`a deviation of ${check} changes nothing: ${signersParameter} is ${document}`);
  if (typeof here !== 'number' || !Number.isInteger(here) || here < leastSigners || here > distinctPeople)
    throw new Error(
      `a deviation of ${check} sets ${signersParameter} to ${here}; a whole number from ${leastSigners} to ${distinctPeople} is expected, because nobody releases alone`,
    );
  return gates.map((one) => (one === gate ? { ...gate, distinctPeople: here } : one));
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
  return ruleSchema.parse({ ...rule, [parameter]: here });
};

/** The definition of a stage. */
export const checklistFor = (deviations: readonly Deviation[]): Checklist => deviate(baseChecklist, deviations);
