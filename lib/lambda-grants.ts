/** What a function can have: resources, permissions and variables, as plain data without imports. `lambda-manifest.ts` says which has what. */

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
  | 'service-objects'
  | 'definition-objects'
  | 'profile-objects'
  /** The bucket of uploads, and what lies in it. */
  | 'intake'
  | 'intake-objects'
  /** How uploads stand, and the counters of what callers store: both lie in the table of the idempotency keys. */
  | 'uploads'
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
  | 'observed-histories'
  /** The roles that it takes in other accounts. */
  | 'observed-roles'
  | 'machine'
  | 'executions'
  | 'mail'
  | 'schedules'
  | 'schedule-role'
  /** The secret of the web client; no resource on a stage whose client has none, and then no grant. */
  | 'client-secret'
  /** The address of the chat channel; no resource on a stage without one. */
  | 'chat-secret'
  /** With which pipelines are called and jobs are answered; no resource on a stage without any. */
  | 'callback-secrets'
  /** With which GitHub signs its webhooks; no resource on a stage without protection rules. */
  | 'webhook-secrets';
export type Grant = { readonly on: Target; readonly actions: readonly string[] };

/** Names of environment variables. The stack has a value for each; a function gets those that it lists. */
export type Variable =
  | 'AUDIT_TABLE'
  | 'RUNS_TABLE'
  | 'PEOPLE_TABLE'
  | 'TOKENS_TABLE'
  | 'IDEMPOTENCY_TABLE'
  | 'EVIDENCE_BUCKET'
  | 'INTAKE_BUCKET'
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
  /** Upper limit of the code that a start of it loads, in bytes. */
  readonly bundleLimit: number;
  /** Upper limit of the code that it loads when it needs it, in bytes. Undefined: its code is one file. */
  readonly onDemandLimit?: number;
};

/** The queues of dead messages, and whose they may be: the functions, and the topics that functions subscribe to. */
export const deadLetterVariables = ['UNDELIVERED_EVENTS_URL', 'FAILED_INVOCATIONS_URL', 'PARKED_MESSAGES_URL'] as const;
export const receiverVariables = [
  'FEED_FUNCTION',
  'UPLOAD_FUNCTION',
  'MAILER_FUNCTION',
  'COLLECTOR_FUNCTION',
  'ACTUATOR_FUNCTION',
  'ALARM_TOPIC_ARN',
  'OPERATIONS_TOPIC_ARN',
] as const;

/** The variables of every function that reads the trail: it verifies the MACs of the events. */
export const trail = ['AUDIT_TABLE', 'PEOPLE_KEY_ID', 'RECONCILER_KEY_ID'] as const;

/** The variables of a function that performs commands. */
export const commandVariables = [
  ...trail,
  'RUNS_TABLE',
  'PEOPLE_TABLE',
  'IDEMPOTENCY_TABLE',
  'EVIDENCE_BUCKET',
  'ROSTER_BUCKET',
  'RECONCILER_FUNCTION',
] as const;

/** Every reader of the trail verifies with both keys; `signs` is the key with which the function also signs. */
export const verifyMacs = (signs?: 'people-key' | 'reconciler-key'): readonly Grant[] =>
  (['people-key', 'reconciler-key'] as const).map((on) => ({
    on,
    actions: on === signs ? ['kms:GenerateMac', 'kms:VerifyMac'] : ['kms:VerifyMac'],
  }));
export const appendTrail: Grant = { on: 'audit', actions: ['dynamodb:PartiQLInsert', 'dynamodb:Query'] };
export const readTrail: Grant = { on: 'audit', actions: ['dynamodb:Query'] };
export const idempotencyKeys: Grant = {
  on: 'idempotency',
  actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
};
/** Without ListBucket S3 answers "denied" for a missing object instead of "not found". */
export const readEvidence: readonly Grant[] = [
  { on: 'evidence', actions: ['s3:ListBucket'] },
  { on: 'evidence-objects', actions: ['s3:GetObject'] },
];
export const writeEvidence: readonly Grant[] = [...readEvidence, { on: 'run-objects', actions: ['s3:PutObject'] }];
/** Who starts or lists runs, and keeps their places: the open ones of a service or an environment are found among them. */
export const keepRuns: Grant = {
  on: 'runs',
  actions: [
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:BatchGetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
  ],
};
/** What is given for a service as a whole. */
export const writeServiceEvidence: Grant = { on: 'service-objects', actions: ['s3:PutObject'] };
/** A recheck stands before every append, and goes when it was made. */
export const keepDueItems: Grant = { on: 'runs', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] };
/** As with evidence: without ListBucket a missing object is "denied". */
export const takeUploads: readonly Grant[] = [
  { on: 'uploads', actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'] },
  { on: 'intake', actions: ['s3:ListBucket'] },
  { on: 'intake-objects', actions: ['s3:GetObject', 's3:DeleteObject'] },
];
/** Who starts a run publishes the checklist that the run pins, and who proposes a profile the definition that it gives. */
export const publishDefinitions: Grant = { on: 'definition-objects', actions: ['s3:PutObject'] };
/** Who proposes a profile keeps it, beside the definition that it gives. */
export const keepProfiles: Grant = { on: 'profile-objects', actions: ['s3:PutObject'] };
/** Whom it names may sign in and sign: a function that meets no person does not read it. */
export const readRoster: Grant = { on: 'roster-object', actions: ['s3:GetObject'] };
/** One call of the API needs both: SES checks the second when the mail is sent as MIME. */
export const sendMail: Grant = { on: 'mail', actions: ['ses:SendEmail', 'ses:SendRawEmail'] };
export const invokeReconciler: Grant = { on: 'reconciler', actions: ['lambda:InvokeFunction'] };
