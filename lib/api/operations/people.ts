import * as z from 'zod';
import { rollbackStepSchema } from '../../audit/events/rollback.ts';
import {
  cancelSchema,
  dataSchema,
  followUpSchema,
  freezeOverrideSchema,
  incidentSchema,
  labelSchema,
  observationSchema,
  recallSchema,
  rescheduleSchema,
  rollbackDecisionSchema,
  rollbackSchema,
  stepSchema,
} from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { inRun, json, none, recorded, runParam } from '../parameters.ts';
import {
  dataDecidedSchema,
  followUpAnsweredSchema,
  freezeOverrideRecordedSchema,
  observationRecordedSchema,
  rescheduledSchema,
  rollbackDecidedSchema,
  runDecidedSchema,
  stepRecordedSchema,
} from '../responses.ts';

/** The id of a producer; of a later occurrence with its place. */
const observationParam = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}(~\d{1,8})?$/, 'the id of an observation, as the run shows it')
  .meta({ description: 'Id of an observation of the run.' });

const followUpParam = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the id of a follow-up, as the run shows it')
  .max(80)
  .meta({ description: 'Id of a follow-up of the run, such as `cause`.' });

const gateParam = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the id of a gate, as the run shows it')
  .max(64)
  .meta({ description: 'Id of a gate of the run, such as `go-no-go`.' });

