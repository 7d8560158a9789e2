import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { authoritiesOf, type EventType, eventTypes } from '../../lib/audit/event.ts';
import { type FunctionName, factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { mailerClaims, rosterClaims } from './people-policy.ts';
import { account, arnOf, dataResources, mayOf, region, resources, roleOf, roles, trailWriters } from './policies.ts';
import { rollbackClaims } from './rollback-policy.ts';
import { asAdministrator, could, deployer, policyOf } from './simulation.ts';
import { ofType, type Resource } from './synthesised.ts';

/** Each claim of the README's section on trust that the template can prove, with its proof. */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('\n## ');
const section = readme.find((one) => one.startsWith('Who is trusted with what')) ?? '';
const rows = new Map(
  section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => {
      const [, who = '', can = '', cannot = ''] = line.split('|').map((cell) => cell.trim());
      return [who, { can, cannot }] as const;
    }),
);

const idOf = (prefix: string): string => Object.keys(dataResources).find((id) => id.startsWith(prefix)) ?? '';
const tableArn = (name: string): string => arnOf(idOf(`${name}Table`));
const keyArn = (name: string): string => arnOf(idOf(`${name}Key`));
const propertiesOf = (id: string): Resource['Properties'] => dataResources[id]?.Properties ?? {};
const table = (name: string) => propertiesOf(idOf(`${name}Table`));
/** A key's own policy hands the decision to the policies of roles. */
const ofKey = (name: string) => ({ resourcePolicy: policyOf(propertiesOf(idOf(`${name}Key`)).KeyPolicy) });
const trailPolicy = policyOf((table('Audit').ResourcePolicy as { PolicyDocument: unknown }).PolicyDocument);
const bucket = arnOf(idOf('EvidenceBucket'));
const uploadedObject = `${arnOf(idOf('IntakeBucket'))}/upload/r1/u1`;
const [, bucketPolicy] = ofType(dataResources, 'AWS::S3::BucketPolicy').find(([id]) => id.startsWith('EvidenceBucket')) as [
  string,
  Resource,
];
const evidence = {
  resourcePolicy: policyOf(bucketPolicy.Properties.PolicyDocument),
  context: { 'aws:SecureTransport': 'true', 's3:if-none-match': '*' },
};
const replacing = { ...evidence, context: { 'aws:SecureTransport': 'true' } };
const report = `${bucket}/run/r1/${'a'.repeat(64)}`;
const definition = `${bucket}/definitions/${'a'.repeat(64)}`;
const profile = `${bucket}/profiles/${'a'.repeat(64)}`;
const functionArn = (name: string): string => arnOf(Object.keys(resources).find((id) => id.startsWith(`${name}Function`)) ?? '');

/** The functions that could do any of these on a resource. */
const able = async (actions: readonly string[], resource: string, asked = {}): Promise<readonly FunctionName[]> => {
  const found: FunctionName[] = [];
  for (const name of functionNames)
    for (const action of actions) if (!found.includes(name) && (await could(roleOf(name), action, resource, asked))) found.push(name);
  return found;
};
const dynamo = (...actions: readonly string[]): string[] => actions.map((action) => `dynamodb:${action}`);
/** Every action that can return an item or, without a condition, what it was before a write. */
const reading = dynamo(
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'PartiQLSelect',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'PartiQLUpdate',
  'PartiQLDelete',
);
const replacingItems = dynamo('PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete');
const completing = (name: string): boolean => mayOf(roleOf(name as FunctionName)).some((line) => /states:(SendTask|\*)/.test(line));

type Claim = readonly [who: string, column: 'can' | 'cannot', claim: string, proof: () => Promise<unknown> | unknown, proved: unknown];

