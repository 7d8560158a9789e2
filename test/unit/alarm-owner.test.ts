import { describe, expect, test } from 'vitest';
import { alarmPrefixes, ownersOf } from '../../lib/feeds/alarm-owner.ts';
import { childrenOf } from '../../lib/feeds/composite-alarm.ts';

const services = [
  { name: 'shop', environments: ['production', 'pre-production'], alarmPrefix: 'shop-' },
  { name: 'admin', environments: ['production', 'staging'], alarmPrefix: 'shop-admin-' },
  { name: 'line', environments: ['prod', 'prod-eu'], alarmPrefix: 'production-line' },
  {
    name: 'pay',
    environments: ['live', 'test'],
    alarmPrefix: 'pay',
    alarms: [
      { prefix: 'pay-prd', environment: 'live' },
      { prefix: 'PayStack', environment: 'test' },
    ],
  },
  { name: 'mail', environments: ['production'], alarmPrefix: 'mail:' },
  { name: 'twin-a', environments: ['production'], alarmPrefix: 'twin-' },
  { name: 'twin-b', environments: ['production'], alarmPrefix: 'twin_' },
];
const both = ['shop production', 'shop pre-production'];

describe('an alarm belongs to', () => {
  test.each<[string, string, readonly string[], boolean]>([
    ['the environment that its name names', 'shop-production-5xx', ['shop production'], false],
    ['the longer name, where one stands in the other', 'shop-pre-production-5xx', ['shop pre-production'], false],
    ['the same with other separators', 'shop/pre_production:5xx', ['shop pre-production'], false],
    ['the same in one word and other case', 'Shop.PreProduction.5xx', ['shop pre-production'], false],
    ['the other one, where it only says which it is not', 'shop-non-production-5xx', ['shop pre-production'], true],
    ['both that it names', 'shop-pre-production-to-production-sync', both, true],
    ['all, where an abbreviation names none', 'shop-prod-5xx', both, true],
    ['all, where nothing is named', 'shop-5xx', both, true],
    ['all, where the prefix is all', 'shop', both, true],
    ['the service with the longer prefix', 'shop-admin-staging-cpu', ['admin staging'], false],
    ['that service although its name only begins alike', 'shop-administration-production', ['shop production'], false],
    ['none: the prefix ends within a word', 'shopping-production-5xx', [], false],
    ['none: the prefix stands inside', 'my-shop-production-5xx', [], false],
    ['none: it names another environment than the only one', 'mail-pre-production-queue', [], false],
    ['none: the same in one word', 'mail-preproduction-queue', [], false],
    ['the only environment, without a doubt', 'mail-queue', ['mail production'], false],
    ['not the environment whose name stands in the prefix', 'production-line-prod-eu-cpu', ['line prod-eu'], false],
    ['the shorter name, where the longer one is not complete', 'production-line-prod-europe', ['line prod'], false],
    ['the configured environment', 'pay-prd-latency', ['pay live'], false],
    ['the configured environment, whatever the name says', 'pay-prd-test-latency', ['pay live'], false],
    ['the configured environment of another beginning', 'paystack-queue-depth', ['pay test'], false],
    ['what the name says, where no configured prefix fits', 'pay-prdx-test', ['pay test'], false],
    ['every service with that prefix', 'twin-cpu', ['twin-a production', 'twin-b production'], true],
  ])('%s: %s', (_, alarm, places, doubtful) => {
    const found = ownersOf({ services }, alarm);
    expect(found.places.map(({ service, environment }) => `${service} ${environment}`)).toEqual(places);
    expect(found.doubt !== undefined, found.doubt).toBe(doubtful);
  });

  test('the configured environment of its account and region; where these are not known, to all that its name fits', () => {
    const alarms = [
      { prefix: 'till-errors', environment: 'live', account: '111122223333' },
      { prefix: 'till-errors', environment: 'test', account: '222233334444', region: 'eu-west-1' },
    ];
    const till = [{ name: 'till', environments: ['live', 'test'], alarmPrefix: 'till', alarms }];
    const of = (from?: { account: string; region?: string }) =>
      ownersOf({ services: till }, 'till-errors', from).places.map(({ environment }) => environment);
    expect(of({ account: '111122223333', region: 'eu-west-1' })).toEqual(['live']);
    expect(of({ account: '222233334444', region: 'eu-west-1' })).toEqual(['test']);
    expect(of({ account: '222233334444' })).toEqual(['test']);
    expect(of()).toEqual(['live', 'test']);
    // No entry is of there, so the name decides, and it says nothing.
    expect(of({ account: '222233334444', region: 'eu-north-1' })).toEqual(['live', 'test']);
  });

  test('a service that the rule of the bus lets through, whichever separator follows its prefix', () => {
    expect(alarmPrefixes({ services })).toEqual(['PayStack', 'mail', 'pay', 'production-line', 'shop', 'twin']);
  });
});

const arn = (name: string) => `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${name}`;

describe('a composite alarm stands for', () => {
  test.each<[string, string | undefined, string, readonly string[]]>([
    [
      'names in quotes, names without, and ARNs',
      `ALARM("a b") AND (NOT OK(c) OR INSUFFICIENT_DATA('d')) AND ALARM(${arn('e:f')})`,
      '',
      ['a b', 'c', 'd', 'e:f'],
    ],
    ['other case, blanks, the same name twice', 'alarm ( "a" ) or alarm("a")', '', ['a']],
    ['a name with an escaped quote and a parenthesis', String.raw`ALARM("a\"(b)")`, '', ['a"(b)']],
    ['the child in the reason, where the rule is not given', undefined, `${arn('a')} transitioned to ALARM at Monday`, ['a']],
    ['the child in the reason by name', undefined, 'a transitioned to OK', ['a']],
    ['never itself', 'ALARM("self") OR ALARM("a")', '', ['a']],
    ['nothing, when it is a metric alarm', undefined, 'Threshold Crossed: 1 datapoint was greater', []],
    ['nothing, where the rule is constant', 'TRUE', '', []],
  ])('%s', (_, rule, reason, children) => {
    expect(childrenOf('self', rule, reason)).toEqual(children);
  });
});
