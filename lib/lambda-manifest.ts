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
  /** The records of ended sessions, which lie in the table of the idempotency keys. */
  | 'ended-sessions'
  | 'evidence'
  | 'evidence-objects'
  | 'run-objects'
  | 'definition-objects'
  /** The one object that holds the people of the stage. */
  | 'roster-object'
  | 'tokens-key'
  | 'session-key'
  | 'cursor-key'
  | 'people-key'
  | 'reconciler-key'
  | 'reconciler'
  | 'collector'
  | 'actuator'
  | 'pager'
  | 'redriven-functions'
  | 'dead-letter-queues'
  | 'parked-messages'
  /** What the targets of the stage name for the actuators; nothing where they name none. */
  | 'target-aliases'
  | 'target-versions'
  | 'target-services'
  | 'target-functions'
  | 'target-roles'
  /** Holdpoint's bus, on a stage that asks for steps by events. */
  | 'bus'
  /** What the stage file names of the released services, where Holdpoint reads it with its own rights. */
  | 'observed-figures'
  | 'observed-functions'
  | 'observed-services'
  | 'observed-tasks'
  | 'observed-clusters'
  | 'observed-definitions'
  /** The roles that it takes in other accounts. */
  | 'observed-roles'
  | 'machine'
  | 'executions'
  | 'mail'
  | 'schedules'
  | 'schedule-role'
  /** The secret of the web client; no resource on a stage whose client has none, and then no grant. */
  | 'client-secret';
export type Grant = { readonly on: Target; readonly actions: readonly string[] };

/** Names of environment variables. The stack has a value for each; a function gets those that it lists. */
export type Variable =
  | 'AUDIT_TABLE'
  | 'RUNS_TABLE'
  | 'PEOPLE_TABLE'
  | 'TOKENS_TABLE'
  | 'IDEMPOTENCY_TABLE'
  | 'EVIDENCE_BUCKET'
  | 'ROSTER_BUCKET'
  | 'STATE_MACHINE_ARN'
  | 'RECONCILER_FUNCTION'
  | 'COLLECTOR_FUNCTION'
  | 'ACTUATOR_FUNCTION'
  | (typeof deadLetterVariables)[number]
  | (typeof receiverVariables)[number]
  /** Holdpoint's bus. */
  | 'BUS_NAME'
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
  /** Whether it has a fixed name: the reconciler calls it and it calls the reconciler, or people call it by its name. */
  readonly named?: true;
  /** Whether gates are settled by it: a stage may reserve executions for it. */
  readonly settlesGates?: true;
  /** Upper limit of its bundle, in bytes. */
  readonly bundleLimit: number;
};

/** The queues of dead messages, and whose they may be: the functions, and the topics that functions subscribe to. */
const deadLetterVariables = ['UNDELIVERED_EVENTS_URL', 'FAILED_INVOCATIONS_URL', 'PARKED_MESSAGES_URL'] as const;
const receiverVariables = ['FEED_FUNCTION', 'MAILER_FUNCTION', 'ALARM_TOPIC_ARN', 'OPERATIONS_TOPIC_ARN'] as const;

/** The variables of every function that reads the trail: it verifies the MACs of the events. */
const trail = ['AUDIT_TABLE', 'PEOPLE_KEY_ID', 'RECONCILER_KEY_ID'] as const;

/** The variables of a function that performs commands. */
const commandVariables = [
  ...trail,
  'RUNS_TABLE',
  'PEOPLE_TABLE',
  'IDEMPOTENCY_TABLE',
  'EVIDENCE_BUCKET',
  'ROSTER_BUCKET',
  'RECONCILER_FUNCTION',
] as const;

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
const writeEvidence: readonly Grant[] = [...readEvidence, { on: 'run-objects', actions: ['s3:PutObject'] }];
/** Who starts a run publishes the checklist that the run pins. */
const publishDefinitions: Grant = { on: 'definition-objects', actions: ['s3:PutObject'] };
/** Whom it names may sign in and sign: a function that meets no person does not read it. */
const readRoster: Grant = { on: 'roster-object', actions: ['s3:GetObject'] };
/** One call of the API needs both: SES checks the second when the mail is sent as MIME. */
const sendMail: Grant = { on: 'mail', actions: ['ses:SendEmail', 'ses:SendRawEmail'] };
const invokeReconciler: Grant = { on: 'reconciler', actions: ['lambda:InvokeFunction'] };

