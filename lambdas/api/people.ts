import { type Api, createApi } from '../../lib/api/mount.ts';
import { serve } from '../../lib/api/serve.ts';
import { servePages } from '../../lib/console/serve.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { answerProfile } from '../../lib/run/commands/answer-profile.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { attestForService } from '../../lib/run/commands/attest-for-service.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideEvidence } from '../../lib/run/commands/decide-evidence.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { explainChange } from '../../lib/run/commands/explain-change.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { withdrawEvidence } from '../../lib/run/commands/withdraw-evidence.ts';
import { approvalPages } from './approvals.ts';
import { assetPages } from './asset-pages.ts';
import { attestPages } from './attest-pages.ts';
import { checkPages } from './check-pages.ts';
import { keepLateForm } from './late-form.ts';
import { operatingPages } from './operating-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { profilePages } from './profile-pages.ts';
import { reviewPages } from './review-pages.ts';
import { rollbackPages } from './rollback-pages.ts';
import { signInPages } from './sign-in-pages.ts';

/** The operations for people: decide, observe, stop; and the pages on which they sign in and answer approval requests. */
export const peopleApi = (parts: PeopleParts): Api => {
  const { deps } = parts;
  const api = createApi();
  serve(api, 'people', deps, {
    attest: ({ params, body, caller, request }) => attest(deps, { ...params, ...body, request }, caller),
    waive: ({ params, body, caller, request }) => waive(deps, { ...params, ...body, request }, caller),
    declareNotApplicable: ({ params, body, caller, request }) => declareNotApplicable(deps, { ...params, ...body, request }, caller),
    revokeException: ({ params, body, caller, request }) => revokeException(deps, { ...params, ...body, request }, caller),
    observe: ({ params, body, caller, request }) => observe(deps, { ...params, ...body, request }, caller),
    labelObservation: ({ params, body, caller, request }) => labelObservation(deps, { ...params, ...body, request }, caller),
    triggerRollback: ({ params, body, caller, request }) => triggerRollback(deps, { ...params, ...body, request }, caller),
    decideRollback: ({ params, body, caller }) => decideRollback(deps, { ...params, ...body }, caller),
    handleStep: ({ params, body, caller }) => handleStep(deps, { ...params, ...body }, caller),
    decideData: ({ params, body, caller }) => decideData(deps, { ...params, ...body }, caller),
    answerFollowUp: ({ params, body, caller }) => answerFollowUp(deps, { ...params, ...body }, caller),
    cancelRun: ({ params, body, caller }) => cancelRun(deps, { ...params, ...body }, caller),
    recallApproval: ({ params, body, caller }) => recallApproval(deps, { ...params, ...body }, caller),
    rescheduleRun: ({ params, body, caller, request }) => rescheduleRun(deps, { ...params, ...body, request }, caller),
    overrideFreeze: ({ params, body, caller }) => overrideFreeze(deps, { ...params, ...body }, caller),
    adoptTarget: ({ params, body, caller, request }) => adoptTarget(deps, { ...params, ...body, request }, caller),
    freeEnvironment: ({ params, body, caller }) => freeEnvironment(deps, { ...params, ...body }, caller),
    attestForService: ({ params, body, caller, request }) => attestForService(deps, { ...params, ...body, request }, caller),
    decideEvidence: ({ params, body, caller }) => decideEvidence(deps, { ...params, ...body }, caller),
    withdrawEvidence: ({ params, body, caller }) => withdrawEvidence(deps, { ...params, ...body }, caller),
    explainChange: ({ params, body, caller, request }) => explainChange(deps, { ...params, ...body, request }, caller),
    announceWork: ({ params, body, caller, request }) => announceWork(deps, { ...params, ...body, request }, caller),
    proposeProfile: ({ params, query, body, caller }) =>
      proposeProfile(deps, { ...params, bytes: body.bytes, dryRun: query.dryRun === 'true' }, caller),
    answerProfile: ({ params, body, caller }) => answerProfile(deps, { ...params, ...body }, caller),
    decideIncident: ({ params, body, caller }) => decideIncident(deps, { ...params, ...body }, caller),
  });
  servePages(
    api,
    'people',
    { roster: deps.roster, keepLate: keepLateForm(parts) },
    {
      ...approvalPages(parts),
      ...checkPages(parts),
      ...attestPages(parts),
      ...reviewPages(parts),
      ...operatingPages(parts),
      ...profilePages(parts),
      ...rollbackPages(parts),
      ...signInPages(parts),
      ...assetPages,
    },
  );
  return api;
};
