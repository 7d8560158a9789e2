import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { readStageFile } from '../../lib/stack/stage-file.ts';
import { certificateElsewhere } from '../../lib/stack/stage-options.ts';
import { account, arnOf, evaluated, region } from './policies.ts';
import { ofType, type Resources, realStage, resourcesOf, templatesOf, withStacks } from './synthesised.ts';

const dataOf = (stage: Stage): Resources => resourcesOf(templatesOf(stage).data);
const removable: Stage = { ...realStage, removable: true };

describe('evidence is locked', () => {
  const lockOf = (stage: Stage): unknown =>
    ofType(dataOf(stage), 'AWS::S3::Bucket').find(([id]) => id.startsWith('Evidence'))?.[1].Properties.ObjectLockConfiguration;
  const warningsOf = (stage: Stage): readonly string[] =>
    withStacks(stage, (_app, { data }) =>
      Annotations.fromStack(data)
        .findWarning('*', Match.stringLikeRegexp('COMPLIANCE'))
        .map(({ entry }) => String(entry.data)),
    );

  test.each<[string, Stage['evidenceRetention'], string, number, number]>([
    ['for ninety days, which can be lifted, when the stage asks for nothing', undefined, 'GOVERNANCE', 90, 0],
    ['as long as the stage asks', { mode: 'GOVERNANCE', days: 7 }, 'GOVERNANCE', 7, 0],
    ['for good only when the stage asks for it, with a warning', { mode: 'COMPLIANCE', days: 2557 }, 'COMPLIANCE', 2557, 1],
  ])('%s', (_when, evidenceRetention, Mode, Days, warnings) => {
    const stage = { ...realStage, ...(evidenceRetention === undefined ? {} : { evidenceRetention }) };
    expect(lockOf(stage)).toEqual({ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } });
    const warned = warningsOf(stage);
    expect(warned).toHaveLength(warnings);
    for (const text of warned) expect(text).toMatch(/locked for 2557 days .* not even the root user, .*holdpoint:evidence-compliance/);
  });
});

