import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { tableKeys } from '../../lib/stack/data.ts';
import { tableKeys as keysOfTests } from '../contract/tables.ts';
import { account, evaluated, region, trailWriters } from './policies.ts';
import { localStage, ofType, type Resource, realStage, resourcesOf, templatesOf, withStacks } from './synthesised.ts';

const { data, terminationProtection } = templatesOf(realStage);
const resources = resourcesOf(data);
const tables = ofType(resources, 'AWS::DynamoDB::Table');
const table = (name: string): Resource => {
  const found = tables.find(([id]) => id.startsWith(`${name[0]?.toUpperCase()}${name.slice(1)}Table`));
  if (found === undefined) throw new Error(`no table ${name}`);
  return found[1];
};
const bucket = (name: string): Resource => {
  const found = ofType(resources, 'AWS::S3::Bucket').find(([id]) => id.startsWith(`${name}Bucket`));
  if (found === undefined) throw new Error(`no bucket ${name}`);
  return found[1];
};

type Statement = {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
};

describe('what is kept', () => {
  test('lies in a stack with termination protection', () => {
    expect(terminationProtection).toBe(true);
  });

  // A stateful resource whose logical id changes is replaced by an empty one.
  test('keeps its logical ids', () => {
    const stateful = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'].flatMap((type) =>
      ofType(resources, type).map(([id]) => id),
    );
    expect(stateful.sort()).toEqual([
      'AuditTableB07F8EEB',
      'CursorKey255E8F8A',
      'EvidenceBucketFBA44255',
      'IdempotencyTable22A5A209',
      'IntakeBucket8068C236',
      'PeopleKeyD4599107',
      'PeopleTableAF298A5B',
      'ReconcilerKey527BBF43',
      'RosterBucket3F5C54AC',
      'RunsTable9D121A51',
      'SessionKey0FE01E29',
      'TokensKeyD0FAD977',
      'TokensTable6C9B5BC6',
    ]);
  });

  test('survives its stack', () => {
    // Not when its creation is rolled back: a first deployment that failed could not be repeated.
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'])
      for (const [id, resource] of ofType(resources, type))
        expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain']);
  });

  test('keeps the audit table, which only deployments may delete, until everything else is there', () => {
    expect([table('audit').DependsOn].flat().sort()).toEqual(
      Object.keys(resources)
        .filter((id) => !id.startsWith('AuditTable'))
        .sort(),
    );
  });

  // The App stack of an older release imports them: an export that goes missing stops every upgrade.
  test('keeps its exports', () => {
    const exported = Object.values(data.toJSON().Outputs as Record<string, { Export?: { Name: string } }>).flatMap(
      ({ Export }) => Export?.Name.replace('Holdpoint-production-Data:ExportsOutput', '') ?? [],
    );
    expect(exported.sort()).toEqual([
      'FnGetAttAuditTableB07F8EEBArn953CD61D',
      'FnGetAttCursorKey255E8F8AArn147B0E2B',
      'FnGetAttEvidenceBucketFBA44255ArnB9DEB114',
      'FnGetAttIdempotencyTable22A5A209Arn796E3A97',
      'FnGetAttIntakeBucket8068C236ArnD11863AB',
      'FnGetAttPeopleKeyD4599107ArnBFA2C5EE',
      'FnGetAttPeopleTableAF298A5BArnA2E0420C',
      'FnGetAttReconcilerKey527BBF43Arn22936EAA',
      'FnGetAttRosterBucket3F5C54ACArn40F5FC2A',
      'FnGetAttRunsTable9D121A51Arn0494AFE6',
      'FnGetAttSessionKey0FE01E29Arn13D1A1AB',
      'FnGetAttTokensKeyD0FAD977Arn66B67D57',
      'FnGetAttTokensTable6C9B5BC6ArnE44059BA',
      'RefAuditTableB07F8EEB58E4840A',
      'RefCursorKey255E8F8ADB090032',
      'RefEvidenceBucketFBA44255F59AB902',
      'RefIdempotencyTable22A5A209F6C0179A',
      'RefIntakeBucket8068C2368E60B4CE',
      'RefPeopleKeyD4599107FE4F1F40',
      'RefPeopleTableAF298A5B478E73C9',
      'RefReconcilerKey527BBF43337346D5',
      'RefRosterBucket3F5C54ACBFE62B49',
      'RefRunsTable9D121A511B1ECE4D',
      'RefSessionKey0FE01E292067EFA4',
      'RefTokensKeyD0FAD97733F4D92A',
      'RefTokensTable6C9B5BC6A7BCFD8F',
    ]);
  });

  test.each(Object.entries(tableKeys))('table %s has its keys, is paid by request and protected from deletion', (name, keys) => {
    const { KeySchema, BillingMode, DeletionProtectionEnabled, ...others } = table(name).Properties;
    expect(KeySchema).toEqual(keys.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })));
    expect(BillingMode).toBe('PAY_PER_REQUEST');
    expect(DeletionProtectionEnabled).toBe(true);
    expect(Object.keys(others).filter((property) => /Index/.test(property))).toEqual([]);
  });

  test('has the keys that the contract suites run on', () => {
    expect(tableKeys).toEqual(keysOfTests);
    expect(tables).toHaveLength(Object.keys(tableKeys).length);
  });

  test.each(['audit', 'runs', 'people'])('%s can be restored to a point in time and never expires', (name) => {
    expect(table(name).Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(table(name).Properties.TimeToLiveSpecification).toBeUndefined();
  });

  test.each(['tokens', 'idempotency'])('%s passes by itself', (name) => {
    expect(table(name).Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expires', Enabled: true });
  });

  test('only the audit table has a stream, with both images', () => {
    expect(
      tables.filter(([, { Properties }]) => Properties.StreamSpecification !== undefined).map(([id]) => id.replace(/Table.*/, '')),
    ).toEqual(['Audit']);
    expect(table('audit').Properties.StreamSpecification).toMatchObject({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  test('tokens lie under a key of their own', () => {
    expect(table('tokens').Properties.SSESpecification).toEqual({
      KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^TokensKey/), 'Arn'] },
      SSEEnabled: true,
      SSEType: 'KMS',
    });
  });

  test('sessions and cursors are signed with different HMAC keys', () => {
    const macs = ofType(resources, 'AWS::KMS::Key').filter(([, { Properties }]) => Properties.KeySpec === 'HMAC_256');
    expect(macs.map(([id]) => id.replace(/Key.*/, '')).sort()).toEqual(['Cursor', 'People', 'Reconciler', 'Session']);
    for (const [, { Properties }] of macs) expect(Properties.KeyUsage).toBe('GENERATE_VERIFY_MAC');
  });
});

describe('the audit table', () => {
  const { ResourcePolicy } = table('audit').Properties as { ResourcePolicy: { PolicyDocument: { Statement: readonly Statement[] } } };
  const { Statement } = ResourcePolicy.PolicyDocument;

  test('denies every change and removal to everybody, on whatever condition', () => {
    expect(Statement[0]).toEqual({
      Sid: 'InsertOnly',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Resource: '*',
      Action: [
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:PartiQLDelete',
        'dynamodb:PartiQLUpdate',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
      ],
    });
  });

  // An account that was bootstrapped under another name has another execution role; the wrong one would be locked out of the table for good.
  test('knows the execution role of another bootstrap', () => {
    const ours = withStacks(realStage, (_app, { data: renamed }) => resourcesOf(Template.fromStack(renamed)), {
      '@aws-cdk/core:bootstrapQualifier': 'ours',
    });
    const policies = ofType(ours, 'AWS::DynamoDB::Table').flatMap(([, { Properties }]) => Properties.ResourcePolicy ?? []);
    expect(JSON.stringify(policies)).toContain(':role/cdk-ours-cfn-exec-role-');
  });

  test('denies inserts to everybody but the roles of the functions that write the trail', () => {
    expect(Statement[1]).toMatchObject({
      Sid: 'InsertedByWritersOnly',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'dynamodb:PartiQLInsert',
      Resource: '*',
    });
    expect(evaluated(Statement[1]?.Condition)).toEqual({
      ArnNotLike: {
        'aws:PrincipalArn': trailWriters.map((name) => `arn:aws:iam::${account}:role/holdpoint/production/${region}/${name}/*`),
      },
    });
  });

  test('denies changes of the table to everybody but CloudFormation', () => {
    expect(Statement[2]).toEqual({
      Sid: 'ChangedByDeploymentsOnly',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Resource: '*',
      Action: [
        'dynamodb:DeleteResourcePolicy',
        'dynamodb:DeleteTable',
        'dynamodb:PutResourcePolicy',
        'dynamodb:UpdateContinuousBackups',
        'dynamodb:UpdateTable',
        'dynamodb:UpdateTimeToLive',
      ],
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': {
            'Fn::Sub': 'arn:$'
              .concat('{AWS::Partition}:iam::$')
              .concat('{AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-$')
              .concat('{AWS::AccountId}-$')
              .concat('{AWS::Region}'),
          },
        },
      },
    });
    expect(Statement).toHaveLength(3);
  });
});

describe('the buckets', () => {
  test.each(['Evidence', 'Intake', 'Roster'])('%s is closed to the public and to plain text', (name) => {
    expect(bucket(name).Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket(name).Properties.BucketEncryption).toBeDefined();
    const policies = ofType(resources, 'AWS::S3::BucketPolicy').map(([, { Properties }]) => JSON.stringify(Properties));
    expect(policies.find((policy) => policy.includes(`${name}Bucket`))).toContain('"aws:SecureTransport":"false"');
  });

  test('evidence is versioned and locked for ninety days, which the owner of the account can lift', () => {
    expect(bucket('Evidence').Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 90 } } },
    });
  });

  test('a local stage can be thrown away', () => {
    const local = Object.values(resourcesOf(templatesOf(localStage).data)).find(({ Properties }) => Properties?.ObjectLockEnabled === true);
    expect(local?.Properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
    });
  });

  test('the intake is emptied after a day and locks nothing', () => {
    expect(bucket('Intake').Properties.LifecycleConfiguration).toMatchObject({ Rules: [{ ExpirationInDays: 1, Status: 'Enabled' }] });
    expect(bucket('Intake').Properties.ObjectLockEnabled).toBeUndefined();
    expect(bucket('Intake').Properties.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });
});
