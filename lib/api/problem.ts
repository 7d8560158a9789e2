import * as z from 'zod';
import { type Refusal, type RefusalType, refusalTitles } from '../outcome.ts';
import { expectedBy, hasOwnWords } from '../schema-words.ts';
import { counted } from '../wording.ts';
import { correctField } from './correct-field.ts';

/** The HTTP status of every refusal. The compiler demands an entry for each. */
export const refusalStatus: Readonly<Record<RefusalType, number>> = {
  unauthenticated: 401,
  'token-invalid': 401,
  'token-expired': 401,
  'issuer-untrusted': 401,
  'token-audience': 401,
  'identity-unmapped': 403,
  'role-missing': 403,
  'starter-excluded': 403,
  'starter-unmapped': 403,
  'signers-too-few': 422,
  'service-unknown': 422,
  'environment-unknown': 422,
  'environment-free': 409,
  'environment-in-use': 409,
  'target-known': 409,
  'change-unknown': 404,
  'alarm-unnamed': 422,
  'announced-subject': 422,
  'announced-window': 422,
  'environment-mismatch': 422,
  'planned-t0': 422,
  'token-spent': 409,
  'body-malformed': 400,
  'body-too-large': 413,
  'content-type': 415,
  'parameter-invalid': 400,
  'idempotency-key-missing': 400,
  'idempotency-key-reused': 422,
  'idempotency-in-progress': 409,
  'cursor-invalid': 400,
  'route-unknown': 404,
  'method-not-allowed': 405,
  'run-unknown': 404,
  'run-ended': 409,
  'check-unknown': 404,
  'actor-ambiguous': 422,
  'trigger-unknown': 404,
  'check-proved-otherwise': 422,
  'evidence-type-unknown': 404,
  'evidence-type-ambiguous': 422,
  'evidence-unreadable': 422,
  'commit-mismatch': 422,
  'artifact-mismatch': 422,
  'component-unknown': 422,
  'evidence-time': 422,
  'attestation-validity': 422,
  'upload-unknown': 404,
  'upload-mismatch': 422,
  'evidence-not-standing': 422,
  'evidence-unknown': 404,
  'evidence-own': 403,
  'evidence-decided': 409,
  'limit-reached': 422,
  'part-unknown': 404,
  'waiver-not-allowed': 422,
  'not-applicable-not-allowed': 422,
  'nothing-to-revoke': 409,
  'deployment-order': 409,
  'rollback-before-deployment': 409,
  'drill-not-allowed': 409,
  'rollback-not-open': 409,
  'rollback-decided': 409,
  'step-not-waiting': 409,
  'step-attempt': 409,
  'step-answered': 409,
  'event-unknown': 422,
  'no-evidence': 422,
  'follow-up-unknown': 404,
  'follow-up-answer': 422,
  'follow-up-answered': 409,
  'follow-up-own': 403,
  'cancel-after-deployment': 409,
  'observation-unknown': 404,
  'words-unknown': 404,
  'approval-unknown': 404,
  'approval-closed': 410,
  'approval-answered': 409,
  'approval-not-invited': 403,
  'approval-second-role': 403,
  'approval-all-authors': 403,
  'approval-stale-report': 409,
  'approval-note': 422,
  'approval-confirmation': 422,
  'form-stale': 409,
  'approval-nonce': 403,
  'sign-in-time-missing': 401,
  'sign-in-stale': 403,
  't0-passed': 409,
  'freeze-unknown': 404,
  'incident-not-open': 409,
  'incident-resume-limit': 409,
  'definition-unknown': 404,
  'profile-invalid': 422,
  'profile-unknown': 422,
  'profile-outdated': 409,
  'profile-own': 403,
  'profile-answered': 409,
};

/** What a caller learns about a fault: no internals, only whether to retry. */
export const faultTitles = {
  fault: 'Internal error',
  busy: 'Too many concurrent writes',
  unavailable: 'Identity cannot be checked now',
  'roster-unusable': 'People of this stage cannot be read',
  'trail-damaged': 'Audit trail damaged',
} as const;
export type FaultType = keyof typeof faultTitles;