const claims: readonly Claim[] = [
  [
    'CI function',
    'can',
    'start runs',
    () => able(['states:StartExecution'], `arn:aws:states:${region}:${account}:stateMachine:holdpoint-production`),
    ['api-ci', 'event-reconciler'],
  ],
  ['CI function', 'can', 'publish their checklist', () => able(['s3:PutObject'], definition, evidence), ['api-ci', 'api-people']],
  ['CI function', 'cannot', 'keep or approve a profile', () => able(['s3:PutObject'], profile, evidence), ['api-people']],
  [
    'CI function',
    'can',
    'record evidence',
    () => able(['s3:PutObject'], report, evidence),
    ['api-ci', 'api-people', 'event-upload', 'event-collector'],
  ],
  [
    'CI function',
    'cannot',
    "read or replace people's texts",
    () => able([...reading, ...replacingItems], tableArn('People')),
    ['api-people', 'api-audit', 'event-reconciler'],
  ],
  ['CI function', 'cannot', 'read task tokens', () => able(reading, tableArn('Tokens')), ['event-reconciler']],
  ['CI function', 'cannot', "complete the workflow's tasks", () => functionNames.filter(completing), ['event-reconciler']],
  [
    'CI function',
    'cannot',
    'make a MAC',
    async () => [
      await able(['kms:GenerateMac'], keyArn('People'), ofKey('People')),
      await able(['kms:GenerateMac'], keyArn('Reconciler'), ofKey('Reconciler')),
    ],
    [['api-people'], ['event-reconciler', 'rollback-declarer']],
  ],
  [
    'People function',
    'can',
    'attest, confirm, withdraw, waive, revoke, declare, sign, label, announce, trigger, cancel and decide; it alone can make the MAC of these events',
    () => signedBy('people').join(' '),
    'approval.answered approval.recalled approval.reopened change.explained check.exception-revoked check.not-applicable check.waived environment.freed follow-up.answered freeze.override-approved freeze.override-requested incident.decided observation.labelled profile.answered profile.proposed rollback.data-decided rollback.decided rollback.step-handled rollback.triggered run.cancelled run.rescheduled standing.decided standing.withdrawn target.adopted target.proposed work.announced',
  ],
  [
    'People function',
    'can',
    "It reads people's texts",
    () => able(dynamo('BatchGetItem'), tableArn('People')),
    ['api-people', 'api-audit', 'event-reconciler'],
  ],
  [
    'People function',
    'can',
    'It keeps proposed profiles and publishes the checklists that they give',
    async () => [await able(['s3:PutObject'], profile, evidence), await could(roleOf('api-people'), 's3:PutObject', definition, evidence)],
    [['api-people'], true],
  ],
  ['People function', 'cannot', 'read task tokens', () => could(roleOf('api-people'), 'dynamodb:Query', tableArn('Tokens')), false],
  ['Audit function', 'cannot', 'write anything', () => writesOf('api-audit'), []],
  [
    'Webhooks function',
    'can',
    'read the secrets with which GitHub signs its webhooks',
    () => factsOf('api-webhooks').grants.map(({ on }) => on),
    ['audit', 'people-key', 'reconciler-key', 'reconciler', 'runs', 'webhook-secrets'],
  ],
  [
    'Webhooks function',
    'cannot',
    'read the private key of an app',
    () => functionNames.filter((name) => factsOf(name).grants.some(({ on }) => on === 'callback-secrets')),
    ['event-reconciler'],
  ],
  [
    'Webhooks function',
    'cannot',
    "read evidence or people's texts",
    async () => [
      await could(roleOf('api-webhooks'), 's3:GetObject', report, evidence),
      await could(roleOf('api-webhooks'), 'dynamodb:BatchGetItem', tableArn('People')),
    ],
    [false, false],
  ],
  [
    'Webhooks function',
    'cannot',
    'make a MAC',
    async () => [
      await could(roleOf('api-webhooks'), 'kms:GenerateMac', keyArn('People'), ofKey('People')),
      await could(roleOf('api-webhooks'), 'kms:GenerateMac', keyArn('Reconciler'), ofKey('Reconciler')),
    ],
    [false, false],
  ],
  [
    'Gate opener',
    'can',
    'store the task token that it is called with',
    () => able(dynamo('PartiQLInsert'), tableArn('Tokens')),
    ['gate-opener'],
  ],
  [
    'Gate opener',
    'cannot',
    'read or replace a stored task token',
    () => able([...reading, ...replacingItems], tableArn('Tokens')),
    ['event-reconciler'],
  ],
  ['Gate opener', 'cannot', 'make a MAC', () => writesOf('gate-opener').filter((line) => line.includes('GenerateMac')), []],
  ['Reconciler', 'can', 'it alone can read stored task tokens', () => able(reading, tableArn('Tokens')), ['event-reconciler']],
  [
    'Reconciler',
    'can',
    "send mails from the stage's sender",
    async () => {
      const identity = `arn:aws:ses:${region}:${account}:identity/example.com`;
      const from = (address: string) => able(['ses:SendEmail'], identity, { context: { 'ses:FromAddress': address } });
      return [await from('holdpoint@example.com'), await from('ceo@example.com')];
    },
    [['event-reconciler', 'alarm-mailer'], []],
  ],
  [
    'Reconciler',
    'cannot',
    'be called by the workflow',
    () => could(machineRole(), 'lambda:InvokeFunction', functionArn('eventreconciler')),
    false,
  ],
  [
    'Reconciler',
    'cannot',
    "make a person's answer",
    () => could(roleOf('event-reconciler'), 'kms:GenerateMac', keyArn('People'), ofKey('People')),
    false,
  ],
  ['Feed', 'cannot', 'write evidence', () => could(roleOf('event-feed'), 's3:PutObject', report, evidence), false],
  [
    'Upload function',
    'can',
    'read and remove what lies in the intake',
    () => able(['s3:GetObject', 's3:DeleteObject'], uploadedObject),
    ['event-upload'],
  ],
  ['Upload function', 'cannot', 'put anything into the intake', () => able(['s3:PutObject'], uploadedObject), ['api-ci']],
  ...rollbackClaims,
  [
    'Sweep',
    'cannot',
    'write the trail',
    () => able([...replacingItems, ...dynamo('PartiQLInsert')], tableArn('Audit'), { resourcePolicy: trailPolicy }),
    trailWriters,
  ],
  ...mailerClaims,
  [
    'State machine',
    'cannot',
    'anything else',
    () => mayOf(machineRole()).filter((line) => !/ logs:|lambda:InvokeFunction on lambda function:gateopener/.test(line)),
    [],
  ],
  [
    'The ten writers of the trail (CI, people, webhooks, gate opener, reconciler, feed, upload, collector, actuator, rollback declarer)',
    'can',
    'insert into it',
    () => able(dynamo('PartiQLInsert'), tableArn('Audit'), { resourcePolicy: trailPolicy }),
    trailWriters,
  ],
  [
    'The ten writers of the trail (CI, people, webhooks, gate opener, reconciler, feed, upload, collector, actuator, rollback declarer)',
    'cannot',
    'change or delete in it',
    () => answers(replacingItems, tableArn('Audit'), { resourcePolicy: trailPolicy }),
    ['ExplicitlyDenied'],
  ],
  ...rosterClaims,
  [
    'Everybody else in the account',
    'cannot',
    'insert into the trail',
    () => answers(dynamo('PartiQLInsert'), tableArn('Audit'), { resourcePolicy: trailPolicy }),
    ['ExplicitlyDenied'],
  ],
  [
    'Everybody else in the account',
    'cannot',
    'upload a checklist or a profile',
    async () => [await answers(['s3:PutObject'], definition, evidence), await answers(['s3:PutObject'], profile, evidence)],
    [['ExplicitlyDenied'], ['ExplicitlyDenied']],
  ],
  [
    'Everybody else in the account',
    'cannot',
    'replace evidence',
    async () => [await answers(['s3:PutObject'], report, replacing), await answers(['s3:PutObject'], report, evidence)],
    [['ExplicitlyDenied'], ['Allowed']],
  ],
  [
    'Everybody else in the account',
    'cannot',
    'hide it behind a delete marker',
    () => answers(['s3:DeleteObject'], report, evidence),
    ['ExplicitlyDenied'],
  ],
  [
    'Everybody else in the account',
    'cannot',
    'let it expire',
    () => answers(['s3:PutLifecycleConfiguration'], bucket, evidence),
    ['ExplicitlyDenied'],
  ],
];

