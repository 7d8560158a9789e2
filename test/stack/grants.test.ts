import { describe, expect, test } from 'vitest';
import { type FunctionName, factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { account, arnOf, dataResources, mayOf, policiesOf, region, resources, roleOf, roles, trailWriters } from './policies.ts';
import { allOf, asAdministrator, could, deployer, policyOf, tableActions } from './simulation.ts';
import { ofType, type Resource } from './synthesised.ts';

const own = (name: FunctionName): string[] => {
  const id = name.replaceAll('-', '');
  return [`Allow logs:CreateLogStream on logs log-group:${id}Logs:*`, `Allow logs:PutLogEvents on logs log-group:${id}Logs:*`];
};
const on = (resource: string, ...actions: string[]): string[] => actions.map((action) => `Allow ${action} on ${resource}`);
const table = (name: string, ...actions: string[]): string[] =>
  on(`dynamodb table/${name}Table`, ...actions.map((action) => `dynamodb:${action}`));
const readsEvidence = [...on('s3 evidencebucket', 's3:ListBucket'), ...on('s3 evidencebucket/*', 's3:GetObject')];
const writesEvidence = [...readsEvidence, ...on('s3 evidencebucket/run/*', 's3:PutObject')];
const writesOfServices = on('s3 evidencebucket/service/*', 's3:PutObject');
const requests = on('lambda function:eventreconcilerFunction', 'lambda:InvokeFunction');
/** Of the roster's bucket one object, and not its list. */
const readsRoster = on('s3 rosterbucket/roster.json', 's3:GetObject');
const mails = [
  ...on('ses identity/example.com', 'ses:SendEmail', 'ses:SendRawEmail'),
  ...on('ses identity/holdpoint@example.com', 'ses:SendEmail', 'ses:SendRawEmail'),
  ...on('ses configuration-set/holdpoint-production', 'ses:SendEmail', 'ses:SendRawEmail'),
];
const failed = on('sqs FailedInvocations', 'sqs:SendMessage');

/** Every function that reads the trail verifies who recorded its events; with the key of a kind only its own function signs. */
const verifies = ['People', 'Reconciler'].flatMap((key) => on(`kms key/${key}Key`, 'kms:VerifyMac'));
const expected: Readonly<Record<FunctionName, readonly string[]>> = {
  'api-authorizer': [...readsRoster, ...on('kms key/SessionKey', 'kms:VerifyMac'), ...table('Idempotency', 'GetItem')],
  'api-ci': [
    ...readsRoster,
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'Query', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('Idempotency', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('People', 'PartiQLInsert'),
    ...writesEvidence,
    ...writesOfServices,
    ...on('s3 evidencebucket/definitions/*', 's3:PutObject'),
    ...on('s3 intakebucket/upload/*', 's3:PutObject'),
    ...requests,
    ...on('states stateMachine:holdpoint-production', 'states:StartExecution'),
  ],
  'api-people': [
    ...readsRoster,
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'Query', 'BatchGetItem', 'PutItem', 'DeleteItem'),
    ...table('Idempotency', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('People', 'BatchGetItem', 'PartiQLInsert'),
    ...writesEvidence,
    ...on('s3 evidencebucket/definitions/*', 's3:PutObject'),
    ...on('s3 evidencebucket/profiles/*', 's3:PutObject'),
    ...writesOfServices,
    ...requests,
    ...on('kms key/SessionKey', 'kms:GenerateMac', 'kms:VerifyMac'),
    ...on('kms key/PeopleKey', 'kms:GenerateMac'),
  ],
  'event-collector': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'Query', 'BatchGetItem', 'PutItem', 'DeleteItem'),
    ...writesEvidence,
    ...requests,
    ...failed,
  ],
  // The stage of these tests names no targets; what targets add is in actuated.test.ts.
  'event-actuator': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'PutItem', 'DeleteItem'),
    ...readsEvidence,
    ...requests,
    ...failed,
  ],
  'rollback-declarer': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...on('kms key/ReconcilerKey', 'kms:GenerateMac'),
    ...table('Runs', 'PutItem', 'DeleteItem'),
    ...table('People', 'PartiQLInsert'),
    ...readsEvidence,
    ...requests,
  ],
  'api-audit': [
    ...readsRoster,
    ...table('Audit', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'Query', 'BatchGetItem'),
    ...table('People', 'BatchGetItem'),
    ...readsEvidence,
    ...on('kms key/CursorKey', 'kms:GenerateMac', 'kms:VerifyMac'),
  ],
  'api-webhooks': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'Query', 'BatchGetItem', 'PutItem', 'DeleteItem'),
    ...requests,
  ],
  'gate-opener': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'PutItem'),
    ...table('Tokens', 'PartiQLInsert'),
    ...on('kms key/TokensKey', 'kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'),
    ...readsEvidence,
    ...requests,
  ],
  'event-reconciler': [
    ...readsRoster,
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...table('People', 'BatchGetItem'),
    ...verifies,
    ...table('Runs', 'GetItem', 'Query', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('Tokens', 'Query'),
    ...on('kms key/TokensKey', 'kms:DescribeKey', 'kms:Decrypt'),
    ...on('kms key/ReconcilerKey', 'kms:GenerateMac'),
    ...readsEvidence,
    ...requests,
    ...on('lambda function:holdpoint-production-event-collector', 'lambda:InvokeFunction'),
    ...on('lambda function:holdpoint-production-event-actuator', 'lambda:InvokeFunction'),
    ...on('OperationsTopic', 'sns:Publish'),
    ...failed,
    ...on('states stateMachine:holdpoint-production', 'states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure'),
    ...on('states execution:holdpoint-production:*', 'states:DescribeExecution'),
    ...mails,
    ...on('scheduler schedule/holdpoint-production/*', 'scheduler:CreateSchedule'),
    ...on('iam role/SchedulingScheduleRole', 'iam:PassRole'),
  ],
  'event-feed': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'Query', 'BatchGetItem', 'PutItem', 'DeleteItem'),
    ...readsEvidence,
    ...requests,
    ...failed,
  ],
  'event-upload': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'PutItem', 'DeleteItem'),
    ...table('Idempotency', 'GetItem', 'UpdateItem'),
    ...on('s3 intakebucket', 's3:ListBucket'),
    ...on('s3 intakebucket/upload/*', 's3:GetObject', 's3:DeleteObject'),
    ...writesEvidence,
    ...requests,
    ...failed,
  ],
  'event-sweep': [
    ...table('Audit', 'Scan'),
    ...table('Runs', 'Query', 'PutItem'),
    ...requests,
    ...on('lambda function:eventfeedFunction', 'lambda:InvokeFunction'),
    ...on('lambda function:eventuploadFunction', 'lambda:InvokeFunction'),
    ...on('lambda function:alarmmailerFunction', 'lambda:InvokeFunction'),
    ...on('sqs FailedInvocations', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
    ...on('sqs UndeliveredEvents', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
    ...on('sqs ParkedMessages', 'sqs:SendMessage'),
    ...failed,
  ],
  'alarm-mailer': [...readsRoster, ...mails, ...failed],
};

describe('grants', () => {
  test.each(functionNames)('%s may do exactly this', (name) => {
    expect(mayOf(roleOf(name))).toEqual([...own(name), ...expected[name]].sort());
  });

  test('the state machine may call the opener and write its log, and nothing else', () => {
    const may = mayOf(roles.find((id) => id.startsWith('GateMachineRole')) ?? '');
    expect(may.filter((line) => !line.includes(' logs:'))).toEqual(['Allow lambda:InvokeFunction on lambda function:gateopenerFunction']);
    for (const line of may.filter((one) => one.includes(' logs:'))) expect(line).toMatch(/LogDeliver|ResourcePolic|DescribeLogGroups/);
  });

  test('a schedule may call the reconciler and send undelivered events to the queue', () => {
    expect(mayOf(roles.find((id) => id.startsWith('SchedulingScheduleRole')) ?? '')).toEqual(
      [...requests, ...on('sqs UndeliveredEvents', 'sqs:SendMessage')].sort(),
    );
  });

  test('there is no other role, no managed policy and no policy inside a role', () => {
    expect(roles).toHaveLength(functionNames.length + 2);
    expect(ofType(dataResources, 'AWS::IAM::Role')).toEqual([]);
    for (const [, { Properties }] of ofType(resources, 'AWS::IAM::Role'))
      expect([Properties.ManagedPolicyArns, Properties.Policies]).toEqual([undefined, undefined]);
  });

  test('the tokens key is used through DynamoDB only, the schedule role is passed to Scheduler only, mails have the sender of the stage, and of the idempotency keys the authorizer reads sessions only', () => {
    const conditions = roles
      .flatMap((role) => policiesOf(role))
      .flatMap(({ Statement }) => Statement)
      .filter(({ Condition }) => Condition !== undefined)
      .map(({ Sid, Condition }) => [Sid, Condition]);
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['EndedSessions', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['session/*'] } }],
        ['TokensKey', { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } }],
        ['Mail', { StringEquals: { 'ses:FromAddress': 'holdpoint@example.com' } }],
        ['ScheduleRole', { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } }],
      ]),
    );
  });
});

