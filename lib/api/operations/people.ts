import * as z from 'zod';
import {
  attestSchema,
  cancelSchema,
  incidentSchema,
  labelSchema,
  notApplicableSchema,
  observationSchema,
  rollbackSchema,
  waiveSchema,
} from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { inRun, json, none, ofCheck, recorded, runParam } from '../parameters.ts';
import { checkRecordedSchema, observationRecordedSchema, runDecidedSchema } from '../responses.ts';

/** The id of a producer; of a later occurrence with its place. */
const observationParam = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}(~\d{1,8})?$/, 'the id of an observation, as the run shows it')
  .meta({ description: 'Id of an observation of the run.' });

/** What people call who decide about checks and runs. */
export const peopleOperations = {
  attest: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/attestations',
    function: 'people',
    who: 'person',
    summary: 'Attest a check',
    description: 'A person with the role that the check names states in their own words why it is satisfied.',
    params: ofCheck,
    query: none,
    body: json(attestSchema),
    answer: recorded(checkRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'check-unknown', 'check-proved-otherwise', 'evidence-time', 'role-missing'],
  }),
  waive: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/waivers',
    function: 'people',
    who: 'person',
    summary: 'Waive a check',
    description:
      'Accepts an exception to one check until a given time, with a reason. The owner of the check may do this; the starter of the run may not.',
    params: ofCheck,
    query: none,
    body: json(waiveSchema),
    answer: recorded(checkRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'check-unknown', 'waiver-not-allowed', 'role-missing', 'starter-excluded', 'sign-in-stale'],
  }),
  declareNotApplicable: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/not-applicable',
    function: 'people',
    who: 'person',
    summary: 'Declare a check not applicable',
    description: 'For checks that the checklist document marks as optional. The owner of the check gives the reason.',
    params: ofCheck,
    query: none,
    body: json(notApplicableSchema),
    answer: recorded(checkRecordedSchema),
    refusals: [
      'run-unknown',
      'run-ended',
      'check-unknown',
      'not-applicable-not-allowed',
      'role-missing',
      'starter-excluded',
      'sign-in-stale',
    ],
  }),
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
    refusals: ['run-unknown', 'run-ended', 'role-missing', 'evidence-time', 'limit-reached'],
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
      'Records that a rollback trigger of the checklist has come true. The run ends as rolled back, and people roll the release back. It is refused while no deployment has started: then cancel the run instead.',
    params: inRun,
    query: none,
    body: json(rollbackSchema),
    answer: recorded(runDecidedSchema),
    refusals: ['run-unknown', 'run-ended', 'trigger-unknown', 'rollback-before-deployment', 'role-missing'],
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
