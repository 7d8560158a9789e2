/**
 * Every Lambda function: what it reads from its environment, what its role permits, and its limits. Plain data, because the
 * stack makes the functions from it and the functions read their variables by it. The name is that of the entry file under `lambdas/`.
 */

import {
  appendTrail,
  commandVariables,
  deadLetterVariables,
  type FunctionFacts,
  idempotencyKeys,
  invokeReconciler,
  keepDueItems,
  keepProfiles,
  keepRuns,
  publishDefinitions,
  readEvidence,
  readRoster,
  readTrail,
  receiverVariables,
  sendMail,
  type Target,
  takeUploads,
  trail,
  verifyMacs,
  writeEvidence,
  writeServiceEvidence,
} from './lambda-grants.ts';

export type { FunctionFacts, Grant, Target, Variable } from './lambda-grants.ts';

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
    variables: [...commandVariables, 'INTAKE_BUCKET', 'STATE_MACHINE_ARN'],
    grants: [
      readRoster,
      appendTrail,
      ...verifyMacs(),
      idempotencyKeys,
      ...writeEvidence,
      writeServiceEvidence,
      publishDefinitions,
      // The addresses that it signs have its rights, so they allow this one thing.
      { on: 'intake-objects', actions: ['s3:PutObject'] },
      invokeReconciler,
      // It looks for the open runs of a service for which somebody has given evidence.
      keepRuns,
      // An insert replaces nothing and returns nothing, so it is no way to read or destroy a text whose digest is known.
      { on: 'people', actions: ['dynamodb:PartiQLInsert'] },
      { on: 'machine', actions: ['states:StartExecution'] },
    ],
    mebibytes: 1024,
    seconds: 29,
    invoked: 'synchronously',
    bundleLimit: 652_000,
    onDemandLimit: 548_000,
  },
  'api-people': {
    variables: [...commandVariables, 'SESSION_KEY_ID'],
    grants: [
      readRoster,
      appendTrail,
      ...verifyMacs('people-key'),
      idempotencyKeys,
      ...writeEvidence,
      publishDefinitions,
      keepProfiles,
      writeServiceEvidence,
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
    bundleLimit: 800_000,
  },
  'api-webhooks': {
    variables: [...trail, 'RUNS_TABLE', 'RECONCILER_FUNCTION'],
    grants: [
      appendTrail,
      ...verifyMacs(),
      invokeReconciler,
      { on: 'runs', actions: ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { on: 'webhook-secrets', actions: ['secretsmanager:GetSecretValue'] },
    ],
    mebibytes: 512,
    // GitHub waits for ten seconds.
    seconds: 9,
    invoked: 'synchronously',
    bundleLimit: 500_000,
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
      'PEOPLE_TABLE',
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
      keepRuns,
      // A mail that asks for an approval says why the release is made and what was written about its exceptions.
      { on: 'people', actions: ['dynamodb:BatchGetItem'] },
      { on: 'tokens', actions: ['dynamodb:Query'] },
      { on: 'tokens-key', actions: ['kms:DescribeKey', 'kms:Decrypt'] },
      // It completes a start that broke off: an execution has the name of its run, so that a second start starts nothing.
      { on: 'machine', actions: ['states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure'] },
      { on: 'executions', actions: ['states:DescribeExecution'] },
      sendMail,
      { on: 'chat-secret', actions: ['secretsmanager:GetSecretValue'] },
      { on: 'callback-secrets', actions: ['secretsmanager:GetSecretValue'] },
      { on: 'schedules', actions: ['scheduler:CreateSchedule'] },
      { on: 'schedule-role', actions: ['iam:PassRole'] },
    ],
    // It waits for tables and keys, and folds a run in milliseconds: half the memory takes a little longer and costs half.
    mebibytes: 512,
    seconds: 120,
    settlesGates: true,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
    onDemandLimit: 260_000,
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
  'event-upload': {
    variables: [...trail, 'RUNS_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'INTAKE_BUCKET', 'RECONCILER_FUNCTION'],
    grants: [appendTrail, ...verifyMacs(), ...writeEvidence, ...takeUploads, keepDueItems, invokeReconciler],
    // A whole processor, because a report of 50 MB is parsed in seconds then, and its sender waits.
    mebibytes: 1769,
    seconds: 120,
    invoked: 'asynchronously',
    bundleLimit: 500_000,
    // The parser of every type, as the API's function for CI.
    onDemandLimit: 540_000,
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
      { on: 'observed-histories', actions: ['autoscaling:DescribeScalingActivities', 'rds:DescribeEvents'] },
      { on: 'observed-roles', actions: ['sts:AssumeRole'] },
    ],
    mebibytes: 512,
    // It watches a service for the first window of a rollback's last step, four minutes at most.
    seconds: 300,
    invoked: 'asynchronously',
    named: true,
    bundleLimit: 500_000,
    onDemandLimit: 130_000,
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
    bundleLimit: 500_000,
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
/** The same of profiles. */
export const profileWriters = functionNames.filter((name) => factsOf(name).grants.some(({ on }) => on === 'profile-objects'));