/** What people call who decide about runs. */
export const peopleOperations = {
  observe: operation({
    method: 'POST',
    path: '/v1/runs/{run}/observations',
    function: 'people',
    who: 'any-caller',
    summary: 'Record an observation',
    description:
      'Records something that was seen on the deployed service. A bad observation blocks the reviews until a person labels it true, false or explained.',
    params: inRun,
    query: none,
    body: json(observationSchema),
    answer: recorded(observationRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'role-missing', 'starter-excluded', 'alarm-unnamed', 'evidence-time', 'limit-reached'],
  }),
  labelObservation: operation({
    method: 'POST',
    path: '/v1/runs/{run}/observations/{observation}/label',
    function: 'people',
    who: 'person',
    summary: 'Label an observation',
    description: 'Marks an alarm as true or false, or explains what was seen.',
    params: z.strictObject({ run: runParam, observation: observationParam }),
    query: none,
    body: json(labelSchema),
    answer: recorded(observationRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'observation-unknown', 'role-missing', 'starter-excluded'],
  }),
  triggerRollback: operation({
    method: 'POST',
    path: '/v1/runs/{run}/rollback',
    function: 'people',
    who: 'person',
    summary: 'Record a rollback trigger',
    description:
      'Records that a rollback trigger of the checklist has come true, with the ids of the events that show it, or in `shown` what shows it outside of the run; data corruption needs one of the two. With `decide` the release is rolled back at once; otherwise people decide. It is refused while no deployment has started: then cancel the run instead.',
    params: inRun,
    query: none,
    body: json(rollbackSchema),
    answer: recorded(runDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'trigger-unknown', 'no-evidence', 'rollback-before-deployment', 'event-unknown', 'role-missing'],
  }),
  decideRollback: operation({
    method: 'POST',
    path: '/v1/runs/{run}/rollback/decision',
    function: 'people',
    who: 'person',
    summary: 'Decide about a rollback',
    description:
      'Decides about the open rollback trigger: `roll-back`, by any operating role, or `continue`, by a signer who signed in within the last 15 minutes and did not start the run. The first decision counts.',
    params: inRun,
    query: none,
    body: json(rollbackDecisionSchema),
    answer: recorded(rollbackDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'rollback-not-open', 'rollback-decided', 'role-missing', 'starter-excluded', 'sign-in-stale'],
  }),
  handleStep: operation({
    method: 'POST',
    path: '/v1/runs/{run}/rollback/steps/{step}',
    function: 'people',
    who: 'any-caller',
    summary: 'Answer a step of a rollback',
    description:
      'The one who carries a step out answers `done` or `failed` with the number of the attempt; a late answer of an earlier attempt is refused. People choose what becomes of a step that is not proved: `retry`, `by-hand` or `end`.',
    params: z.strictObject({ run: runParam, step: rollbackStepSchema.meta({ description: 'Step of the rollback.' }) }),
    query: none,
    body: json(stepSchema),
    answer: recorded(stepRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'step-not-waiting', 'step-attempt', 'step-answered', 'event-unknown', 'role-missing'],
  }),
  decideData: operation({
    method: 'POST',
    path: '/v1/runs/{run}/rollback/data',
    function: 'people',
    who: 'person',
    summary: 'Decide whether data is restored',
    description:
      'Decides whether the data is restored from a backup or kept as it is. The operations lead or the technical lead may do this, but not the starter of the run.',
    params: inRun,
    query: none,
    body: json(dataSchema),
    answer: recorded(dataDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'rollback-not-open', 'rollback-decided', 'step-not-waiting', 'role-missing', 'starter-excluded'],
  }),
  answerFollowUp: operation({
    method: 'POST',
    path: '/v1/runs/{run}/follow-ups/{followUp}',
    function: 'people',
    who: 'person',
    summary: 'Answer a follow-up of a rollback',
    description:
      'After a rollback the audit trail stays open until its cause is `stated`, by any operating role, and the use of each emergency power is reviewed as `justified` or `not-justified`, by a signer who did not use it. The run lists its follow-ups. The first answer counts.',
    params: z.strictObject({ run: runParam, followUp: followUpParam }),
    query: none,
    body: json(followUpSchema),
    answer: recorded(followUpAnsweredSchema),
    refusals: ['run-unknown', 'follow-up-unknown', 'follow-up-answer', 'follow-up-answered', 'follow-up-own', 'role-missing'],
  }),
  cancelRun: operation({
    method: 'POST',
    path: '/v1/runs/{run}/cancel',
    function: 'people',
    who: 'person',
    summary: 'Cancel a run',
    description:
      'Ends a run before its deployment. Operations and the person who started the run may do this. After the deployment has started, record a rollback trigger instead.',
    params: inRun,
    query: none,
    body: json(cancelSchema),
    answer: recorded(runDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'cancel-after-deployment', 'role-missing'],
  }),
  recallApproval: operation({
    method: 'POST',
    path: '/v1/runs/{run}/approvals/{gate}',
    function: 'people',
    who: 'person',
    summary: 'Recall the requests of an approval, or ask again',
    description:
      'With `recall` the requests of a gate are taken back: answers no longer count, and nobody is asked until somebody sends `ask-again`. Operations and the person who started the run may do this. Everybody who was asked gets a mail.',
    params: z.strictObject({ run: runParam, gate: gateParam }),
    query: none,
    body: json(recallSchema),
    answer: recorded(runDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'approval-unknown', 'approval-closed', 'role-missing'],
  }),
  rescheduleRun: operation({
    method: 'POST',
    path: '/v1/runs/{run}/schedule',
    function: 'people',
    who: 'person',
    summary: 'Move the planned T0',
    description:
      'Gives the run another planned T0 before T0 has come. An operator, operations lead or technical lead may do this. Approvals for the old T0 no longer count: the run goes back to go / no-go.',
    params: inRun,
    query: none,
    body: json(rescheduleSchema),
    answer: recorded(rescheduledSchema),
    refusals: ['run-unknown', 'run-ended', 'planned-t0', 't0-passed', 'limit-reached', 'role-missing'],
  }),
  overrideFreeze: operation({
    method: 'POST',
    path: '/v1/runs/{run}/freeze-override',
    function: 'people',
    who: 'person',
    summary: 'Override a freeze for a run',
    description:
      'Lets this run pass one freeze. It takes two people, an operations lead and a technical lead or product owner, and neither may have started the run: the first call is a request, the call of the second person approves it.',
    params: inRun,
    query: none,
    body: json(freezeOverrideSchema),
    answer: recorded(freezeOverrideRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'freeze-unknown', 't0-passed', 'role-missing', 'starter-excluded', 'sign-in-stale'],
  }),
  decideIncident: operation({
    method: 'POST',
    path: '/v1/runs/{run}/incident',
    function: 'people',
    who: 'person',
    summary: 'Decide an incident',
    description: 'Resumes the run at the interrupted gate, or ends it.',
    params: inRun,
    query: none,
    body: json(incidentSchema),
    answer: recorded(runDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'incident-not-open', 'incident-resume-limit', 'role-missing', 'starter-excluded'],
  }),
};
