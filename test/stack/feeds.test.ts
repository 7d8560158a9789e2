import { describe, expect, test } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { patternLimit, shortestPrefixes } from '../../lib/feeds/event-pattern.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

type Pattern = { readonly source?: readonly string[]; readonly detail?: { readonly alarmName?: readonly { readonly prefix: string }[] } };

/** A stage with that many services, whose alarms begin with texts of that length. */
const stageWith = (count: number, length = 12): Stage => ({
  ...realStage,
  services: Array.from({ length: count }, (_, place) => ({
    name: `service-${place}`,
    environments: ['production'],
    alarmPrefix: `${String(place).padStart(4, '0')}-`.padEnd(length, 'x'),
  })),
});

/** The rules for alarms of a stage: their patterns, and the bus that each is on. */
const alarmRules = (stage: Stage): readonly { readonly pattern: Pattern; readonly own: boolean }[] =>
  ofType(resourcesOf(templatesOf(stage).app), 'AWS::Events::Rule').flatMap(([, { Properties }]) => {
    const pattern = (Properties.EventPattern ?? {}) as Pattern;
    return pattern.source?.[0] === 'aws.cloudwatch' ? [{ pattern, own: Properties.EventBusName !== undefined }] : [];
  });

const policySizeOf = (stage: Stage, type: string): number =>
  ofType(resourcesOf(templatesOf(stage).app), type).reduce((sum, [, { Properties }]) => sum + JSON.stringify(Properties).length, 0);

describe('the rules for alarms', () => {
  test.each([1, 73, 74, 75, 100, 101, 1000])('of %d services hold every prefix once, each below the limit of EventBridge', (count) => {
    const stage = stageWith(count);
    for (const own of [false, true]) {
      const patterns = alarmRules(stage).flatMap((rule) => (rule.own === own ? [rule.pattern] : []));
      expect(patterns.flatMap(({ detail }) => detail?.alarmName?.map(({ prefix }) => prefix) ?? [])).toEqual(
        stage.services.map(({ alarmPrefix }) => alarmPrefix),
      );
      for (const pattern of patterns) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(patternLimit);
    }
  });

  test('of one service stay where they are when others come', () => {
    const idsOf = (stage: Stage) => Object.keys(resourcesOf(templatesOf(stage).app)).filter((id) => id.startsWith('FeedsAlarms'));
    expect(idsOf(stageWith(1000))).toEqual(expect.arrayContaining(idsOf(stageWith(1))));
  });

  // A statement for each rule would not fit: 20 KB for a function, 8 KB and 20 statements for a queue.
  test('need no more permissions for a thousand services than for one', () => {
    for (const type of ['AWS::Lambda::Permission', 'AWS::SQS::QueuePolicy'])
      expect(policySizeOf(stageWith(1000), type)).toBe(policySizeOf(stageWith(1), type));
  });

  test('are refused when a prefix fits into no rule, and when there would be too many', () => {
    expect(() => templatesOf(stageWith(1, 2_100))).toThrow(
      /rule Alarms has 2\d{3} characters, and EventBridge takes 2048: shorten the alarmPrefix/,
    );
    expect(() => templatesOf(stageWith(1000, 250))).toThrow(
      /need 143 rules Alarms, and Holdpoint makes at most 100 .*: give the services shorter alarmPrefixes/,
    );
  });

  test.each([
    ['keep what begins with no other', ['shop-', 'web-'], ['shop-', 'web-']],
    ['leave out what another one covers', ['shop-api-', 'shop-', 'web-'], ['shop-', 'web-']],
    ['name the same once', ['shop-', 'shop-'], ['shop-']],
    ['compare prefixes, not words', ['shop', 'shopping-'], ['shop']],
  ])('%s', (_why, given, kept) => {
    expect(shortestPrefixes(given)).toEqual(kept);
  });
});

describe('services in other accounts and regions', () => {
  const observed = resourcesOf(templatesOf({ ...realStage, observedAccounts: ['222233334444', '333344445555'] }).app);
  const [[bus = ''] = []] = ofType(observed, 'AWS::Events::EventBus');

  test('reach the bus of the stage only from the accounts that it names', () => {
    expect(ofType(observed, 'AWS::Events::EventBusPolicy').map(([, { Properties }]) => Properties)).toEqual([
      {
        EventBusName: { Ref: bus },
        StatementId: 'cdk-ObservedAccounts',
        Statement: {
          Sid: 'cdk-ObservedAccounts',
          Effect: 'Allow',
          Action: 'events:PutEvents',
          Principal: {
            AWS: ['222233334444', '333344445555'].map((account) => ({
              'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]],
            })),
          },
          Resource: { 'Fn::GetAtt': [bus, 'Arn'] },
        },
      },
    ]);
    expect(ofType(resourcesOf(templatesOf(realStage).app), 'AWS::Events::EventBusPolicy')).toEqual([]);
  });

  test('are heard on the bus as on the default bus, archived, and may notify the topic', () => {
    expect(alarmRules(realStage).map(({ own }) => own)).toEqual([false, true]);
    const accounts = [{ Ref: 'AWS::AccountId' }, '222233334444', '333344445555'];
    expect(ofType(observed, 'AWS::Events::Archive').map(([, { Properties }]) => Properties.EventPattern)).toEqual([
      expect.objectContaining({ account: accounts }),
    ]);
    expect(JSON.stringify(ofType(observed, 'AWS::SNS::TopicPolicy'))).toContain(
      JSON.stringify({ StringEquals: { 'aws:SourceAccount': accounts } }),
    );
  });
});
