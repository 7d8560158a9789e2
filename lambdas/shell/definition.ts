import { digestOf } from '../../lib/canonical.ts';
import { checklistFor } from '../../lib/checklist/deviations.ts';
import { graphDigest, spineOf } from '../../lib/checklist/spine.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import type { Definitions, EvidenceStore } from '../../lib/ports.ts';
import { createDefinitions } from '../adapters/definitions-store.ts';

/** The checklist definition in this code with the stage's deviations applied; older definitions are read from the evidence bucket. */
export const liveDefinitions = (evidence: EvidenceStore, stage: Stage): Definitions => {
  const checklist = checklistFor(stage.deviations);
  return createDefinitions(evidence, { checklist, digest: digestOf(checklist), graph: graphDigest(spineOf(checklist)) });
};
