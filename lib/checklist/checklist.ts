import { type Checklist, checklistSchema } from './definition.ts';
import { monitoringGate, monitoringPhase } from './phases/monitoring.ts';
import { lookAfterDeployment, lookBeforeT0, looksAtReview, looksAtStability } from './phases/own-looks.ts';
import { phase1, phase1Gate } from './phases/phase-1.ts';
import { phase2, phase2Gate } from './phases/phase-2.ts';
import { goNoGo, goNoGoGate, phase3, phase3Gate } from './phases/phase-3.ts';
import { deploymentWindow, deploymentWindowGate, preDeployment, preDeploymentGate } from './phases/phase-4.ts';
import { deploymentSuccess, deploymentSuccessGate, phase5, phase5Gate } from './phases/phase-5.ts';
import { review, reviewGate, signOff, signOffGate, stability, stabilityGate } from './phases/reviews.ts';
import { rollbackItems, rollbackPath } from './phases/rollback.ts';
import { triggers } from './phases/triggers.ts';

const day = 86_400;

/** The production deployment checklist: gates in the order of the run, items in the order of the document, our own at their place. */
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
    monitoringGate,
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
    lookBeforeT0,
    ...deploymentWindow,
    lookAfterDeployment,
    ...monitoringPhase,
    ...phase5,
    ...triggers,
    ...rollbackItems,
    ...deploymentSuccess,
    ...stability,
    ...looksAtStability,
    ...signOff,
    ...review,
    ...looksAtReview,
  ],
  deviations: [],
  incident: { role: 'incident', id: 'incident', title: 'Incident', deadlineSeconds: 14 * day, maxResumes: 2 },
  rollback: rollbackPath,
});
