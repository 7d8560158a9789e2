import * as z from 'zod';
import { mostAttested, nameSchema } from '../../fields.ts';
import { confirmSchema, standingAttestSchema, standingParametersSchema, withdrawSchema } from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { json, jsonWithFile, maxEvidenceBytes, noBody, none, recorded, slug } from '../parameters.ts';
import {
  attestationGivenSchema,
  evidenceDecidedSchema,
  evidenceGivenSchema,
  evidenceWithdrawnSchema,
  standingViewSchema,
} from '../responses.ts';

const service = nameSchema.meta({ description: 'A service of the stage.' });
const eventParam = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'the id of an audit event: 32 characters, lower-case hex')
  .meta({ description: 'Id of the event of the evidence.' });

const givenRefusals = [
  'service-unknown',
  'environment-unknown',
  'role-missing',
  'evidence-type-unknown',
  'check-proved-otherwise',
  'evidence-unreadable',
  'evidence-not-standing',
  'commit-mismatch',
  'evidence-time',
  'limit-reached',
  'body-too-large',
] as const;
const given = {
  status: 201,
  description: 'Recorded, with what it says for the standing checks. The same report, sent again, returns the same event.',
  schema: evidenceGivenSchema,
} as const;

/** Evidence about a service that counts in every run until it is too old. */
export const standingOperations = {
  giveEvidence: operation({
    method: 'PUT',
    path: '/v1/services/{service}/evidence/{type}',
    function: 'ci',
    who: 'any-caller',
    summary: 'Give standing evidence',
    description:
      'As evidence of a run, for the checks about the service, one of its environments or the team: it counts in every run, open ones too, until its maximum age. What a CI job of the service sends counts at once. What a person gives, who holds the role that owns such a check, counts when a second person has confirmed it.',
    params: z.strictObject({ service, type: z.string().max(64).meta({ description: 'Evidence type, such as record.' }) }),
    query: standingParametersSchema,
    body: { kind: 'raw', maxBytes: maxEvidenceBytes },
    answer: given,
    refusals: ['content-type', ...givenRefusals],
  }),
  giveRecognisedEvidence: operation({
    method: 'PUT',
    path: '/v1/services/{service}/evidence',
    function: 'ci',
    who: 'any-caller',
    summary: 'Give standing evidence and let its content tell the type',
    description: 'As the route with a type. A report whose content shows no evidence type, or several, is refused with the types.',
    params: z.strictObject({ service }),
    query: standingParametersSchema,
    body: { kind: 'raw', maxBytes: maxEvidenceBytes },
    answer: given,
    refusals: ['evidence-type-ambiguous', ...givenRefusals],
  }),
  attestForService: operation({
    method: 'POST',
    path: '/v1/services/{service}/checks/{check}/attestations',
    function: 'people',
    who: 'person',
    summary: 'Attest a check for a service',
    description:
      'A person with the role that the check names states once why it is satisfied, for checks about the service, an environment or the team. It counts in every run when a second person has confirmed it.',
    params: z.strictObject({ service, check: slug.meta({ description: 'Id of a check of the current checklist.' }) }),
    query: none,
    body: jsonWithFile(standingAttestSchema, mostAttested),
    answer: recorded(attestationGivenSchema),
    refusals: [
      'service-unknown',
      'environment-unknown',
      'check-unknown',
      'check-proved-otherwise',
      'evidence-not-standing',
      'attestation-validity',
      'evidence-unreadable',
      'limit-reached',
      'role-missing',
    ],
  }),
  decideEvidence: operation({
    method: 'POST',
    path: '/v1/services/{service}/evidence/{event}/confirmation',
    function: 'people',
    who: 'person',
    summary: 'Confirm or reject standing evidence',
    description:
      'A second person, who owns a check that the evidence serves or signs releases and signed in within the last 15 minutes, says whether evidence that a person gave counts. The first decision counts.',
    params: z.strictObject({ service, event: eventParam }),
    query: none,
    body: json(confirmSchema),
    answer: recorded(evidenceDecidedSchema),
    refusals: ['service-unknown', 'evidence-unknown', 'evidence-own', 'evidence-decided', 'role-missing', 'sign-in-stale'],
  }),
  withdrawEvidence: operation({
    method: 'POST',
    path: '/v1/services/{service}/evidence/{event}/withdrawal',
    function: 'people',
    who: 'person',
    summary: 'Withdraw standing evidence',
    description:
      'Who may confirm evidence takes back what counts, of a person or of a CI job. It counts in no run any more: in open runs a check that rests on it is missing, and a passed gate regresses. What it replaced does not come back. The first withdrawal counts.',
    params: z.strictObject({ service, event: eventParam }),
    query: none,
    body: json(withdrawSchema),
    answer: recorded(evidenceWithdrawnSchema),
    refusals: ['service-unknown', 'evidence-unknown', 'evidence-decided', 'role-missing', 'sign-in-stale'],
  }),
  listEvidence: operation({
    method: 'GET',
    path: '/v1/services/{service}/evidence',
    function: 'audit',
    who: 'any-caller',
    summary: 'List standing evidence',
    description:
      'What stands for the service, what waits for a second person, what was rejected or withdrawn, and which standing checks have nothing: who gave and confirmed it, since when and until when it counts, and what it says for each check of the current checklist.',
    params: z.strictObject({ service }),
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The standing evidence of the service.', schema: standingViewSchema },
    refusals: ['service-unknown', 'role-missing'],
  }),
};