describe('variables', () => {
  test.each(functionNames)('%s gets the variables that it reads, and no others', (name) => {
    const [, { Properties }] = ofType(resources, 'AWS::Lambda::Function').find(([id]) =>
      id.startsWith(`${name.replaceAll('-', '')}Function`),
    ) as [string, Resource];
    expect(Object.keys((Properties.Environment as { Variables: object }).Variables).sort()).toEqual([...factsOf(name).variables].sort());
  });
});

const audit = Object.entries(dataResources).find(([id]) => id.startsWith('AuditTable')) as [string, Resource];
const tokens = Object.keys(dataResources).find((id) => id.startsWith('TokensTable')) ?? '';
const machine = `arn:aws:states:${region}:${account}:stateMachine:holdpoint-production`;

const policyOfAudit = policyOf((audit[1].Properties.ResourcePolicy as { PolicyDocument: unknown }).PolicyDocument);
const changes = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLUpdate',
  'PartiQLDelete',
  'UpdateTable',
  'DeleteTable',
  'UpdateTimeToLive',
  'UpdateContinuousBackups',
  'PutResourcePolicy',
  'DeleteResourcePolicy',
].map((action) => `dynamodb:${action}`);

describe('simulated on AWS', () => {
  test('the actions are all that there are', () => {
    expect(tableActions).toEqual(expect.arrayContaining([...changes, 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLSelect', 'dynamodb:Scan']));
    expect(tableActions.length).toBeGreaterThan(50);
  });

  test.each(roles)('%s can do nothing to the audit table but insert and read, and only if its function does', async (role) => {
    const able = await allOf(role, tableActions, arnOf(audit[0]), { resourcePolicy: policyOfAudit });
    expect(able).toEqual([
      ...(trailWriters.map(roleOf).includes(role) ? ['dynamodb:PartiQLInsert'] : []),
      ...(([...trailWriters, 'api-audit'] as const).map(roleOf).includes(role) ? ['dynamodb:Query'] : []),
      // To rebuild the derived views.
      ...(role === roleOf('event-sweep') ? ['dynamodb:Scan'] : []),
    ]);
  });

  test.each(roles)('%s can do nothing to task tokens but store or read one, and only if its function does', async (role) => {
    expect(await allOf(role, tableActions, arnOf(tokens))).toEqual([
      ...(role === roleOf('gate-opener') ? ['dynamodb:PartiQLInsert'] : []),
      ...(role === roleOf('event-reconciler') ? ['dynamodb:Query'] : []),
    ]);
  });

  test('an administrator can neither change the trail nor insert into it, and CloudFormation alone can change its table', async () => {
    const as = (action: string, role?: string) => asAdministrator(action, arnOf(audit[0]), { resourcePolicy: policyOfAudit }, role);
    for (const action of [...changes, 'dynamodb:PartiQLInsert']) expect([action, await as(action)]).toEqual([action, 'ExplicitlyDenied']);
    expect(await as('dynamodb:UpdateTable', deployer)).toBe('Allowed');
    for (const action of ['dynamodb:DeleteItem', 'dynamodb:PartiQLInsert'])
      expect([action, await as(action, deployer)]).toEqual([action, 'ExplicitlyDenied']);
    // What a restore needs: a backup, a point in time, reading.
    for (const action of ['CreateBackup', 'RestoreTableToPointInTime', 'ExportTableToPointInTime', 'Query', 'Scan'])
      expect([action, await as(`dynamodb:${action}`)]).toEqual([action, 'Allowed']);
  });

  test('a role of another stage, another function or another path cannot insert', async () => {
    const as = (role: string) => asAdministrator('dynamodb:PartiQLInsert', arnOf(audit[0]), { resourcePolicy: policyOfAudit }, role);
    const path = `holdpoint/production/${region}`;
    expect(await as(`${path}/api-ci/any`)).toBe('Allowed');
    for (const role of [`${path}/api-audit/x`, `holdpoint/other/${region}/api-ci/x`, `${path}/api-ci-x`, 'holdpoint/api-ci'])
      expect([role, await as(role)]).toEqual([role, 'ExplicitlyDenied']);
  });

  test('only the reconciler answers the workflow', () => {
    // The public table of IAM actions gives SendTask* no resource, so that a simulation cannot ask for one machine; the statements can be read.
    const answering = roles.filter((role) => mayOf(role).some((line) => /^Allow (states:SendTask\w+|states:\*|\S*\*) /.test(line)));
    expect(answering).toEqual([roleOf('event-reconciler')]);
  });

  test('only CI and the reconciler, which completes a start, start the workflow, and the machine never reaches the reconciler', async () => {
    const reconciler = Object.keys(resources).find((id) => id.startsWith('eventreconcilerFunction')) ?? '';
    for (const role of roles)
      expect([role, await could(role, 'states:StartExecution', machine)]).toEqual([
        role,
        [roleOf('api-ci'), roleOf('event-reconciler')].includes(role),
      ]);
    expect(await could(roles.find((id) => id.startsWith('GateMachineRole')) ?? '', 'lambda:InvokeFunction', arnOf(reconciler))).toBe(false);
  });
});
