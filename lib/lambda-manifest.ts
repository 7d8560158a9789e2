/**
 * Every Lambda function: what it reads from its environment, what its role permits, and its limits. Plain data without imports, because the
 * stack makes the functions from it and the functions read their variables by it. The name is that of the entry file under `lambdas/`.
 */

/** One resource of the stacks, or one group of them, that a grant can name. */
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

/** Names of environment variables. The stack has a value for each; a function gets those that it lists. */
export type Variable =
  | 'AUDIT_TABLE'
  | 'RUNS_TABLE'
  | 'PEOPLE_TABLE'
  | 'TOKENS_TABLE'
  | 'IDEMPOTENCY_TABLE'
  | 'EVIDENCE_BUCKET'
  | 'STATE_MACHINE_ARN'
  | 'RECONCILER_FUNCTION'
  | 'SCHEDULE_GROUP'
  | 'SCHEDULE_ROLE_ARN'
  | 'SCHEDULE_DLQ_ARN'
  /** The configuration set that every mail names. */
  | 'MAIL_SET'
  /** Signs sessions, login states and form nonces: the people function signs and verifies, the authorizer verifies. */
  | 'SESSION_KEY_ID'
  /** Signs cursors. Not the key of the sessions: the function that only reads must not be able to make a session. */
  | 'CURSOR_KEY_ID'
  /** Signs the audit events that only the people function may record. */
  | 'PEOPLE_KEY_ID'
  /** Signs the audit events that only the reconciler may record. */
  | 'RECONCILER_KEY_ID';

export type FunctionFacts = {
  readonly variables: readonly Variable[];
  /** Every permission of the function's role besides its own log, and the queue of failed invocations where it is invoked asynchronously. */
  readonly grants: readonly Grant[];
  /** Memory, which is its share of a processor, too. */
  readonly mebibytes: number;
  /** Its time limit. */
  readonly seconds: number;
  /** Asynchronous: no caller waits. Lambda retries twice, then the event goes to the queue of failed invocations. */
  readonly invoked: 'synchronously' | 'asynchronously';
  /** Upper limit of its bundle, in bytes. */
  readonly bundleLimit: number;
};

/** The variables of every function that reads the trail: it verifies the MACs of the events. */
const trail = ['AUDIT_TABLE', 'PEOPLE_KEY_ID', 'RECONCILER_KEY_ID'] as const;

/** Every reader of the trail verifies with both keys; `signs` is the key with which the function also signs. */
const verifyMacs = (signs?: 'people-key' | 'reconciler-key'): readonly Grant[] =>
  (['people-key', 'reconciler-key'] as const).map((on) => ({
    on,
    actions: on === signs ? ['kms:GenerateMac', 'kms:VerifyMac'] : ['kms:VerifyMac'],
  }));
const appendTrail: Grant = { on: 'audit', actions: ['dynamodb:PartiQLInsert', 'dynamodb:Query'] };
const readTrail: Grant = { on: 'audit', actions: ['dynamodb:Query'] };
const idempotencyKeys: Grant = {
  on: 'idempotency',
  actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
};
/** Without ListBucket S3 answers "denied" for a missing object instead of "not found". */
const readEvidence: readonly Grant[] = [
  { on: 'evidence', actions: ['s3:ListBucket'] },
  { on: 'evidence-objects', actions: ['s3:GetObject'] },
];
const writeEvidence: readonly Grant[] = [
  { on: 'evidence', actions: ['s3:ListBucket'] },
  { on: 'evidence-objects', actions: ['s3:GetObject', 's3:PutObject'] },
];
const invokeReconciler: Grant = { on: 'reconciler', actions: ['lambda:InvokeFunction'] };

/** An action stands here because an adapter of the function calls it. Only `PartiQLInsert` writes the trail. */
export const functions = {
  'api-authorizer': {
    variables: ['SESSION_KEY_ID'],
    grants: [{ on: 'session-key', actions: ['kms:VerifyMac'] }],
    mebibytes: 512,
    // API Gateway gives an authorizer ten seconds.
    seconds: 9,
    invoked: 'synchronously',
    bundleLimit: 500_000,
  },
  'api-ci': {
    variables: [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'STATE_MACHINE_ARN', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      idempotencyKeys,
      ...writeEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
      { on: 'people', actions: ['dynamodb:PutItem'] },
      { on: 'machine', actions: ['states:StartExecution'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 1_200_000,
  },
  'api-people': {
    variables: [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION', 'SESSION_KEY_ID'],
    grants: [
      appendTrail,
      ...verifyMacs('people-key'),
      idempotencyKeys,
      ...writeEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      // Approvers read the texts behind waivers and attestations.
      { on: 'people', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      { on: 'session-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 1_200_000,
  },
  'api-audit': {
    variables: [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'CURSOR_KEY_ID'],
    grants: [
      readTrail,
      ...verifyMacs(),
      ...readEvidence,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'] },
      { on: 'cursor-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 1_200_000,
  },
  'gate-opener': {
    variables: [...trail, 'RUNS_TABLE', 'TOKENS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:PutItem'] },
      { on: 'tokens', actions: ['dynamodb:PutItem'] },
      { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'] },
    ],
    mebibytes: 512,
    seconds: 30,
    invoked: 'synchronously',
    bundleLimit: 500_000,
  },
  'event-reconciler': {
    variables: [
      ...trail,
      'RUNS_TABLE',
      'TOKENS_TABLE',
      'EVIDENCE_BUCKET',
      'STATE_MACHINE_ARN',
      'SCHEDULE_GROUP',
      'SCHEDULE_ROLE_ARN',
      'SCHEDULE_DLQ_ARN',
      'MAIL_SET',
    ],
    grants: [
      appendTrail,
      ...verifyMacs('reconciler-key'),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
      { on: 'tokens', actions: ['dynamodb:GetItem'] },
      { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Decrypt'] },
      { on: 'machine', actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'] },
      { on: 'executions', actions: ['states:DescribeExecution'] },
      // One call of the API needs both: SES checks the second when the mail is sent as MIME.
      { on: 'mail', actions: ['ses:SendEmail', 'ses:SendRawEmail'] },
      { on: 'schedules', actions: ['scheduler:CreateSchedule'] },
      { on: 'schedule-role', actions: ['iam:PassRole'] },
    ],
    mebibytes: 1024,
    seconds: 120,
    invoked: 'asynchronously',
    // More than the other events' functions: it has the clients of six services, the whole checklist, and it writes mails.
    bundleLimit: 600_000,
  },
  'event-feed': {
    variables: [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
    ],
    mebibytes: 512,
    seconds: 60,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
  },
  'event-sweep': {
    variables: ['RUNS_TABLE', 'RECONCILER_FUNCTION'],
    grants: [invokeReconciler, { on: 'runs', actions: ['dynamodb:Query'] }],
    mebibytes: 512,
    seconds: 30,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
  },
} as const satisfies Readonly<Record<string, FunctionFacts>>;

export type FunctionName = keyof typeof functions;
export const functionNames = Object.keys(functions) as readonly FunctionName[];
/** The facts of a function, whichever it is. */
export const factsOf = (name: FunctionName): FunctionFacts => functions[name];
