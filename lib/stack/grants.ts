import type { FunctionName } from './bundle.ts';

/** What a grant is on. Each is one resource of the stacks, named by its ARN when the policies are written. */
export type Target =
  | 'audit'
  | 'runs'
  | 'people'
  | 'tokens'
  | 'idempotency'
  | 'evidence'
  | 'evidence-objects'
  | 'tokens-key'
  | 'session-key'
  | 'cursor-key'
  | 'people-key'
  | 'reconciler-key'
  | 'reconciler'
  | 'machine'
  | 'executions'
  | 'mail'
  | 'schedules'
  | 'schedule-role';
export type Grant = { readonly on: Target; readonly actions: readonly string[] };

/** Every reader of the trail verifies the MACs of both keys; `signs` names the key with which the function may sign. */
const verifyMacs = (signs?: 'people-key' | 'reconciler-key'): readonly Grant[] =>
  (['people-key', 'reconciler-key'] as const).map((on) => ({
    on,
    actions: on === signs ? ['kms:GenerateMac', 'kms:VerifyMac'] : ['kms:VerifyMac'],
  }));
const appendTrail: Grant = { on: 'audit', actions: ['dynamodb:PartiQLInsert', 'dynamodb:Query'] };
const readTrail: Grant = { on: 'audit', actions: ['dynamodb:Query'] };
const onceOnly: Grant = {
  on: 'idempotency',
  actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
};
const readEvidence: readonly Grant[] = [
  { on: 'evidence', actions: ['s3:ListBucket'] },
  { on: 'evidence-objects', actions: ['s3:GetObject'] },
];
const keepEvidence: readonly Grant[] = [
  { on: 'evidence', actions: ['s3:ListBucket'] },
  { on: 'evidence-objects', actions: ['s3:GetObject', 's3:PutObject'] },
];
const request: Grant = { on: 'reconciler', actions: ['lambda:InvokeFunction'] };

/**
 * Every permission that a function has, and no other: this table is the whole of it. An action stands here because an adapter of the
 * function calls it (ListBucket: without it S3 answers "denied" instead of "not there"). Only `PartiQLInsert` writes the trail.
 */
export const grants: Readonly<Record<FunctionName, readonly Grant[]>> = {
  'api-authorizer': [{ on: 'session-key', actions: ['kms:VerifyMac'] }],
  'api-ci': [
    appendTrail,
    ...verifyMacs(),
    onceOnly,
    ...keepEvidence,
    request,
    { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
    { on: 'people', actions: ['dynamodb:PutItem'] },
    { on: 'machine', actions: ['states:StartExecution'] },
  ],
  'api-people': [
    appendTrail,
    ...verifyMacs('people-key'),
    onceOnly,
    ...keepEvidence,
    request,
    { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
    // Read for approvers: they are shown the words behind waivers and attestations.
    { on: 'people', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
    { on: 'session-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
  ],
  'api-audit': [
    readTrail,
    ...verifyMacs(),
    ...readEvidence,
    { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'] },
    { on: 'cursor-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
  ],
  'task-opener': [
    appendTrail,
    ...verifyMacs(),
    ...readEvidence,
    request,
    { on: 'runs', actions: ['dynamodb:PutItem'] },
    { on: 'tokens', actions: ['dynamodb:PutItem'] },
    { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'] },
  ],
  'event-reconciler': [
    appendTrail,
    ...verifyMacs('reconciler-key'),
    ...readEvidence,
    request,
    { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
    { on: 'tokens', actions: ['dynamodb:GetItem'] },
    { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Decrypt'] },
    { on: 'machine', actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'] },
    { on: 'executions', actions: ['states:DescribeExecution'] },
    // One call of the API needs both: SES asks for the second when the mail is handed over as MIME.
    { on: 'mail', actions: ['ses:SendEmail', 'ses:SendRawEmail'] },
    { on: 'schedules', actions: ['scheduler:CreateSchedule'] },
    { on: 'schedule-role', actions: ['iam:PassRole'] },
  ],
  'event-feed': [
    appendTrail,
    ...verifyMacs(),
    ...readEvidence,
    request,
    { on: 'runs', actions: ['dynamodb:Query', 'dynamodb:BatchGetItem'] },
  ],
  'event-sweep': [request, { on: 'runs', actions: ['dynamodb:Query'] }],
};
