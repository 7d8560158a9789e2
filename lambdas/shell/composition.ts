import type { Stage } from '../../lib/checklist/stage.ts';
import { rosterOf } from '../adapters/stage-roster.ts';
import type { AuditWorld } from '../api/audit.ts';
import type { CiWorld } from '../api/ci.ts';
import type { PeopleWorld } from '../api/people-parts.ts';
import { liveDefinitions } from './definition.ts';
import type { EnvOf } from './env.ts';
import {
  clock,
  liveDue,
  liveEvidence,
  liveIdempotency,
  liveIndex,
  livePeople,
  liveSettler,
  liveTrail,
  liveWorkflow,
  random,
  stageFacts,
} from './aws-clients.ts';

/** The worlds of the API functions: each has the parts that its function was granted. */
export const peopleWorld = (env: Omit<EnvOf<'api-people'>, 'SESSION_KEY_ID'>, stage: Stage): PeopleWorld => {
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    random,
    evidence,
    trail: liveTrail(env.AUDIT_TABLE),
    people: livePeople(env.PEOPLE_TABLE),
    index: liveIndex(env.RUNS_TABLE),
    due: liveDue(env.RUNS_TABLE),
    settler: liveSettler(env.SETTLER_FUNCTION),
    idempotency: liveIdempotency(env.IDEMPOTENCY_TABLE),
    roster: rosterOf(stage),
    definitions: liveDefinitions(evidence, stage),
    stage: stageFacts(stage),
  };
};

/** CI does what people do, and starts machines. */
export const ciWorld = (env: EnvOf<'api-ci'>, stage: Stage): CiWorld => ({
  ...peopleWorld(env, stage),
  workflow: liveWorkflow(env.STATE_MACHINE_ARN),
});

export const auditWorld = (env: EnvOf<'api-audit'>, stage: Stage): AuditWorld => ({
  clock,
  trail: liveTrail(env.AUDIT_TABLE),
  index: liveIndex(env.RUNS_TABLE),
  roster: rosterOf(stage),
  definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), stage),
});
