import { digestOf } from '../canonical.ts';
import { type Checklist, checklistSchema, type Deviation, type Line } from './definition.ts';
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

/** The production deployment checklist: gates in the order of the spine, lines in the order of the document, ours where they stand. */
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
  lines: [
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
 * The checklist with a stage's reasoned departures applied to its rules: another value with another digest. A deviation that does
 * not fit the document is a mistake in the configuration and throws.
 */
export const deviate = (checklist: Checklist, deviations: readonly Deviation[]): Checklist => {
  const lines = deviations.reduce<readonly Line[]>(
    (all, deviation) => all.map((line) => (line.id === deviation.line ? { ...line, rule: changed(line.rule, deviation) } : line)),
    checklist.lines,
  );
  const unknown = deviations.find((deviation) => !checklist.lines.some((line) => line.id === deviation.line));
  if (unknown !== undefined) throw new Error(`a deviation names the line ${unknown.line}, which the checklist does not have`);
  return checklistSchema.parse({ ...checklist, lines, deviations: [...checklist.deviations, ...deviations] });
};

const changed = (rule: Rule | null, { line, parameter, document, here }: Deviation): Rule => {
  const parameters: Readonly<Record<string, unknown>> = { ...rule };
  if (rule === null || parameter === 'kind' || parameter === 'evidence' || !Object.hasOwn(rule, parameter))
    throw new Error(`a deviation of ${line} names the parameter ${parameter}, which its rule does not have`);
  if (parameters[parameter] !== document)
    throw new Error(
      `a deviation of ${line} says that the document has ${parameter} = ${document}; the checklist has ${String(parameters[parameter])}`,
    );
  return ruleSchema.parse({ ...rule, [parameter]: here });
};

/** The definition of a stage. */
export const checklistFor = (deviations: readonly Deviation[]): Checklist => deviate(baseChecklist, deviations);

export const checklistDigest = (checklist: Checklist): string => digestOf(checklist);
