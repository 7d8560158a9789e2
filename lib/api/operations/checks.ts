import { mostAttested } from '../../fields.ts';
import { attestSchema, notApplicableSchema, revokeSchema, waiveSchema } from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { json, jsonWithFile, none, ofCheck, recorded } from '../parameters.ts';
import { checkRecordedSchema } from '../responses.ts';

/** What people call who decide about one check of a run. */
export const checkOperations = {
  attest: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/attestations',
    function: 'people',
    who: 'person',
    summary: 'Attest a check',
    description:
      'A person with the role that the check names states in their own words why it is satisfied, with a file that shows it where there is one. With `validUntil` it counts until then only.',
    params: ofCheck,
    query: none,
    body: jsonWithFile(attestSchema, mostAttested),
    answer: recorded(checkRecordedSchema),
    refusals: [
      'run-unknown',
      'run-ended',
      'check-unknown',
      'check-proved-otherwise',
      'evidence-time',
      'attestation-validity',
      'evidence-unreadable',
      'limit-reached',
      'role-missing',
    ],
  }),
  waive: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/waivers',
    function: 'people',
    who: 'person',
    summary: 'Waive a check',
    description:
      'Accepts an exception to one check until a given time, with a reason: to the whole of it, or with `subject` to one feature, endpoint, component or test that its evidence names. The owner of the check may do this; the starter of the run may not.',
    params: ofCheck,
    query: none,
    body: json(waiveSchema),
    answer: recorded(checkRecordedSchema),
    refusals: [
      'run-unknown',
      'run-ended',
      'check-unknown',
      'part-unknown',
      'waiver-not-allowed',
      'role-missing',
      'starter-excluded',
      'sign-in-stale',
    ],
  }),
  declareNotApplicable: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/not-applicable',
    function: 'people',
    who: 'person',
    summary: 'Declare a check not applicable',
    description:
      'For checks that the checklist document marks as optional, or with `subject` for one part of such a check of which nothing was measured. The owner of the check gives the reason.',
    params: ofCheck,
    query: none,
    body: json(notApplicableSchema),
    answer: recorded(checkRecordedSchema),
    refusals: [
      'run-unknown',
      'run-ended',
      'check-unknown',
      'part-unknown',
      'not-applicable-not-allowed',
      'role-missing',
      'starter-excluded',
      'sign-in-stale',
    ],
  }),
  revokeException: operation({
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/revocations',
    function: 'people',
    who: 'person',
    summary: 'Revoke a waiver or a not-applicable declaration',
    description:
      'From now on the check counts as its proof says, or with `subject` the part of it. Without a subject every exception of the check is revoked. It can only hold a release up, so everybody who signs releases may do it, the starter of the run as well.',
    params: ofCheck,
    query: none,
    body: json(revokeSchema),
    answer: recorded(checkRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'check-unknown', 'nothing-to-revoke', 'role-missing'],
  }),
};
