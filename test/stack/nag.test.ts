import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { observing } from './observing.ts';
import { localStage, realStage, withStacks } from './synthesised.ts';

type Report = {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
};

type Stacks = Parameters<Parameters<typeof withStacks>[1]>[1];

/** What the rules find, after the reasons given beside the resources. `spoil` may add a resource of its own. */
const findings = (stage: Stage, spoil: (data: Stacks['data']) => void = () => {}): readonly string[] =>
  withStacks(stage, (app, { data }) => {
    spoil(data);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    try {
      app.synth();
    } catch (fault) {
      // A finding fails the synthesis; the report says which.
      if (!(fault instanceof Error) || fault.name !== 'ValidationFailed') throw fault;
    }
    const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
    return pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        // A warning of ours about how a rollback will be proved, and no finding of a pack (`shown-by-people.test.ts`).
        ruleName.startsWith('Annotation::holdpoint:shown-by-people')
          ? []
          : violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
      ),
    );
  });

/** What a stage may ask for beyond what each has. */
const everything = {
  mailIdentity: 'create',
  domain: { certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b' },
} as const;

describe('cdk-nag', () => {
  test.each([
    ['production', realStage],
    ['fullest', { ...realStage, ...everything }],
    ['observing', observing],
    ['local', localStage],
  ] as const)('finds nothing on the %s stage that is not explained beside the resource', (_name, stage) => {
    expect(findings(stage)).toEqual([]);
  });

  test('sees what is not protected, with both packs', () => {
    const found = findings(realStage, (data) => {
      new s3.CfnBucket(data, 'Open');
      new sqs.CfnQueue(data, 'Lossy');
    });
    expect(found).toEqual(
      expect.arrayContaining([
        'AwsSolutions-S10 Holdpoint-production-Data/Open',
        'Serverless-SQSRedrivePolicy Holdpoint-production-Data/Lossy',
      ]),
    );
  });
});
