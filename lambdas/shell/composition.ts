import type { DeployedStage } from '../../lib/checklist/stage.ts';
import type { Roster } from '../../lib/ports.ts';
import type { AuditDependencies } from '../api/audit.ts';
import type { CiDependencies } from '../api/ci.ts';
import type { PeopleDependencies } from '../api/people-dependencies.ts';
import {
  clock,
  liveDue,
  liveEndedSessions,
  liveEvidence,
  liveEvidenceAddresses,
  liveIdempotency,
  liveIndex,
  liveIntake,
  livePeople,
  liveQuotas,
  liveReconciler,
  liveTrail,
  liveUploads,
  random,
  stageFacts,
} from './aws-clients.ts';
import { liveDefinitions } from './definition.ts';
import type { EnvOf } from './env.ts';
import { stepFunctions } from './step-functions.ts';

type Configuration = { readonly stage: DeployedStage; readonly roster: Roster };

/** The dependencies of the API functions: each gets what its role permits. */
export const peopleDependencies = (
  env: Omit<EnvOf<'api-people'>, 'SESSION_KEY_ID' | 'ROSTER_BUCKET'>,
  { stage, roster }: Configuration,
): PeopleDependencies => {
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    random,
    evidence,
    trail: liveTrail(env, 'people'),
    people: livePeople(env.PEOPLE_TABLE),
    index: liveIndex(env.RUNS_TABLE),
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    idempotency: liveIdempotency(env.IDEMPOTENCY_TABLE),
    sessions: liveEndedSessions(env.IDEMPOTENCY_TABLE),
    quotas: liveQuotas(env.IDEMPOTENCY_TABLE),
    roster,
    definitions: liveDefinitions(evidence, stage),
    stage: stageFacts(stage),
  };
};

/** The same as for people, with the workflow, because CI jobs start runs, with uploads, and without the right to sign events. */
export const ciDependencies = (env: EnvOf<'api-ci'>, configuration: Configuration): CiDependencies => ({
  ...peopleDependencies(env, configuration),
  trail: liveTrail(env, null),
  workflow: stepFunctions(env.STATE_MACHINE_ARN),
  intake: liveIntake(env.INTAKE_BUCKET),
  uploads: liveUploads(env.IDEMPOTENCY_TABLE),
});

export const auditDependencies = (env: EnvOf<'api-audit'>, { stage, roster }: Configuration): AuditDependencies => {
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    evidence,
    downloads: liveEvidenceAddresses(env.EVIDENCE_BUCKET),
    trail: liveTrail(env, null),
    index: liveIndex(env.RUNS_TABLE),
    people: livePeople(env.PEOPLE_TABLE),
    roster,
    definitions: liveDefinitions(evidence, stage),
    stage: stageFacts(stage),
  };
};
