import Ajv2020 from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { profileJsonSchema } from '../../lib/profile/schema.ts';
import { placesIn, replaced } from './json-places.ts';
import { bytes } from './parsed.ts';

type Json = Record<string, unknown>;

const good = `$schema: https://holdpoint.dev/schemas/profile/1
service: shop
features:
  - id: cart
    title: Cart
    paths: ["src/cart/**"]
tighten:
  coverage-per-feature:
    floorPct: 80
`;
/** Every mistake in a file, as an editor names it. */
const mistakes = (text: string): readonly string[] => {
  const read = readProfile(bytes(text));
  const wrong =
    'wrong' in read
      ? read.wrong
      : (() => {
          const result = profiled(baseChecklist, read.ok.profile);
          return 'wrong' in result ? read.ok.placed(result.wrong) : [];
        })();
  return wrong.map(({ line, column, member, message }) => `${line}:${column} ${member}: ${message}`);
};

describe('a profile file', () => {
  test('is YAML or JSON, with comments, CRLF and a byte order mark', () => {
    expect(mistakes(good)).toEqual([]);
    expect(mistakes(`\uFEFF# ours\r\n${good.replaceAll('\n', '\r\n')}`)).toEqual([]);
    for (const order of ['utf16le', 'utf16be'] as const) {
      const written = Buffer.from(`\uFEFF${good}`, 'utf16le');
      expect(readProfile(order === 'utf16le' ? written : written.swap16())).toHaveProperty('ok');
    }
    const merged = 'service: shop\nfeatures:\n  - &one { id: a, title: A, paths: ["src/**"] }\n  - { <<: *one, id: b }\n';
    expect(mistakes(merged)).toEqual([]);
    expect(mistakes(JSON.stringify({ service: 'shop', features: [{ id: 'a', title: 'A', paths: ['src/**'] }] }))).toEqual([]);
  });

  test.each<readonly [string, string, string, RegExp]>([
    ['a member that does not exist', 'title: Cart', 'titel: Cart', /^5:5 features\[0\]\.titel: there is no such member here$/],
    ['a name that is missing', '    title: Cart\n', '', /^4:5 features\[0\]\.title: is missing: a text is expected$/],
    ['another type', 'floorPct: 80', 'floorPct: high', /^9:15 tighten\.coverage-per-feature\.floorPct: got "high", expected a number$/],
    ['a figure that is not stricter', 'floorPct: 80', 'floorPct: 60', /^9:15 tighten\.coverage-per-feature\.floorPct: 60 is not stricter/],
    ['a parameter that does not exist', 'floorPct: 80', 'floor: 80', /^9:5 tighten\.coverage-per-feature\.floor: .*has no figure/],
    [
      'a check that does not exist',
      '  coverage-per-feature:',
      '  coverage-per-fixture:',
      /^8:3 tighten\.coverage-per-fixture: no gate judges/,
    ],
    ['a glob that leaves the repository', 'src/cart/**', '../cart/**', /^6:13 features\[0\]\.paths\[0\]: got .*, expected a path below/],
    ['a name that stands twice', 'service: shop', 'service: shop\nservice: other', /^3:1 : this name stands here twice$/],
    ['a text that begins with a star', '["src/cart/**"]', '[**/cart]', /^6:13 : \*\*\/cart repeats nothing .*quote a text/],
    ['an alias before its anchor', 'title: Cart', 'title: *t\n    x: &t a', /^5:12 : \*t repeats nothing that stands above/],
    ['an unknown tag', 'service: shop', 'service: !name shop', /^2:10 : this tag is not known: leave it out$/],
    ['an older version of YAML', '$schema', '%YAML 1.1\n---\n$schema', /^1:1 : the file says that it is YAML 1\.1/],
    ['a second document', 'tighten:', '---\ntighten:', /^7:1 : a second document begins here/],
    ['a list as a name', 'service: shop', 'service: shop\n? [a]\n: 1', /^3:3 : a name is a text/],
    ['a tab before a name', '    title', '\ttitle', /^5:1 : Tabs are not allowed as indentation/],
    [
      'a folder in place of its files',
      'src/cart/**',
      'src/cart/',
      /^6:13 features\[0\]\.paths\[0\]: .*all files of a folder are folder\/\*\*/,
    ],
    ['a folder without a name', 'src/cart/**', 'src//cart', /^6:13 features\[0\]\.paths\[0\]: got .*, expected a path below/],
    ['a glob of blanks', 'src/cart/**', ' ', /^6:13 features\[0\]\.paths\[0\]: got .*, expected a path below/],
    [
      'a figure that is none',
      'floorPct: 80',
      'floorPct: .nan',
      /^9:15 tighten\.coverage-per-feature\.floorPct: .*got NaN, expected a number/,
    ],
    [
      'a figure without end',
      'floorPct: 80',
      'floorPct: 1e999',
      /^9:15 tighten\.coverage-per-feature\.floorPct: .*got Infinity, expected a number/,
    ],
    [
      'a reason that shows nothing',
      'tighten:',
      `deviations: [{ check: user-guide, parameter: minWords, document: 1, here: 2, approver: technical-lead, reason: "${'\u200b'.repeat(30)}" }]\ntighten:`,
      /^7:\d+ deviations\[0\]\.reason: got .*, expected a reason in words/,
    ],
    [
      'a date that does not exist',
      'tighten:',
      'observe:\n  soak-24h: 2027-02-30\ntighten:',
      /^8:13 observe\.soak-24h: got "2027-02-30", expected a date such as/,
    ],
    ['an inherited name', 'service: shop', 'service: shop\n__proto__: 1', /^3:1 : there is no such member here$/],
    ['an inherited name as a figure', 'floorPct: 80', 'floorPct: 80\n    __proto__: 1', /^10:5 : there is no such member here$/],
    ['no name as a key', 'tighten:', 'observe: { No Check: 2027-01-01 }\ntighten:', /^7:12 observe\.No Check: small letters/],
    [
      'a rule that does not exist',
      'tighten:',
      'checks: [{ id: a, gate: phase-1, title: a, owner: technical-lead, proof: a, rule: { kind: b } }]\ntighten:',
      /^7:\d+ checks\[0\]\.rule\.kind: there is no such rule/,
    ],
  ])('%s is said with its line and column', (_what, from, to, expected) => {
    expect(mistakes(good.replace(from, to)).filter((one) => expected.test(one))).toHaveLength(1);
  });

  test('all mistakes are said at once, from the top down', () => {
    const text = good.replace('service: shop', 'service: 5').replace('title: Cart', 'titel: Cart').replace('floorPct: 80', 'floorPct: x');
    expect(mistakes(text).map((one) => one.split(' ')[0])).toEqual(['2:10', '4:5', '5:5', '9:15']);
  });

  test.each<readonly [string, string | Uint8Array]>([
    ['nothing', ''],
    ['a list', '- 1'],
    ['a text', 'shop'],
    ['a syntax error', 'service: [shop'],
    ['two documents', 'service: a\n---\nservice: b'],
    ['values nested deep', '['.repeat(100_000)],
    ['aliases that expand', `a: &a [x,x]\nb: &b [*a,*a]\n${Array.from({ length: 200 }, (_, at) => `c${at}: [*b,*b,*b]`).join('\n')}`],
    [
      'merge keys that copy',
      `a: &a {${Array.from({ length: 3000 }, (_, at) => `k${at}: 1`).join(',')}}\n${Array.from({ length: 90 }, (_, at) => `c${at}: {<<: *a}`).join('\n')}`,
    ],
    ['many aliases', `a: &a x\nb: [${'*a,'.repeat(30_000)}]`],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
    ['a file that is too long', `# ${'x'.repeat(200_000)}`],
    ['an HTML page', '<html><body>Sign in</body></html>'],
  ])('%s is refused with a place', (_what, text) => {
    const read = readProfile(typeof text === 'string' ? bytes(text) : text);
    expect('wrong' in read && read.wrong.length > 0 && read.wrong.every(({ line, column }) => line > 0 && column > 0)).toBe(true);
  });

  test('every mistake says what stands there and what is expected, in words for people', () => {
    const rule = { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 };
    const full: Json = {
      service: 'shop',
      features: [{ id: 'a', title: 'A', paths: ['src/**'], suites: ['*aa*'], floorPct: 80 }],
      suites: { 'error-handling-tested': ['*aa*'] },
      guides: { 'user-guide': 'docs/a.md' },
      ports: { from: 8000, to: 8999 },
      endpoints: ['GET /a'],
      expectedPeak: 100,
      checks: [{ id: 'own-x', gate: 'phase-1', title: 'T', owner: 'technical-lead', proof: 'P', rule, maxAgeSeconds: 60 }],
      evidence: { 'no-secrets': [{ id: 'x', rule }] },
      deviations: [
        {
          check: 'soak-24h',
          parameter: 'minPoints',
          document: 1440,
          here: 60,
          reason: 'the service lives for an hour',
          approver: 'technical-lead',
        },
      ],
      removedFeatures: [{ id: 'b', reason: 'the service has it no longer', approver: 'technical-lead' }],
      targets: { production: { probes: [{ id: 'a', url: '/health', method: 'GET', critical: true, expect: { status: [200] } }] } },
      observe: { 'soak-24h': '2027-01-01' },
    };
    expect(mistakes(JSON.stringify(full))).toEqual([]);
    const places = placesIn(full).filter((path) => path.length > 0);
    const said = places.flatMap((path) =>
      [undefined, null, -1, 1.5, 1e12, '', 'x\ny', 'x'.repeat(500), true, [], {}, [1], { a: 1 }].flatMap((value) =>
        mistakes(JSON.stringify(replaced(full, path, value))),
      ),
    );
    expect(said.length).toBeGreaterThan(300);
    expect(said.filter((one) => /Invalid|Too (?:small|big)|Unrecognized|received|undefined|\[object/.test(one))).toEqual([]);
    expect(mistakes(JSON.stringify(replaced(full, ['deviations', 0, 'document'], undefined)))).toEqual([
      expect.stringMatching(/ deviations\[0\]\.document: is missing: a number or a text is expected$/),
    ]);
    expect(mistakes(JSON.stringify(replaced(full, ['deviations', 0, 'document'], true)))).toEqual([
      expect.stringMatching(/ deviations\[0\]\.document: got true, expected a number or a text$/),
    ]);
  });

  test('whatever stands in a file is read or refused', () => {
    const places = fc.array(fc.constantFrom(...good.split(/\b/), ':', '- ', '\n', '{', '[', '&a', '*a', '!!x', '"', '<<', '|'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          places.map((parts) => parts.join('')),
        ),
        (text) => {
          const read = readProfile(bytes(text));
          if ('wrong' in read) expect(read.wrong.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test('the published JSON Schema takes what is read, and refuses members that do not exist', () => {
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  const validate = ajv.compile(profileJsonSchema());
  const value = {
    $schema: 'x',
    service: 'shop',
    features: [{ id: 'a', title: 'A', paths: ['src/**'] }],
    observe: { 'soak-24h': '2027-01-01' },
  };
  expect(validate(value)).toBe(true);
  expect(validate({ ...value, features: [] })).toBe(false);
  expect(validate({ ...value, service: undefined, extra: 1 })).toBe(false);
  expect(
    validate({ ...value, checks: [{ id: 'a', gate: 'phase-1', title: 'a', owner: 'operator', proof: 'a', rule: { kind: 'nothing/1' } }] }),
  ).toBe(false);
});
