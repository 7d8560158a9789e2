import { adoptTarget } from './adopt-target.ts';
import { announceWork } from './announce-work.ts';
import { answerApproval } from './answer-approval.ts';
import { answerFollowUp } from './answer-follow-up.ts';
import { answerProfile } from './answer-profile.ts';
import { attest } from './attest.ts';
import { attestForService } from './attest-for-service.ts';
import { cancelRun } from './cancel-run.ts';
import { decideData } from './decide-data.ts';
import { decideEvidence } from './decide-evidence.ts';
import { decideIncident } from './decide-incident.ts';
import { decideRollback } from './decide-rollback.ts';
import { declareNotApplicable } from './declare-not-applicable.ts';
import { explainChange } from './explain-change.ts';
import { freeEnvironment } from './free-environment.ts';
import { giveEvidence } from './give-evidence.ts';
import { handleStep } from './handle-step.ts';
import { labelObservation } from './label-observation.ts';
import { observe } from './observe.ts';
import { overrideFreeze } from './override-freeze.ts';
import { proposeProfile } from './propose-profile.ts';
import { recallApproval } from './recall-approval.ts';
import { recordEvidence } from './record-evidence.ts';
import { reportDeployment } from './report-deployment.ts';
import { requestUpload } from './request-upload.ts';
import { rescheduleRun } from './reschedule-run.ts';
import { revokeException } from './revoke-exception.ts';
import { startRun } from './start-run.ts';
import { triggerRollback } from './trigger-rollback.ts';
import { waive } from './waive.ts';
import { withdrawEvidence } from './withdraw-evidence.ts';

/** Every command that CI or people may give, by its id: the id of its operation in the API's contract. */
export const commands = {
  startRun,
  recordEvidence,
  requestUpload,
  reportDeployment,
  attest,
  waive,
  declareNotApplicable,
  revokeException,
  observe,
  labelObservation,
  triggerRollback,
  rescheduleRun,
  overrideFreeze,
  decideRollback,
  handleStep,
  decideData,
  cancelRun,
  recallApproval,
  decideIncident,
  answerApproval,
  answerFollowUp,
  adoptTarget,
  freeEnvironment,
  explainChange,
  announceWork,
  proposeProfile,
  answerProfile,
  giveEvidence,
  attestForService,
  decideEvidence,
  withdrawEvidence,
};
