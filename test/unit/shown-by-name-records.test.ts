import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { profileSchema } from '../../lib/profile/schema.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { json, factsOf as parsedAs } from './parsed.ts';

/** Services of a profile that records must name. */

const ruleFor = (check: string, more: object): EvidenceRule => {
  const profile = profileSchema.parse({ service: 'shop', features: [{ id: 'all', title: 'all', paths: ['**'] }], ...more });
  const result = profiled(baseChecklist, profile);
  if ('wrong' in result) throw new Error(JSON.stringify(result.wrong));
  const rule = itemOf(result.ok, check)?.rule;
  return rule != null && isEvidenceRule(rule) ? rule : expect.fail('no rule on evidence');
};
const factsOf = (type: 'record', record: object) => parsedAs(type, json(record));

describe('a record of ports names each service of the profile', () => {
  const ports = (...names: readonly string[]) =>
    factsOf('record', {
      schema: 'holdpoint.ports/1',
      at: '2026-03-01T08:00:00Z',
      environment: 'production',
      tool: 'nmap',
      allowed: [[8000, 8010]],
      probed: [[8000, 8010]],
      open: names.map((_, n) => ({ host: 'a', port: 8000 + n })),
      services: names.map((name, n) => ({ name, host: 'a', port: 8000 + n })),
    });
  const rule = ruleFor('ports-allocated', { services: ['order-api', 'web'] });

  test('by name, and not by their number', () => {
    expect(judgeEvidence(rule, ports('Order API', 'web', 'another')).verdict).toBe('pass');
    const { verdict, reason, parts } = judgeEvidence(rule, ports('order-api', 'db', 'cache'));
    expect([verdict, reason]).toEqual(['inconclusive', expect.stringMatching(/1 of the profile's 2 services is not in the record: “web”/)]);
    expect(parts).toMatchObject([{ subject: { kind: 'component', id: 'web' } }, { subject: { id: 'order-api' }, verdict: 'pass' }]);
  });
});

describe('records about consistency compare each service of the profile', () => {
  type Side = { readonly of: string; readonly service?: string; readonly rows: number; readonly checksum?: string };
  const side = (of: string, service?: string, rows = 3): Side => ({
    of,
    rows,
    ...(service === undefined ? {} : { service }),
    ...(rows === 0 ? {} : { checksum: 'crc64:1' }),
  });
  const compared = (...sides: readonly (readonly [Side, Side])[]) =>
    factsOf('record', {
      schema: 'holdpoint.data-check/1',
      at: '2026-03-01T08:00:00Z',
      about: 'consistency',
      tool: 'a job',
      comparisons: sides.map(([left, right], n) => ({ name: `table ${n}`, left, right })),
    });
  const rule = ruleFor('data-consistent', { services: ['order-api', 'billing', 'web'] });

  test('by its name in the profile, or as what a side is of', () => {
    const facts = compared(
      [side('orders', 'order-api'), side('invoices', 'Billing')],
      [side('the cache', 'web'), side('the table', 'order-api')],
    );
    expect(judgeEvidence(rule, facts)).toMatchObject({ verdict: 'pass', parts: [{ subject: { kind: 'component' } }, {}, {}] });
    expect(judgeEvidence(rule, compared([side('Order API'), side('billing')], [side('web'), side('billing')])).verdict).toBe('pass');
  });

  test.each<[string, readonly (readonly [Side, Side])[]]>([
    ['that is nowhere', [[side('orders', 'order-api'), side('invoices', 'billing')]]],
    [
      'of which only empty tables were compared',
      [
        [side('orders', 'order-api'), side('invoices', 'billing')],
        [side('carts', 'web', 0), side('baskets', 'billing', 0)],
      ],
    ],
    ['in the name of a table only', [[side('orders of web', 'order-api'), side('web', 'billing')]]],
  ])('a service %s is not proved, and named', (_what, sides) => {
    const { verdict, reason, parts } = judgeEvidence(rule, compared(...sides));
    expect([verdict, reason]).toEqual([
      'inconclusive',
      expect.stringMatching(/^1 of the profile's 3 services is not a side of a comparison with rows: “web”; /),
    ]);
    expect(parts?.[0]).toMatchObject({ subject: { kind: 'component', id: 'web' }, absent: true });
  });

  test('a difference fails, whatever is named', () => {
    const differs = compared([side('orders', 'order-api'), side('invoices', 'billing', 4)]);
    expect(judgeEvidence(rule, differs).verdict).toBe('fail');
  });

  test('without services in the profile, and of the check after the deployment, nothing is compared', () => {
    const facts = compared([side('here'), side('there')]);
    expect(judgeEvidence(ruleFor('data-consistent', {}), facts)).toMatchObject({
      verdict: 'pass',
      reason: expect.not.stringContaining('profile'),
    });
    expect(ruleFor('data-intact', { services: ['web'] })).toEqual(ruleFor('data-intact', {}));
  });
});