/** An action stands here because an adapter of the function calls it. Only `PartiQLInsert` writes the trail. */
export const functions = {
  'api-authorizer': {
    variables: ['SESSION_KEY_ID', 'IDEMPOTENCY_TABLE', 'ROSTER_BUCKET'],
    grants: [readRoster, { on: 'session-key', actions: ['kms:VerifyMac'] }, { on: 'ended-sessions', actions: ['dynamodb:GetItem'] }],
    mebibytes: 512,
    // Less than the ten seconds that API Gateway waits for an authorizer, so that its last word is ours.
    seconds: 9,
    invoked: 'synchronously',
    bundleLimit: 500_000,
  },
  'api-ci': {
    variables: [...commandVariables, 'STATE_MACHINE_ARN'],
    grants: [
      readRoster,
      appendTrail,
      ...verifyMacs(),
      idempotencyKeys,
      ...writeEvidence,
      publishDefinitions,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
      // An insert replaces nothing and returns nothing, so it is no way to read or destroy a text whose digest is known.
      { on: 'people', actions: ['dynamodb:PartiQLInsert'] },
      { on: 'machine', actions: ['states:StartExecution'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 1_200_000,
  },
  'api-people': {
    variables: [...commandVariables, 'SESSION_KEY_ID'],
    grants: [
      readRoster,
      appendTrail,
      ...verifyMacs('people-key'),
      idempotencyKeys,
      ...writeEvidence,
      invokeReconciler,
      // It looks for the open runs of an environment that somebody has freed or explained.
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      // Approvers read the texts behind waivers and attestations.
      { on: 'people', actions: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert'] },
      { on: 'session-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
      { on: 'client-secret', actions: ['secretsmanager:GetSecretValue'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 1_200_000,
  },
  'api-audit': {
    variables: [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'EVIDENCE_BUCKET', 'ROSTER_BUCKET', 'CURSOR_KEY_ID'],
    grants: [
      readRoster,
      readTrail,
      ...verifyMacs(),
      ...readEvidence,
      { on: 'runs', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'] },
      // People who hold a role read what was written about a run.
      { on: 'people', actions: ['dynamodb:BatchGetItem'] },
      { on: 'cursor-key', actions: ['kms:GenerateMac', 'kms:VerifyMac'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 700_000,
  },
  'gate-opener': {
    variables: [...trail, 'RUNS_TABLE', 'TOKENS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:PutItem'] },
      // As with texts: it stores tokens and cannot read one back.
      { on: 'tokens', actions: ['dynamodb:PartiQLInsert'] },
      { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'] },
    ],
    mebibytes: 512,
    seconds: 30,
    settlesGates: true,
    invoked: 'synchronously',
    bundleLimit: 500_000,
  },
  'event-reconciler': {
    variables: [
      ...trail,
      'RUNS_TABLE',
      'TOKENS_TABLE',
      'EVIDENCE_BUCKET',
      'ROSTER_BUCKET',
      'STATE_MACHINE_ARN',
      'SCHEDULE_GROUP',
      'SCHEDULE_ROLE_ARN',
      'SCHEDULE_DLQ_ARN',
      'MAIL_SET',
      'COLLECTOR_FUNCTION',
      'ACTUATOR_FUNCTION',
      'OPERATIONS_TOPIC_ARN',
    ],
    grants: [
      readRoster,
      appendTrail,
      ...verifyMacs('reconciler-key'),
      ...readEvidence,
      invokeReconciler,
      { on: 'collector', actions: ['lambda:InvokeFunction'] },
      { on: 'actuator', actions: ['lambda:InvokeFunction'] },
      { on: 'pager', actions: ['sns:Publish'] },
      // The runs that wait for an environment are found among its open ones.
      {
        on: 'runs',
        actions: [
          'dynamodb:GetItem',
          'dynamodb:Query',
          'dynamodb:BatchGetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
        ],
      },
      { on: 'tokens', actions: ['dynamodb:Query'] },
      { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Decrypt'] },
      // It completes a start that broke off: an execution has the name of its run, so that a second start starts nothing.
      { on: 'machine', actions: ['states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure'] },
      { on: 'executions', actions: ['states:DescribeExecution'] },
      sendMail,
      { on: 'schedules', actions: ['scheduler:CreateSchedule'] },
      { on: 'schedule-role', actions: ['iam:PassRole'] },
    ],
    mebibytes: 1024,
    seconds: 120,
    settlesGates: true,
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
    variables: ['AUDIT_TABLE', 'RUNS_TABLE', 'RECONCILER_FUNCTION', ...deadLetterVariables, ...receiverVariables],
    grants: [
      invokeReconciler,
      { on: 'redriven-functions', actions: ['lambda:InvokeFunction'] },
      { on: 'dead-letter-queues', actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'] },
      { on: 'parked-messages', actions: ['sqs:SendMessage'] },
      // To rebuild the derived views it looks for the runs of the trail, and stores a due item for each.
      { on: 'audit', actions: ['dynamodb:Scan'] },
      { on: 'runs', actions: ['dynamodb:Query', 'dynamodb:PutItem'] },
    ],
    mebibytes: 512,
    seconds: 30,
    settlesGates: true,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
  },
  'event-collector': {
    variables: [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      ...writeEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { on: 'observed-figures', actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory', 'cloudwatch:GetMetricData'] },
      { on: 'observed-functions', actions: ['lambda:GetAlias', 'lambda:GetFunctionConfiguration'] },
      { on: 'observed-services', actions: ['ecs:DescribeServices'] },
      { on: 'observed-clusters', actions: ['ecs:ListTasks'] },
      { on: 'observed-tasks', actions: ['ecs:DescribeTasks'] },
      { on: 'observed-definitions', actions: ['ecs:DescribeTaskDefinition'] },
      { on: 'observed-roles', actions: ['sts:AssumeRole'] },
    ],
    mebibytes: 512,
    // It watches a service for the first window of a rollback's last step, four minutes at most.
    seconds: 300,
    invoked: 'asynchronously',
    named: true,
    bundleLimit: 900_000,
  },
  'event-actuator': {
    variables: [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION', 'BUS_NAME'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { on: 'target-aliases', actions: ['lambda:GetAlias', 'lambda:UpdateAlias'] },
      { on: 'target-versions', actions: ['lambda:GetFunctionConfiguration'] },
      { on: 'target-services', actions: ['ecs:DescribeServices', 'ecs:UpdateService'] },
      { on: 'target-functions', actions: ['lambda:InvokeFunction'] },
      { on: 'target-roles', actions: ['sts:AssumeRole'] },
      { on: 'bus', actions: ['events:PutEvents'] },
    ],
    mebibytes: 512,
    // A minute of retries, and a function that takes its 90 seconds.
    seconds: 180,
    invoked: 'asynchronously',
    named: true,
    bundleLimit: 700_000,
  },
  'rollback-declarer': {
    variables: [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs('reconciler-key'),
      ...readEvidence,
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { on: 'people', actions: ['dynamodb:PartiQLInsert'] },
    ],
    mebibytes: 512,
    seconds: 30,
    // By people with credentials of the account, when they cannot sign in.
    invoked: 'synchronously',
    named: true,
    bundleLimit: 500_000,
  },
  'alarm-mailer': {
    variables: ['ROSTER_BUCKET', 'MAIL_SET'],
    grants: [readRoster, sendMail],
    mebibytes: 512,
    seconds: 60,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
  },
} as const satisfies Readonly<Record<string, FunctionFacts>>;

export type FunctionName = keyof typeof functions;
export const functionNames = Object.keys(functions) as readonly FunctionName[];
export const factsOf = (name: FunctionName): FunctionFacts => functions[name];

const inserts = ({ grants }: FunctionFacts, on: Target): boolean =>
  grants.some((grant) => grant.on === on && grant.actions.includes('dynamodb:PartiQLInsert'));

/** The functions that may insert into the trail. The table's own policy denies it to everybody else. */
export const trailWriters = functionNames.filter((name) => inserts(factsOf(name), 'audit'));
export const rosterReaders = functionNames.filter((name) => factsOf(name).grants.some(({ on }) => on === 'roster-object'));
/** The functions that may publish a checklist. The bucket's own policy denies it to everybody else. */
export const definitionWriters = functionNames.filter((name) => factsOf(name).grants.some(({ on }) => on === 'definition-objects'));
