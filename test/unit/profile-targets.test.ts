import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { diffDefinitions } from '../../lib/checklist/definition-diff.ts';
import { type ProfileTargets, reachedAt, withProfileTargets } from '../../lib/checklist/profile-targets.ts';
import { targetsSchema, watchedMetrics } from '../../lib/checklist/targets.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { targetMisfits } from '../../lib/profile/permitted-targets.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { looseDifferences } from '../../lib/query/diff-words.ts';

const role = 'arn:aws:iam::111122223333:role/observer';
const stage = targetsSchema.parse({
  components: [
    { component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live', role } },
    { component: 'batch', platform: { kind: 'reported' } },
  ],
  probes: [{ id: 'orders', url: 'https://shop.test/orders', expect: {}, critical: true }],
  alarms: ['old-alarm'],
  permits: { addresses: ['https://shop.test/api', 'http://10.0.0.7:8080'], alarmPrefixes: ['shop-'], namespaces: ['Shop'] },
  rollback: {
    'stop-requests': { by: { kind: 'person' }, stopped: ['closed'], accepting: ['orders'] },
    'restore-database': { by: { kind: 'person' }, backwardCompatible: true },
    decideThemselves: ['critical-feature-not-working'],
  },
});
const staged = { environments: ['production', 'staging'], targets: { production: stage } };

const start = 'service: shop\nfeatures:\n  - { id: cart, title: Cart, paths: ["src/**"] }\ntargets:\n  production:\n';
const read = (lines: string) => readProfile(new TextEncoder().encode(`${start}${lines}`));
const given = (lines: string) => {
  const result = read(lines);
  return 'ok' in result ? result.ok : expect.fail(JSON.stringify(result.wrong));
};
const refusedAs = (lines: string): readonly string[] => {
  const { profile, placed } = given(lines);
  return placed(targetMisfits(profile, staged)).map(({ line, column, member, message }) => `${line}:${column} ${member}: ${message}`);
};
const named = (lines: string): ProfileTargets => given(lines).profile.targets?.production ?? expect.fail('no targets');

const probes = `    probes:
      - { id: listed, url: /orders, expect: {}, critical: true }
      - { id: closed, url: "https://shop.test/api/closed", expect: { status: [503] } }
`;

describe('targets of a profile', () => {
  test('are added to those of the stage, with the roles and the rollback of the stage', () => {
    const merged = withProfileTargets(stage, named(`${probes}    alarms: [shop-errors, old-alarm]\n`));
    expect(merged.probes.map(({ id, url, within }) => [id, url, within])).toEqual([
      ['orders', 'https://shop.test/orders', undefined],
      ['listed', 'https://shop.test/api/orders', stage.permits?.addresses],
      ['closed', 'https://shop.test/api/closed', stage.permits?.addresses],
    ]);
    expect(merged.alarms).toEqual(['old-alarm', 'shop-errors']);
    expect([merged.components, merged.rollback]).toEqual([stage.components, stage.rollback]);
    expect(withProfileTargets(stage, undefined)).toBe(stage);
  });

  const p95 = { is: 'p95', namespace: 'Shop', metric: 'Duration', statistic: 'p95' };
  const looking = targetsSchema.parse({
    ...stage,
    metrics: [
      { ...p95, id: 'p95' },
      { ...p95, id: 'errors', is: 'error-rate' },
    ],
    openapi: { base: 'https://shop.test/v1', requests: { placeOrder: { safe: true } } },
  });
  const looks = `${probes}    metrics: [{ id: slow, is: p95, namespace: Shop, metric: Duration, statistic: p95 }]\n    openapi: {}\n`;

  test('end no look of the stage: a trigger watches the metrics of both', () => {
    const merged = withProfileTargets(looking, named(looks));
    expect(watchedMetrics(merged).map(({ id }) => id)).toEqual(['p95', 'errors', 'slow']);
    expect(merged.openapi).toEqual(looking.openapi);
    expect(withProfileTargets(stage, named(looks)).openapi).toMatchObject({ base: 'https://shop.test/api/', requests: {} });
  });

  test('do not take the place of what the stage names: it is said with line and column, and later the stage counts', () => {
    const same = looks.replace('id: slow', 'id: p95').replace('id: listed', 'id: orders');
    const { profile, placed } = given(same);
    const found = placed(targetMisfits(profile, { ...staged, targets: { production: looking } }));
    expect(found.map(({ line, column, member, message }) => `${line}:${column} ${member}: ${message}`)).toEqual([
      '7:15 targets.production.probes[0].id: the stage file has a probe orders, which stays as it is: give this one another id, or take that one out of the stage file',
      '9:21 targets.production.metrics[0].id: the stage file has a metric p95, which stays as it is: give this one another id, or take that one out of the stage file',
      '10:5 targets.production.openapi: the stage file names the OpenAPI document already: take it out there, or leave it out here',
    ]);
    const merged = withProfileTargets(looking, named(same));
    expect(merged.probes.map(({ id, url }) => [id, url])).toEqual([
      ['orders', 'https://shop.test/orders'],
      ['closed', 'https://shop.test/api/closed'],
    ]);
    expect(merged.metrics).toEqual(looking.metrics);
  });

  test('have no two metrics of one id', () => {
    const metric = '{ id: slow, is: p95, namespace: Shop, metric: Duration, statistic: p95 }';
    const permitting = targetsSchema.parse({ ...stage, rollback: undefined, permits: { namespaces: ['Shop'] } });
    const { profile } = given(`    metrics: [${metric}, ${metric}]\n`);
    expect(targetMisfits(profile, { ...staged, targets: { production: permitting } })).toMatchObject([
      { message: 'two metrics have the id slow' },
    ]);
  });

  test('fit where the stage permits them', () => {
    expect(
      refusedAs(`${probes}    alarms: [shop-errors, old-alarm]
    metrics: [{ id: p95, is: p95, namespace: Shop, metric: Duration, statistic: p95 }]
    openapi: { base: /v1, url: "http://10.0.0.7:8080/openapi.json" }
    components:
      - { component: web, platform: { kind: lambda-alias, function: shop, alias: live }, startsAfter: [batch] }
      - { component: batch, platform: { kind: reported } }
      - { component: pages, platform: { kind: reported } }
`),
    ).toEqual([]);
  });

  test.each([
    ['another host', 'https://shop.test.evil.example/api/orders'],
    ['another scheme', 'http://shop.test/api/orders'],
    ['another port', 'https://shop.test:8443/api/orders'],
    ['a path beside the address', 'https://shop.test/apis/orders'],
    ['a way out of the address', 'https://shop.test/api/../admin'],
    ['a segment with a parameter', '/..;a/admin'],
    ['a segment with an encoded parameter', '/..%3Ba/admin'],
    ['a name before the host', 'https://shop.test@evil.example/api/orders'],
    ['a name and the host', 'https://me:secret@shop.test/api/orders'],
    ['another private address', 'http://10.0.0.8:8080/orders'],
    ['a metadata service', 'http://169.254.169.254/latest/meta-data'],
  ])('reach %s nowhere', (_, url) => {
    expect(reachedAt(stage, url)).toBeUndefined();
    expect(refusedAs(`    probes:\n      - { id: listed, url: "${url}", expect: {}, critical: true }\n`)).toEqual([
      `7:28 targets.production.probes[0].url: the stage file permits no request to ${url} (permits.addresses): it permits https://shop.test/api, http://10.0.0.7:8080`,
    ]);
  });

  test('reach a query that has what no path may have', () => {
    expect(reachedAt(stage, '/orders?next=%2Forders%5c')).toBe('https://shop.test/api/orders?next=%2Forders%5c');
    expect(reachedAt(stage, '/caf%C3%A9')).toBe('https://shop.test/api/caf%C3%A9');
  });

  test.each([
    ['    alarms: [shop-errors, billing-errors]', '6:27 targets.production.alarms[1]: the stage file permits no alarm billing-errors'],
    [
      '    metrics: [{ id: p95, is: p95, namespace: Billing, metric: D, statistic: p95 }]',
      '6:46 targets.production.metrics[0].namespace: the stage file permits no metric of Billing',
    ],
    [
      '    openapi: { base: "https://other.test" }',
      '6:22 targets.production.openapi.base: the stage file permits no request to https://other.test',
    ],
    [
      '    components: [{ component: web, platform: { kind: lambda-alias, function: billing, alias: live } }, { component: batch, platform: { kind: reported } }]',
      '6:46 targets.production.components[0].platform: the stage file does not say that web runs there',
    ],
    [
      '    components: [{ component: web, platform: { kind: reported } }, { component: batch, platform: { kind: reported } }]',
      '6:46 targets.production.components[0].platform: the stage file does not say that web runs there',
    ],
    [
      '    components: [{ component: web, platform: { kind: lambda-alias, function: shop, alias: live } }]',
      '6:17 targets.production.components: the stage file has the component batch',
    ],
    [
      '    probes: [{ id: listed, url: /orders, expect: {}, critical: true }]',
      '6:5 targets.production: the rollback names the probe closed, which is not configured',
    ],
  ])('say with line and column what the stage does not permit: %s', (lines, expected) => {
    const found = refusedAs(`${lines}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  test('are permitted in no other environment', () => {
    const other = (name: string) => {
      const { profile } = given(probes);
      return targetMisfits({ targets: { [name]: profile.targets?.production ?? {} } }, staged).map(({ message }) => message);
    };
    expect(other('staging')[0]).toContain('the stage file names no targets of this environment');
    expect(other('nowhere')[0]).toContain('the stage has no such environment');
    expect(other('constructor')[0]).toContain('the stage has no such environment');
  });

  test.each([
    ['roles', '    components: [{ component: web, platform: { kind: lambda-alias, function: shop, alias: live, role: x } }]'],
    ['who carries out a rollback', '    rollback: { revert-version: { by: { kind: platform } } }'],
    ['private addresses', '    privateAddresses: true'],
    ['where no user is', '    staging: true'],
    ['what is permitted', '    permits: { addresses: ["https://other.test"] }'],
    ['no probe at all', '    probes: []'],
    ['no alarm at all', '    alarms: []'],
    ['an address of another kind', '    probes: [{ id: a, url: "file:///etc/passwd", expect: {} }]'],
    ['an address without a scheme', '    probes: [{ id: a, url: "//other.test/", expect: {} }]'],
  ])('cannot name %s', (_, lines) => {
    expect(read(`${lines}\n`)).toHaveProperty('wrong');
  });

  test('that the stage does not permit any more are not reached, and what it does not name any more is not read', () => {
    const narrower = targetsSchema.parse({
      ...stage,
      permits: {},
      components: [{ component: 'web', platform: { kind: 'reported' } }],
      rollback: undefined,
    });
    const merged = withProfileTargets(
      narrower,
      named(
        `${probes}    openapi: {}\n    components: [{ component: web, platform: { kind: lambda-alias, function: shop, alias: live } }]\n`,
      ),
    );
    expect(merged.probes.map(({ url }) => url)).toEqual(['https://shop.test/orders', '', '']);
    expect(merged.openapi).toBeUndefined();
    expect(merged.components.map(({ platform }) => platform)).toEqual([{ kind: 'reported' }]);
  });
});

const reason = 'Both versions read the same orders, as a test of every release shows.';
const asks = `    decideThemselves:
      - { trigger: performance-severely-degraded, reason: "${reason}", approver: operations-lead }
    backwardCompatible: { reason: "${reason}", approver: technical-lead }
`;

describe('what a rollback is let do by a profile', () => {
  const definitionOf = (lines: string) => {
    const result = profiled(baseChecklist, given(lines).profile);
    return 'ok' in result ? result.ok : expect.fail(JSON.stringify(result.wrong));
  };

  test('is a deviation where nobody is asked, with its reason', () => {
    expect(refusedAs(`${probes}${asks}`)).toEqual([]);
    expect(definitionOf(asks).deviations).toEqual([
      {
        check: 'performance-severely-degraded',
        parameter: 'decision in production',
        document: 'a person',
        here: 'by itself',
        reason,
        approver: 'operations-lead',
      },
      {
        check: 'restore-database',
        parameter: 'data in production',
        document: 'decided by a person',
        here: 'kept after silence',
        reason,
        approver: 'technical-lead',
      },
    ]);
    const { rollback } = withProfileTargets(stage, named(asks));
    expect(rollback).toMatchObject({
      decideThemselves: ['performance-severely-degraded'],
      'restore-database': { by: { kind: 'person' }, backwardCompatible: true },
    });
  });

  test('needs no reason where people are asked again', () => {
    const strict = '    decideThemselves: []\n    backwardCompatible: false\n';
    expect(definitionOf(strict).deviations).toEqual([]);
    expect(withProfileTargets(stage, named(strict)).rollback).toMatchObject({
      decideThemselves: [],
      'restore-database': { backwardCompatible: false },
    });
  });

  test('says nothing where there is no data to restore', () => {
    const { profile } = given(asks);
    const none = targetsSchema.parse({
      ...stage,
      rollback: { 'restore-database': { notApplicable: 'The service keeps no data of its own.' } },
    });
    expect(targetMisfits(profile, { ...staged, targets: { production: none } }).map(({ path }) => path.at(-1))).toEqual([
      'backwardCompatible',
    ]);
  });

  test('stands in the difference that people approve, beside every probe whole', () => {
    const before = definitionOf(probes);
    const after = definitionOf(`${probes.replace('[503]', '[503, 200]')}${asks}    alarms: [shop-errors]\n`);
    const words = looseDifferences(diffDefinitions(before, after)).map(({ sign, text, changes }) => [sign, text, ...changes]);
    expect(words).toEqual([
      ['+', expect.stringContaining(': decision in production: by itself instead of a person. ')],
      ['+', expect.stringContaining('Deviation of Restore database from backup: data in production: kept after silence')],
      [
        '~',
        'probe closed in production',
        'before: url https://shop.test/api/closed, method GET, expect status 503, expect max 2 seconds, in a row 3, critical no',
        'now: url https://shop.test/api/closed, method GET, expect status 503, 200, expect max 2 seconds, in a row 3, critical no',
      ],
      ['+', 'alarm shop-errors in production'],
    ]);
  });
});
