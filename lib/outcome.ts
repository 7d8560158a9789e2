/**
 * An expected "no". It is a value, never thrown: what was wrong, what was got, what was expected, and what to do.
 * The API turns it into an RFC 9457 problem document; `lib/api/problem.ts` gives every type its HTTP status.
 */
export type Refusal = {
  readonly type: RefusalType;
  /** What was wrong, in one sentence. */
  readonly detail: string;
  readonly got?: string;
  readonly expected?: string;
  /** What the caller can do about it. */
  readonly fix?: string;
};

/** The closed list of refusals with their short, stable titles. The key is the last part of the problem's `type`. */
export const refusalTitles = {
  unauthenticated: 'Sign-in needed',
  'token-invalid': 'Token not accepted',
  'token-expired': 'Token expired',
  'token-foreign': 'Token of an issuer that is not trusted',
  'token-audience': 'Token made for another audience',
  'identity-unmapped': 'Identity without a role here',
  'role-missing': 'Role not held',
  'starter-excluded': 'The starter of a run may not do this',
  'starter-unmapped': 'CI identity without a person behind it',
  'environment-unknown': 'No such environment in this stage',
  'planned-t0': 'A planned T0 that nobody can wait for',
  'token-spent': 'This token has started a run already',
  'body-malformed': 'Body not understood',
  'body-too-large': 'Body too large',
  'content-type': 'Content type not accepted',
  'parameter-invalid': 'Parameter not understood',
  'idempotency-key-missing': 'Idempotency-Key missing',
  'idempotency-key-reused': 'Idempotency-Key used for another request',
  'idempotency-in-progress': 'The first request with this key is still at work',
  'cursor-invalid': 'Cursor not understood',
  'route-unknown': 'No such route',
  'method-not-allowed': 'Method not allowed here',
  'run-unknown': 'No such run',
  'run-ended': 'The run has ended',
  'check-unknown': 'No such check in the checklist',
  'check-proved-otherwise': 'The check is proved another way',
  'evidence-type-unknown': 'No such evidence type',
  'evidence-unreadable': 'Evidence not readable',
  'commit-mismatch': 'Evidence of another commit',
  'artifact-mismatch': 'Evidence of another artifact',
  'component-unknown': 'No such component in the run',
  'evidence-time': 'Evidence with an impossible time',
  'waiver-not-allowed': 'The check may not be waived so',
  'not-applicable-not-allowed': 'The check may not be declared not applicable',
  'deployment-order': 'Deployment report out of order',
  'rollback-before-deployment': 'Nothing is deployed yet',
  'cancel-after-deployment': 'The deployment has started',
  'observation-unknown': 'No such observation',
  'approval-unknown': 'No such approval request',
  'approval-closed': 'The approval is closed',
  'approval-answered': 'Answered already',
  'approval-not-invited': 'Not invited to this approval',
  'approval-second-role': 'One person, one role',
  'approval-stale-report': 'The gate report has changed',
  'approval-confirmation': 'Confirmation code wrong',
  'approval-nonce': 'Form out of date',
  'sign-in-stale': 'Sign-in too long ago',
  'incident-not-open': 'No open incident',
  'incident-resume-limit': 'The run was resumed too often',
  'definition-unknown': 'No such checklist definition',
} as const;

export type RefusalType = keyof typeof refusalTitles;

export type Outcome<T> = { readonly ok: T; readonly refused?: never } | { readonly refused: Refusal; readonly ok?: never };

export const ok = <T>(value: T): Outcome<T> => ({ ok: value });

export const refuse = (type: RefusalType, detail: string, more: Omit<Refusal, 'type' | 'detail'> = {}): { refused: Refusal } => ({
  refused: { type, detail, ...more },
});

/** Another writer was faster, every time that we tried. The caller may try again later. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** A stored chain is broken. Stop, alarm, never retry. */
export class IntegrityFault extends Error {
  override readonly name = 'IntegrityFault';
}
