import { digestOf } from '../../lib/canonical-json.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';
import type { DeployedStage } from '../../lib/checklist/stage.ts';
import { checklistFor } from '../../lib/checklist/stage-checklist.ts';
import type { Definitions, EvidenceStore } from '../../lib/ports.ts';
import { createDefinitions } from '../adapters/definitions-store.ts';

/** The checklist definition in this code with the stage's deviations applied; older definitions are read from the evidence bucket. */
export const liveDefinitions = (evidence: EvidenceStore, stage: Pick<DeployedStage, 'deviations'>): Definitions => {
  const checklist = checklistFor(stage.deviations);
  return createDefinitions(evidence, { checklist, digest: digestOf(checklist), graph: graphDigest(gateGraphOf(checklist)) });
};
