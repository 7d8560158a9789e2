import { describe, expect, test } from 'vitest';
import { type Stage, stageSchema } from '../../lib/checklist/stage.ts';
import { localStage, ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

const mailOf = (stage: Stage) => {
  const template = templatesOf(stage).app;
  const outputs = template.toJSON().Outputs as Record<string, { Value: unknown }>;
  return {
    identities: ofType(resourcesOf(template), 'AWS::SES::EmailIdentity').map(([, identity]) => identity),
    sets: ofType(resourcesOf(template), 'AWS::SES::ConfigurationSet'),
    records: Object.keys(outputs).filter((name) => name.startsWith('MailRecord')),
    reconciler: JSON.stringify(
      ofType(resourcesOf(template), 'AWS::IAM::Policy').find(([id]) => id.startsWith('eventreconcilerGrants'))?.[1].Properties,
    ),
    environment: ofType(resourcesOf(template), 'AWS::Lambda::Function').find(([id]) => id.startsWith('eventreconcilerFunction'))?.[1]
      .Properties.Environment,
  };
};

describe('the sender of mails', () => {
  test('is an existing identity by default: the app neither makes nor deletes it', () => {
    const { mailIdentity: _, ...silent } = realStage;
    expect(stageSchema.parse(silent).mailIdentity).toBe('existing');
    const { identities, sets, records } = mailOf(realStage);
    expect(identities).toEqual([]);
    expect(sets).toHaveLength(1);
    expect(records).toEqual([]);
  });

  test('is made if the stage says so, outlives the app stack, and outputs the DNS records that verify it', () => {
    const { identities, records } = mailOf({ ...realStage, mailIdentity: 'create' });
    expect(identities).toEqual([
      expect.objectContaining({
        Properties: { EmailIdentity: 'example.com' },
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      }),
    ]);
    expect(records).toEqual(['MailRecord1', 'MailRecord2', 'MailRecord3']);
  });

  test.each([
    ['a parent domain', 'example.com', 'Holdpoint <holdpoint@ops.example.com>', ['example.com', 'holdpoint@ops.example.com']],
    ['the address itself', 'holdpoint@example.com', 'holdpoint@example.com', ['holdpoint@example.com']],
    ['the domain, by default', undefined, 'holdpoint@example.com', ['example.com', 'holdpoint@example.com']],
  ])('may be %s, and SES may check the permission on the address', (_what, mailIdentityName, mailFrom, identities) => {
    const { reconciler } = mailOf({ ...realStage, mailFrom, ...(mailIdentityName === undefined ? {} : { mailIdentityName }) });
    expect([...reconciler.matchAll(/:identity\/([^"]+)"/g)].map(([, name]) => name)).toEqual(identities);
  });

  test('hears of mails that come back, by the default bus, which alone SES publishes to', () => {
    const resources = resourcesOf(templatesOf(realStage).app);
    const [[set = ''] = []] = ofType(resources, 'AWS::SES::ConfigurationSet');
    const [destination] = ofType(resources, 'AWS::SES::ConfigurationSetEventDestination').map(([, { Properties }]) => Properties);
    expect(destination).toMatchObject({
      ConfigurationSetName: { Ref: set },
      EventDestination: { Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'] },
    });
    expect(JSON.stringify(destination)).toContain(':event-bus/default"');
    const patterns = ofType(resources, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
      Properties.EventBusName === undefined ? [Properties.EventPattern] : [],
    );
    expect(patterns).toContainEqual({
      source: ['aws.ses'],
      detail: { mail: { tags: { 'ses:configuration-set': ['holdpoint-production'] } } },
    });
  });

  test('is an address on a local stage, which goes with it', () => {
    expect(mailOf(localStage).identities).toEqual([
      { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'holdpoint@example.com' } },
    ]);
  });

  test('may be used by the reconciler alike, under the set that leaves links as they are', () => {
    const [made, there] = [mailOf({ ...realStage, mailIdentity: 'create' }), mailOf(realStage)];
    expect(made.reconciler).toBe(there.reconciler);
    // Links in mails are secrets: nothing may lead them through another host, so that there are no options for tracking.
    expect(there.sets[0]?.[1].Properties).toEqual({
      Name: 'holdpoint-production',
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    expect(there.environment).toMatchObject({ Variables: { MAIL_SET: { Ref: there.sets[0]?.[0] } } });
  });
});
