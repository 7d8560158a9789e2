import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, describe, expect, test } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { functionNames } from '../../lib/lambda-manifest.ts';
import { createStacks } from '../../lib/stack/app.ts';
import { bundleAll } from '../../lib/stack/bundle.ts';
import { advice } from '../../lib/stack/stage-options.ts';
import { bucketId, owners, rosterAnswer } from './people-policy.ts';
import { account, arnOf, dataResources, roleOf } from './policies.ts';
import { could, deployer } from './simulation.ts';
import { localStage, realStage, templatesOf } from './synthesised.ts';

const person = (id: string, name: string, role: 'technical-lead' | 'operations-lead' | 'product-owner') => ({
  id: `p-${id}`,
  name: `Q${name} Zzyzx`,
  address: `${name}@people.test`,
  roles: [role],
  subjects: [{ issuer: 'https://login.example.com', subject: `subject-of-${name}` }],
  starters: [{ issuer: 'https://token.example.com', actor: `actor-${name}` }],
});
const roster = [
  person('aaaaaaaa1', 'ada', 'technical-lead'),
  person('bbbbbbbb2', 'ben', 'operations-lead'),
  person('cccccccc3', 'cleo', 'product-owner'),
];
const peopled: Stage = { ...realStage, roster };

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-roster-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the people of a stage', () => {
  // Assets go to the bootstrap bucket, which keeps them for ever, and templates can be read by many.
  test('stand in no template and in no asset', async () => {
    const [bundles, assembly] = [join(folder, 'bundles'), join(folder, 'assembly')];
    await bundleAll(peopled, bundles);
    const app = new App({ outdir: assembly, context: { 'aws:cdk:bundling-stacks': [] } });
    createStacks(app, peopled, bundles);
    app.synth();
    const files = readdirSync(assembly, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    const holding = (text: string): number => texts.filter((one) => one.includes(text)).length;
    expect(holding(realStage.mailFrom)).toBe(functionNames.length);
    const words = roster.flatMap(({ id, name, address, subjects, starters }) => [
      id,
      name,
      address,
      ...subjects.map(({ subject }) => subject),
      ...starters.map(({ actor }) => actor),
    ]);
    expect(words.filter((word) => holding(word) > 0)).toEqual([]);
  }, 120_000);

  test.each([
    ['real', realStage],
    ['local', localStage],
  ] as const)('change nothing of the templates of a %s stage', (_which, stage) => {
    const of = (people: Stage['roster']): unknown => {
      const { data, app } = templatesOf({ ...stage, roster: people });
      return [data.toJSON(), app.toJSON()];
    };
    expect(of(roster)).toEqual(of(stage.roster));
  });
});

describe('the object of the roster', () => {
  const { Properties } = dataResources[bucketId] as { Properties: Record<string, unknown> };

  test('has versions, of which earlier ones go after a year, and no lock', () => {
    expect(Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 365 }, Status: 'Enabled' }] },
    });
    expect(Properties.ObjectLockEnabled).toBeUndefined();
  });

  test('is read by those who meet people, and written by no function', async () => {
    const object = `${arnOf(bucketId)}/roster.json`;
    const able: string[] = [];
    for (const name of functionNames) {
      if (await could(roleOf(name), 's3:GetObject', object)) able.push(name);
      for (const [action, resource] of [
        ['s3:PutObject', object],
        ['s3:DeleteObject', object],
        ['s3:GetObject', `${arnOf(bucketId)}/other`],
        ['s3:ListBucket', arnOf(bucketId)],
      ] as const)
        expect([name, action, await could(roleOf(name), action, resource)]).toEqual([name, action, false]);
    }
    expect(able).toEqual(['api-authorizer', 'api-ci', 'api-people', 'api-audit', 'event-reconciler', 'alarm-mailer']);
  });

  const writing = ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateObject'];
  test.each<[string, string | undefined, object | undefined, readonly string[]]>([
    ['the named role may', 'release-owners', undefined, ['Allowed', 'Allowed', 'Allowed', 'Allowed']],
    ['an administrator may not', 'Admin', undefined, ['ExplicitlyDenied', 'ExplicitlyDenied', 'ExplicitlyDenied', 'ExplicitlyDenied']],
    ['CloudFormation may not', deployer, undefined, ['ExplicitlyDenied', 'ExplicitlyDenied', 'ExplicitlyDenied', 'ExplicitlyDenied']],
    ['a role with a longer name may not', 'release-owners-2', undefined, Array(4).fill('ExplicitlyDenied')],
    [
      'a pattern may stand for the name that single sign-on makes up',
      'aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Owners_0a1b',
      { rosterWriters: [`arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Owners_*`] },
      ['Allowed', 'Allowed', 'Allowed', 'Allowed'],
    ],
    ['without names the permissions of the account decide', 'Admin', {}, ['Allowed', 'Allowed', 'Allowed', 'Allowed']],
    [
      'a stage that can be removed can be emptied',
      'Admin',
      { rosterWriters: [owners], removable: true },
      ['ExplicitlyDenied', 'Allowed', 'Allowed', 'ExplicitlyDenied'],
    ],
  ])('is put, deleted and replicated by whom the stage names: %s', async (_what, role, options, expected) => {
    expect(await Promise.all(writing.map((action) => rosterAnswer(action, role, options)))).toEqual(expected);
  });

  test.each(['s3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:PutLifecycleConfiguration', 's3:PutBucketVersioning'])(
    'is guarded by a policy that only a deployment changes: %s',
    async (action) => {
      const answers = await Promise.all(['Admin', 'release-owners', deployer].map((role) => rosterAnswer(action, role)));
      expect(answers).toEqual(['ExplicitlyDenied', 'ExplicitlyDenied', 'Allowed']);
    },
  );

  test('without names is advised against at synthesis, except on a local stage', () => {
    expect(advice(realStage)).toEqual([expect.stringContaining('rosterWriters')]);
    expect([advice(localStage), advice({ ...realStage, rosterWriters: [owners] })]).toEqual([[], []]);
  });
});