const faults: Readonly<Record<FaultType, { readonly status: number; readonly detail: string; readonly fix: string }>> = {
  fault: {
    status: 500,
    detail: 'Holdpoint failed to complete the request. It may or may not have been recorded.',
    fix: 'Send it again with the same Idempotency-Key, which records it once. If it keeps failing, give the value of `instance` to the operators.',
  },
  busy: {
    status: 503,
    detail: 'Other requests wrote to the same place first, at every attempt.',
    fix: 'Send the request again in a moment, with the same Idempotency-Key.',
  },
  unavailable: {
    status: 503,
    detail: 'Holdpoint could not check who you are, because the identity provider or the key service did not answer.',
    fix: 'Send the request again in a moment.',
  },
  'roster-unusable': {
    status: 503,
    detail: 'Holdpoint cannot read the people of this stage, so it lets nobody in.',
    fix: 'Ask the owner of this stage to upload the roster, as the README says under "Deploy"; the log of the function says what is wrong.',
  },
  'trail-damaged': {
    status: 500,
    detail: 'Stored data of this run contradicts its own hashes, so Holdpoint neither reads nor records anything on it.',
    fix: 'Do not retry and do not change anything. Give the value of `instance` to the operators: their log says which item is damaged.',
  },
};

export const faultStatus = (type: FaultType): number => faults[type].status;

/** RFC 9457. `instance` names the request, for the operators' logs. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    got: z.string().optional(),
    expected: z.string().optional(),
    fix: z.string().optional(),
    mistakes: z
      .array(z.object({ line: z.int(), column: z.int(), member: z.string(), message: z.string() }))
      .readonly()
      .optional()
      .meta({ description: 'Everything that is wrong in the file that was sent, with line and column from 1.' }),
    instance: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document: what was wrong, what Holdpoint got, what it expected, what to do.' });
export type Problem = z.infer<typeof problemSchema>;

export const problemContentType = 'application/problem+json';

/** Stable once published: clients switch on it. */
export const problemType = (type: RefusalType | FaultType): string => `https://holdpoint.dev/problems/${type}`;

const instanceOf = (request: string): string => `urn:holdpoint:request:${encodeURIComponent(request)}`;

export const problemOf = (refusal: Refusal, request: string): Problem => ({
  type: problemType(refusal.type),
  title: refusalTitles[refusal.type],
  status: refusalStatus[refusal.type],
  detail: refusal.detail,
  ...(refusal.got === undefined ? {} : { got: refusal.got }),
  ...(refusal.expected === undefined ? {} : { expected: refusal.expected }),
  ...(refusal.fix === undefined ? {} : { fix: refusal.fix }),
  ...(refusal.mistakes === undefined ? {} : { mistakes: refusal.mistakes }),
  instance: instanceOf(request),
});

export const faultProblem = (type: FaultType, request: string): Problem => ({
  type: problemType(type),
  title: faultTitles[type],
  ...faults[type],
  instance: instanceOf(request),
});

/** How long a caller's own text may come back in a refusal. */
const echo = 120;

/** A caller's text, cut and made printable, so that `got` repeats no more than needed. */
export const shown = (text: string): string => {
  const printable = text.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}');
  return printable.length > echo ? `${printable.slice(0, echo)}… (${counted(printable.length, 'character')})` : printable;
};

/** The issues of a schema as a refusal that names the field. It describes the first issue and counts the others. */
export const refusalOf = (type: 'body-malformed' | 'parameter-invalid', error: z.core.$ZodError, input: unknown): Refusal => {
  const issue = error.issues[0];
  if (issue === undefined) return { type, detail: 'The input is not valid.' };
  const more = error.issues.length - 1;
  const suffix = more === 0 ? '' : ` (and ${more} more)`;
  if (issue.code === 'unrecognized_keys') {
    return {
      type,
      detail: `${whereOf(issue.path)} has an unknown field: ${shown(issue.keys.join(', '))}${suffix}.`,
      got: shown(issue.keys.join(', ')),
      expected: 'only the fields of the OpenAPI document',
      fix: 'Remove the field; GET /v1/openapi.json lists the known ones.',
    };
  }
  const got = valueAt(input, issue.path);
  const expected = expectedBy(issue, 'an object');
  return {
    type,
    detail: `${whereOf(issue.path)} is not valid: ${hasOwnWords(issue) ? issue.message : `expected ${expected}`}${suffix}.`,
    got: got === undefined ? 'nothing' : shown(typeof got === 'string' ? got : JSON.stringify(got)),
    expected,
    fix: correctField,
  };
};

const whereOf = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'The input' : `The field ${path.map(String).join('.')}`);

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
