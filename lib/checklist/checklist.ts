import { digestOf } from '../canonical.ts';
import { type Checklist, checklistSchema, type Deviation, type Item } from './definition.ts';
import { phase1, phase1Gate } from './phases/phase-1.ts';
import { phase2, phase2Gate } from './phases/phase-2.ts';
import { goNoGo, goNoGoGate, phase3, phase3Gate } from './phases/phase-3.ts';
import {
  deploymentWindow,
  deploymentWindowGate,
  postDeployment,
  postDeploymentGate,
  preDeployment,
  preDeploymentGate,
} from './phases/phase-4.ts';
import { deploymentSuccess, deploymentSuccessGate, phase5, phase5Gate, triggers } from './phases/phase-5.ts';
import { review, reviewGate, signOff, signOffGate, stability, stabilityGate } from './phases/reviews.ts';
import { type Rule, ruleSchema } from './rule.ts';

const day = 86_400;

/** The production deployment checklist: gates in the order of the spine, checks in the order of the document, ours where they stand. */
export const baseChecklist: Checklist = checklistSchema.parse({
  name: 'Production Deployment Checklist',
  version: '1.0.0',
  gates: [
    phase1Gate,
    phase2Gate,
    phase3Gate,
    goNoGoGate,
    preDeploymentGate,
    deploymentWindowGate,
    postDeploymentGate,
    phase5Gate,
    deploymentSuccessGate,
    stabilityGate,
    signOffGate,
    reviewGate,
  ],
  items: [
    ...phase1,
    ...phase2,
    ...phase3,
    ...goNoGo,
    ...preDeployment,
    ...deploymentWindow,
    ...postDeployment,
    ...phase5,
    ...triggers,
    ...deploymentSuccess,
    ...stability,
    ...signOff,
    ...review,
  ],
  deviations: [],
  maxResumes: 3,
  incidentDeadlineSeconds: 14 * day,
});

/**
 * The figures that a stage may change, and how far: beyond, a threshold would let everything pass. What is not here (who attests,
 * which series or tool counts, what kind of rule it is) says what is proved at all, and no stage changes that.
 */
const reach: Readonly<Record<string, { readonly least?: number; readonly most?: number }>> = {
  minTests: { least: 1 },
  maxSkippedPct: { most: 50 },
  floorPct: { least: 1 },
  maxSuppressed: { most: 100 },
  minOperations: { least: 1 },
  minComponents: { least: 1 },
  minConcurrency: { least: 2 },
  minRequests: { least: 10 },
  maxErrorPct: { most: 50 },
  maxP99Ms: { most: 60_000 },
  minDurationSeconds: { least: 1 },
  minPoints: { least: 10 },
  maxGapPct: { most: 100 },
  maxFailurePct: { most: 50 },
  maxP95Ms: { most: 60_000 },
  maxFalse: { most: 10 },
};

/**
 * The checklist with a stage's reasoned departures applied to its rules: another value with another digest. A deviation that does
 * not fit the document is a mistake in the configuration and throws.
 */
export const deviate = (checklist: Checklist, deviations: readonly Deviation[]): Checklist => {
  const all = [...checklist.deviations, ...deviations];
  const names = all.map(({ check: item, parameter }) => `${item}, ${parameter}`);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  // The second would take the first one's figure for the document's.
  if (twice !== undefined) throw new Error(`two deviations change the same figure: ${twice}`);
  const items = deviations.reduce<readonly Item[]>((before, deviation) => {
    const item = before.find(({ id }) => id === deviation.check);
    if (item === undefined) throw new Error(`a deviation names the check ${deviation.check}, which the checklist does not have`);
    if (!item.waivable) throw new Error(`a deviation names the check ${deviation.check}, of which nobody may accept less`);
    return before.map((one) => (one === item ? { ...one, rule: changed(one.rule, deviation) } : one));
  }, checklist.items);
  return checklistSchema.parse({ ...checklist, items, deviations: all });
};

const changed = (rule: Rule | null, { check: item, parameter, document, here }: Deviation): Rule => {
  const parameters: Readonly<Record<string, unknown>> = { ...rule };
  if (!Object.hasOwn(parameters, parameter))
    throw new Error(`a deviation of ${item} names the parameter ${parameter}, which its rule does not have`);
  const limits = Object.hasOwn(reach, parameter) ? reach[parameter] : undefined;
  if (limits === undefined)
    throw new Error(`a deviation of ${item} names the parameter ${parameter}, which is no figure that a stage may change`);
  if (parameters[parameter] !== document)
    throw new Error(
      `a deviation of ${item} says that the document has ${parameter} = ${document}; the checklist has ${String(parameters[parameter])}`,
    );
  if (here === document) throw new Error(`a deviation of ${item} changes nothing: ${parameter} is ${document}`);
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = limits;
  if (typeof here !== 'number' || here < least || here > most)
    throw new Error(`a deviation of ${item} sets ${parameter} to ${here}; a number from ${least} to ${most} is expected`);
  return ruleSchema.parse({ ...rule, [parameter]: here });
};

/** The definition of a stage. */
export const checklistFor = (deviations: readonly Deviation[]): Checklist => deviate(baseChecklist, deviations);

export const checklistDigest = (checklist: Checklist): string => digestOf(checklist);