/** Events that carry the MAC of a kind when a person stands behind them, where that makes a difference. */
const signedBy = (kind: 'people' | 'reconciler'): readonly string[] => eventTypes.filter((type) => kindsOf(type).join() === kind).sort();
const kindsOf = (type: EventType, by: string | null = 'p-1') => authoritiesOf({ type, data: { by } } as never);
const machineRole = (): string => roles.find((id) => id.startsWith('GateMachineRole')) ?? '';
/** What IAM answers to an administrator, each answer once. */
const answers = async (actions: readonly string[], resource: string, asked: object): Promise<readonly string[]> => {
  const all = await Promise.all(actions.map((action) => asAdministrator(action, resource, asked)));
  return [...new Set(all)];
};
/** What a function may do beside reading, verifying and signing cursors, and its own log. */
const writesOf = (name: FunctionName): readonly string[] =>
  mayOf(roleOf(name)).filter(
    (line) =>
      !/ logs:| dynamodb:(Query|GetItem|BatchGetItem) | s3:(GetObject|ListBucket) | kms:VerifyMac | kms:GenerateMac on kms key\/CursorKey/.test(
        line,
      ),
  );

describe('the README says, and the template proves:', () => {
  test.each(claims)('%s %s %s', async (who, column, claim, proof, proved) => {
    expect(rows.get(who)?.[column]).toContain(claim);
    expect(await proof()).toEqual(proved);
  });

  test('every row has a claim that is proved', () => {
    expect([...rows.keys()].filter((who) => who !== 'Who' && !who.startsWith('--'))).toEqual([...new Set(claims.map(([who]) => who))]);
  });
});

