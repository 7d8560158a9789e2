/**
 * An expected "no" of Holdpoint: what was wrong, what it got, what it expected, and what the caller can do. It is a value and never thrown.
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
  /** Everything that is wrong in a file, with its place. */
  readonly mistakes?: readonly Mistake[];
};

/** What is wrong at one place of a file. Line and column count from 1; both are 0 where the file itself is not at hand. */
export type Mistake = { readonly line: number; readonly column: number; readonly member: string; readonly message: string };

/** The closed list of refusals with their short, stable titles. The key is the last part of the problem's `type`. */
export const refusalTitles = {
  unauthenticated: 'Authentication required',
  'token-invalid': 'Token not accepted',
  'token-expired': 'Token expired',
  'issuer-untrusted': 'Token issuer not trusted',
  'token-audience': 'Token for another audience',
  'identity-unmapped': 'Identity not configured',
  'role-missing': 'Role required',
  'starter-excluded': 'Not allowed for the starter of the run',
  'starter-unmapped': 'Starter of the CI job not in the roster',
  'signers-too-few': 'Too few people to sign the release',
  'service-unknown': 'Service not found',
  'environment-unknown': 'Environment not found',
  'environment-free': 'Environment already free',
  'environment-in-use': 'Environment in use',
  'target-known': 'Rollback target already known',
  'change-unknown': 'Change not found',
  'announced-subject': 'Nothing that can be announced',
  'alarm-unnamed': 'Alarm not named',
  'announced-window': 'Window of the announcement not possible',
  'environment-mismatch': 'Environment does not match the run',
  'planned-t0': 'Planned T0 not possible',
  't0-passed': 'T0 has come',
  'freeze-unknown': 'Freeze not found',
  'token-spent': 'Token already used to start a run',
  'body-malformed': 'Request body invalid',
  'body-too-large': 'Request body too large',
  'content-type': 'Content type not supported',
  'parameter-invalid': 'Parameter invalid',
  'idempotency-key-missing': 'Idempotency-Key missing',
  'idempotency-key-reused': 'Idempotency-Key used for another request',
  'idempotency-in-progress': 'First request with this Idempotency-Key not finished',
  'cursor-invalid': 'Cursor invalid',
  'route-unknown': 'Route not found',
  'method-not-allowed': 'Method not allowed',
  'run-unknown': 'Run not found',
  'run-ended': 'Run has ended',
  'check-unknown': 'Check not found',
  'actor-ambiguous': 'Actor not clear',
  'trigger-unknown': 'Rollback trigger not found',
  'check-proved-otherwise': 'Check needs another kind of proof',
  'evidence-type-unknown': 'Evidence type not found',
  'evidence-type-ambiguous': 'Evidence type not clear',
  'evidence-unreadable': 'Evidence not readable',
  'commit-mismatch': 'Evidence for another commit',
  'artifact-mismatch': 'Artifact does not match the run',
  'component-unknown': 'Component not part of the run',
  'evidence-time': 'Evidence time not accepted',
  'attestation-validity': 'Validity of the attestation not possible',
  'upload-unknown': 'Upload not found',
  'upload-mismatch': 'Upload is not what was announced',
  'evidence-not-standing': 'Evidence does not stand for a service',
  'evidence-unknown': 'Evidence not found',
  'evidence-own': 'Not allowed for the person who gave it',
  'evidence-decided': 'Evidence already decided about',
  'limit-reached': 'Limit reached',
  'waiver-not-allowed': 'Waiver not allowed',
  'not-applicable-not-allowed': 'Not-applicable declaration not allowed',
  'part-unknown': 'Part of the check not found',
  'nothing-to-revoke': 'Nothing to revoke',
  'deployment-order': 'Deployment report out of order',
  'rollback-before-deployment': 'No deployment to roll back',
  'drill-not-allowed': 'Drill not allowed',
  'rollback-not-open': 'No rollback to decide about',
  'rollback-decided': 'Rollback already decided',
  'step-not-waiting': 'Step does not wait for this',
  'step-attempt': 'Not the current attempt of the step',
  'step-answered': 'Step already answered',
  'event-unknown': 'Event not part of the run',
  'no-evidence': 'Nothing named that shows the trigger',
  'follow-up-unknown': 'Follow-up not found',
  'follow-up-answer': 'Answer does not fit the follow-up',
  'follow-up-answered': 'Follow-up already answered',
  'follow-up-own': 'Not allowed for the person who used the power',
  'cancel-after-deployment': 'Deployment already started',
  'observation-unknown': 'Observation not found',
  'words-unknown': 'Text not found',
  'approval-unknown': 'Approval request not found',
  'approval-closed': 'Approval request closed',
  'approval-answered': 'Approval already answered',
  'approval-not-invited': 'Not invited to answer',
  'approval-second-role': 'Already answered in another role',
  'approval-all-authors': 'Signer needed who is no author',
  'approval-stale-report': 'Gate report has changed',
  'approval-note': 'Note missing',
  'approval-confirmation': 'Confirmation code wrong',
  'form-stale': 'Run has changed since the page was shown',
  'approval-nonce': 'Form expired or not valid here',
  'sign-in-time-missing': 'Time of the sign-in unknown',
  'sign-in-stale': 'Recent sign-in required',
  'incident-not-open': 'No open incident',
  'incident-resume-limit': 'Run resumed too many times',
  'definition-unknown': 'Checklist definition not found',
  'profile-invalid': 'Profile not accepted',
  'profile-unknown': 'Profile not registered',
  'profile-outdated': 'Checklist has changed since the proposal',
  'profile-own': 'Not allowed for the person who proposed the profile',
  'profile-answered': 'Profile already answered',
} as const;

export type RefusalType = keyof typeof refusalTitles;

export type Outcome<T> = { readonly ok: T; readonly refused?: never } | { readonly refused: Refusal; readonly ok?: never };

export const ok = <T>(value: T): Outcome<T> => ({ ok: value });

export const refuse = (type: RefusalType, detail: string, more: Omit<Refusal, 'type' | 'detail'> = {}): { refused: Refusal } => ({
  refused: { type, detail, ...more },
});

/** Other writers took the place at every attempt. The caller may retry later. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** Stored data contradicts its hashes. Stop and raise an alarm; never retry. */
export class IntegrityFault extends Error {
  override readonly name = 'IntegrityFault';
}