/** Whether somebody who may do everything by the policies of their own can do it to a resource. */
const mayAdministrator = async (action: string, resource: string, resourcePolicy?: unknown): Promise<string | undefined> => {
  const { overallResult } = (await runSimulation(
    {
      request: {
        action,
        principal: `arn:aws:sts::${account}:assumed-role/Admin/session`,
        resource: { resource, accountId: account },
        contextVariables: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/Admin`, 'aws:SecureTransport': 'true' },
      },
      identityPolicies: [{ name: 'all', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
    } as never,
    {},
  )) as { overallResult?: string };
  return overallResult;
};
const auditOf = (resources: Resources) => {
  const [found] = ofType(resources, 'AWS::DynamoDB::Table').filter(([id]) => id.startsWith('AuditTable'));
  if (found === undefined) throw new Error('no audit table');
  return found;
};
const auditPolicy = (stage: Stage): unknown => {
  const { ResourcePolicy } = auditOf(dataOf(stage))[1].Properties as { ResourcePolicy?: { PolicyDocument: unknown } };
  return ResourcePolicy === undefined ? undefined : evaluated(ResourcePolicy.PolicyDocument);
};

describe('a stage is removed as the README says', () => {
  const audit = arnOf(auditOf(dataOf(realStage))[0]);

  test('not before it is removable: an administrator can neither delete the trail nor lift what protects it', async () => {
    expect(templatesOf(realStage).terminationProtection).toBe(true);
    for (const action of ['dynamodb:DeleteTable', 'dynamodb:UpdateTable', 'dynamodb:DeleteResourcePolicy'])
      expect([action, await mayAdministrator(action, audit, auditPolicy(realStage))]).toEqual([action, 'ExplicitlyDenied']);
  });

  test('after a deployment as removable, tables and keys go with their stack', async () => {
    const resources = dataOf(removable);
    expect(templatesOf(removable).terminationProtection).toBe(false);
    expect(await mayAdministrator('dynamodb:DeleteTable', audit, auditPolicy(removable))).toBe('Allowed');
    for (const [id, { Properties }] of ofType(resources, 'AWS::DynamoDB::Table'))
      expect([id, Properties.DeletionProtectionEnabled]).toEqual([id, false]);
    for (const type of ['AWS::DynamoDB::Table', 'AWS::KMS::Key'])
      for (const [id, { DeletionPolicy }] of ofType(resources, type)) expect([id, DeletionPolicy]).toEqual([id, 'Delete']);
    for (const [id, { DeletionPolicy }] of ofType(resourcesOf(templatesOf(removable).app), 'AWS::Logs::LogGroup'))
      expect([id, DeletionPolicy]).toEqual([id, 'Delete']);
  });

  test('and nothing is replaced on the way', () => {
    const idsOf = (stage: Stage): readonly string[] => Object.keys(dataOf(stage)).sort();
    expect(idsOf(removable)).toEqual(idsOf(realStage));
  });

  test.each(['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:DeleteBucket', 's3:ListBucketVersions'])(
    'and an administrator may empty and delete the evidence bucket: %s',
    async (action) => {
      const resources = dataOf(removable);
      const bucket = ofType(resources, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Evidence'))?.[0] ?? '';
      const policy = ofType(resources, 'AWS::S3::BucketPolicy').find(([id]) => id.startsWith('Evidence'))?.[1].Properties.PolicyDocument;
      const object = action.includes('Version') && !action.startsWith('s3:List') ? '/definitions/0a1b' : '';
      const target = `${arnOf(bucket)}${action.includes('Retention') ? '/definitions/0a1b' : object}`;
      expect(await mayAdministrator(action, target, evaluated(policy))).toBe('Allowed');
    },
  );
});

describe('a table is restored as the README says', () => {
  test.each(['dynamodb:RestoreTableToPointInTime', 'dynamodb:GetResourcePolicy', 'dynamodb:DescribeContinuousBackups'])(
    'an administrator may, on the table as it stands: %s',
    async (action) => {
      expect(await mayAdministrator(action, arnOf(auditOf(dataOf(realStage))[0]), auditPolicy(realStage))).toBe('Allowed');
    },
  );

  test('and the app then reads and writes the restored table, by name and by permission, and no other', () => {
    const { app, data } = templatesOf({ ...realStage, restoredTables: { audit: 'holdpoint-audit-restored' } });
    const functions = ofType(resourcesOf(app), 'AWS::Lambda::Function').flatMap(([, { Properties }]) => {
      const { AUDIT_TABLE } = (Properties.Environment as { Variables: Record<string, unknown> }).Variables;
      return AUDIT_TABLE === undefined ? [] : [AUDIT_TABLE];
    });
    expect(functions.length).toBeGreaterThan(4);
    expect([...new Set(functions)]).toEqual(['holdpoint-audit-restored']);
    const policies = JSON.stringify(ofType(resourcesOf(app), 'AWS::IAM::Policy'));
    expect(policies).toContain(':table/holdpoint-audit-restored"');
    expect(policies).not.toContain('AuditTable');
    expect(policies).toContain('RunsTable');
    expect(JSON.stringify(app.toJSON().Outputs)).toContain('holdpoint-audit-restored');
    // The data stack does not notice: it deletes nothing and keeps its exports.
    expect(data.toJSON()).toEqual(templatesOf(realStage).data.toJSON());
  });
});

describe("the README's stage", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const example = blocks.find((block) => block.includes('"publicUrl"')) ?? '';
  const readExample = (): Stage => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-readme-'));
    try {
      writeFileSync(join(folder, 'production.json'), example);
      return readStageFile(join(folder, 'production.json'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('is synthesised, with its services and who may write the roster, and without its people', () => {
    const stage = readExample();
    const { app, data } = templatesOf(stage);
    const resources = resourcesOf(app);
    expect(Object.keys(resources).length).toBeGreaterThan(100);
    expect(Object.keys(resourcesOf(data)).length).toBeGreaterThan(10);
    expect(JSON.stringify(ofType(resources, 'AWS::Events::Rule'))).toContain(
      `{"prefix":"${stage.services[0]?.alarmPrefix.replace(/-$/, '')}"}`,
    );
    const leads = stage.roster.filter(({ roles }) => roles.includes('operations-lead')).map(({ address }) => address);
    const made = JSON.stringify([app.toJSON(), data.toJSON()]);
    expect(made).toContain(stage.rosterWriters?.[0]);
    expect(leads.map((address) => [address, made.includes(address)])).toEqual([['ben@example.com', false]]);
  });

  test.each(['evidenceRetention', 'observedAccounts', 'mailIdentityName', 'restoredTables', 'removable'])('names the option %s', (name) => {
    expect(readme).toContain(`\`"${name}"`);
  });
});

describe('a certificate', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b';
  test.each([
    ['of the region of the deployment is taken', { ...realStage, domain: { certificateArn } }, 'us-east-1', undefined],
    ['is not checked when the region is not known', { ...realStage, domain: { certificateArn } }, undefined, undefined],
    ['may be left out', realStage, region, undefined],
    [
      'of another region is refused',
      { ...realStage, domain: { certificateArn } },
      region,
      /got a certificate in us-east-1, expected one in/,
    ],
  ])('%s', (_what, stage, where, refusal) => {
    const said = certificateElsewhere(stage, where);
    if (refusal === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(refusal);
  });
});
