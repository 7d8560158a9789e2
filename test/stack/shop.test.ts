import { describe, expect, test } from 'vitest';
import { localStage, ofType, resourcesOf, templatesOf } from './synthesised.ts';

const local = templatesOf(localStage);

describe('the stack of the shop', () => {
  test('has the shop behind its alias, with an alarm on what fails there that notifies Holdpoint', () => {
    const shop = local.shop ?? expect.fail('no shop');
    const [, alarm] = ofType(resourcesOf(shop), 'AWS::CloudWatch::Alarm')[0] ?? expect.fail('no alarm');
    expect(alarm.Properties).toMatchObject({
      AlarmName: 'shop-production-errors',
      Namespace: 'Shop',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'Alias', Value: 'live' }],
      TreatMissingData: 'notBreaching',
    });
    expect(alarm.Properties.AlarmActions).toEqual(alarm.Properties.OKActions);
    expect(JSON.stringify(alarm.Properties.AlarmActions)).toContain('FeedsAlarmTopic');
    const [, integration] = ofType(resourcesOf(shop), 'AWS::ApiGatewayV2::Integration')[0] ?? expect.fail('no integration');
    expect(JSON.stringify(integration.Properties.IntegrationUri)).toMatch(/"Ref":"Live/);
    const outputs = shop.toJSON().Outputs as Readonly<Record<string, { readonly Value: unknown }>>;
    expect(Object.keys(outputs).sort()).toEqual([
      'ShopAlarm',
      'ShopAlias',
      'ShopApiId',
      'ShopFunction',
      'ShopStagingApiId',
      'ShopStagingUrl',
      'ShopTable',
      'ShopUrl',
    ]);
    expect([outputs.ShopUrl?.Value, outputs.ShopStagingUrl?.Value]).toEqual([
      'https://holdpoint.example.com/shop',
      'https://holdpoint.example.com/shop-staging',
    ]);
  });

  test('keeps every version, because a deleted one could not be gone back to', () => {
    const versions = Object.values((local.shop ?? expect.fail('no shop')).findResources('AWS::Lambda::Version'));
    expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Retain']);
  });

  test('has the function that stops requests, by the names that the stage file uses', () => {
    const shop = local.shop ?? expect.fail('no shop');
    const names = ofType(resourcesOf(shop), 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
    expect(names.sort()).toEqual(['shop', 'shop-stop-requests']);
  });
});