describe('the exceptions that the README names', () => {
  test('a deployment can change table and bucket, but not what they hold', async () => {
    expect(await asAdministrator('dynamodb:PutResourcePolicy', tableArn('Audit'), { resourcePolicy: trailPolicy }, deployer)).toBe(
      'Allowed',
    );
    expect(await asAdministrator('s3:PutBucketPolicy', bucket, evidence, deployer)).toBe('Allowed');
    expect(await asAdministrator('dynamodb:DeleteItem', tableArn('Audit'), { resourcePolicy: trailPolicy }, deployer)).toBe(
      'ExplicitlyDenied',
    );
    expect(section).toContain("the account's root user can remove these policies, and so can a deployment");
  });

  // Object Lock alone says when a version may go; a stage could not be removed otherwise.
  test('deleting a version by its id is left to Object Lock', async () => {
    expect(await answers(['s3:DeleteObjectVersion'], report, evidence)).toEqual(['Allowed']);
  });

  test('a role under the path of the stage counts as the function that the path names', async () => {
    const role = `holdpoint/production/${region}/api-ci/made-by-somebody`;
    expect(await asAdministrator('dynamodb:PartiQLInsert', tableArn('Audit'), { resourcePolicy: trailPolicy }, role)).toBe('Allowed');
    expect(section).toContain('under the path `/holdpoint/` of the stage');
  });

  test('false reports, judgements of reports, observations and openings need no MAC; answers, waivers and settlements do', () => {
    for (const type of ['evidence.recorded', 'check.judged', 'observation.recorded', 'gate.opened'] as const)
      expect([type, kindsOf(type, null)]).toEqual([type, []]);
    for (const type of ['approval.answered', 'check.waived', 'gate.settled'] as const) expect(kindsOf(type)).toHaveLength(1);
    expect(section).toContain('false reports, judgements of reports, observations and openings');
  });
});
