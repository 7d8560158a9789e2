import { describe, expect, test } from 'vitest';
import { inRepository } from './given-files.ts';

const good = `service: shop
features:
  - { id: cart, title: Cart, paths: ["src/cart/**"] }
  - { id: orders, title: Orders, paths: ["src/orders/**"] }
observe:
  soak-24h: 2026-04-30
`;

describe('holdpoint profile check', () => {
  test('says what the profile gives, and names production files that no feature lists', async () => {
    const { code, out } = await inRepository(['profile', 'check', 'holdpoint.yaml'], {
      'holdpoint.yaml': good,
      'src/cart/a.ts': '',
      'src/other.ts': '',
      'src/other.test.ts': '',
      'vite.config.ts': '',
      'docs/a.md': '',
    });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^holdpoint\.yaml: the profile [0-9a-f]{12} of shop gives the definition [0-9a-f]{12}\n {2}features 2, own checks 0, observed 1, deviations 0\n/,
    );
    expect(out).toContain('note: the feature orders lists no file that git knows');
    expect(out).toContain('note: no feature lists src/other.ts: where');
  });

  test('says every mistake as file:line:column', async () => {
    const files = { 'holdpoint.yaml': good.replace('title: Cart', 'titel: Cart').replace('service:', 'servise:') };
    const { code, out } = await inRepository(['profile', 'check', 'holdpoint.yaml'], files);
    expect(code).toBe(1);
    expect(out.split('\n').slice(0, 4)).toEqual([
      'holdpoint.yaml:1:1: service: is missing: a text is expected',
      'holdpoint.yaml:1:1: servise: there is no such member here',
      'holdpoint.yaml:3:5: features[0].title: is missing: a text is expected',
      'holdpoint.yaml:3:17: features[0].titel: there is no such member here',
    ]);
    const asJson = JSON.parse((await inRepository(['profile', 'check', 'holdpoint.yaml', '--json'], files)).out) as { mistakes: object[] };
    expect(asJson.mistakes[0]).toEqual({ line: 1, column: 1, member: 'service', message: 'is missing: a text is expected' });
  });

  test('a line cannot be observed for years, and a date that is over is said', async () => {
    const late = await inRepository(['profile', 'check', 'p.yaml'], { 'p.yaml': good.replace('2026-04-30', '2029-01-01') });
    expect([late.code, late.out]).toEqual([1, expect.stringMatching(/^p\.yaml:6:13: observe\.soak-24h: more than 400 days/)]);
    const over = await inRepository(['profile', 'check', 'p.yaml'], { 'p.yaml': good.replace('2026-04-30', '2026-01-01') });
    expect([over.code, over.out]).toEqual([0, expect.stringContaining('note: soak-24h is required since 2026-01-01')]);
  });

  test('a file that is not there is wrong usage', async () => {
    expect(await inRepository(['profile', 'check', 'p.yaml'], {})).toMatchObject({
      code: 2,
      err: expect.stringMatching(/p\.yaml cannot be read: there is no such/),
    });
  });
});

describe('--profile', () => {
  test('checklist shows the definition as it would be', async () => {
    const { code, out } = await inRepository(['checklist', '--profile', 'p.yaml'], { 'p.yaml': good });
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toContain('the definition that Holdpoint ships with p.yaml');
    expect(out).toContain('production-code-only: All 2 features have production code only (zero mocks/stubs)');
    expect(out.replace(/\s+/g, ' ')).toContain('judged and shown only until 2026-04-30 00:00:00 UTC, then required');
    expect(out).toContain('features: cart (src/cart/**), orders (src/orders/**)');
  });

  test('inspect judges by the features of the profile', async () => {
    const lcov = 'SF:src/cart/a.ts\nDA:1,1\nDA:2,1\nend_of_record\nSF:src/orders/b.ts\nDA:1,0\nend_of_record\n';
    const { code, out } = await inRepository(['evidence', 'inspect', 'lcov.info', '--profile', 'p.yaml', '--json'], {
      'p.yaml': good,
      'lcov.info': lcov,
    });
    expect(code).toBe(0);
    const document = JSON.parse(out) as { checks: { id: string; verdict: string; reason: string }[] };
    expect(document.checks).toEqual([
      {
        id: 'coverage-per-feature',
        verdict: 'fail',
        reason: '1 of 2 features under its floor; feature orders: 0.0 % of 1 line, 70 % expected',
      },
    ]);
  });

  test('a profile with a mistake is refused with its first place', async () => {
    const { code, err } = await inRepository(['checklist', '--profile', 'p.yaml'], { 'p.yaml': good.replace('soak-24h', 'no-secrets') });
    expect([code, err]).toEqual([2, expect.stringContaining('p.yaml:6:3: observe.no-secrets: no-secrets may not be waived')]);
  });
});

test('schema profile prints the JSON Schema', async () => {
  const { out } = await inRepository(['schema', 'profile'], {});
  expect(JSON.parse(out)).toMatchObject({ $id: 'https://holdpoint.dev/schemas/profile/1', type: 'object', additionalProperties: false });
});
