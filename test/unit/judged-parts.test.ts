import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partName } from '../../lib/fields.ts';
import { judgeEvidence, type Rule } from '../../lib/registry/rules.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { openapiDocumented } from '../../lib/rules/openapi-documented.ts';
import { mostParts, withParts } from '../../lib/rules/parts.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { record } from '../../lib/rules/record-within.ts';
import type { Judgement } from '../../lib/verdict.ts';
import { recordSampleOf } from '../samples.ts';
import { bytes, factsOf } from './parsed.ts';

/** Each part with its verdict, and what is judged besides them. */
const shown = ({ parts = [], besides }: Judgement) => [
  ...parts.map(({ subject, verdict }) => `${partName(subject)} ${verdict}`),
  `besides ${besides?.verdict} ${besides?.leftOut}`,
];

describe('coverage of each feature', () => {
  const features = [
    { id: 'cart', paths: ['src/cart/**'] },
    { id: 'checkout', paths: ['src/checkout/**'] },
  ];
  const rule = coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature', features });
  const traced = (files: Readonly<Record<string, readonly [hit: number, missed: number]>>, more = '') =>
    factsOf(
      'lcov',
      bytes(
        Object.entries(files)
          .map(([path, [hit, missed]]) =>
            [
              `SF:${path}`,
              ...Array.from({ length: hit + missed }, (_, at) => `DA:${at + 1},${at < hit ? 1 : 0}`),
              more,
              'end_of_record',
              '',
            ]
              .filter((line, at, all) => line !== '' || at === all.length - 1)
              .join('\n'),
          )
          .join(''),
      ),
    );

  test('names each feature; one under its floor is no fault of the others, although the total is under it, too', () => {
    const judged = judgeEvidence(rule, traced({ 'src/cart/a.ts': [9, 1], 'src/checkout/b.ts': [10, 90] }));
    expect(judged.verdict).toBe('fail');
    expect(shown(judged)).toEqual(['feature:checkout fail', 'feature:cart pass', 'besides pass 0']);
  });

  test.each([
    ['a feature without lines', { 'src/cart/a.ts': [9, 1] }, ['feature:checkout inconclusive', 'feature:cart pass', 'besides pass 0']],
    [
      'a file of no feature',
      { 'src/cart/a.ts': [9, 1], 'src/checkout/b.ts': [1, 9], 'src/other.ts': [9, 0] },
      ['feature:checkout fail', 'feature:cart pass', 'besides inconclusive 0'],
    ],
    [
      'a file of no feature that nothing covers',
      { 'src/cart/a.ts': [9, 1], 'src/checkout/b.ts': [9, 1], 'src/other.ts': [0, 50] },
      ['feature:cart pass', 'feature:checkout pass', 'besides fail 0'],
    ],
  ] as const)('%s', (_what, files, says) => {
    expect(shown(judgeEvidence(rule, traced(files as never)))).toEqual(says);
  });

  test('facts without counts of files name none', () => {
    const { perFile: _, ...old } = traced({ 'src/cart/a.ts': [1, 9] });
    expect(judgeEvidence(rule, old as never).parts).toBeUndefined();
  });
});

describe('tests of each feature', () => {
  const rule = junitPasses.of({
    minTests: 1,
    maxSkippedPct: 20,
    features: [
      { id: 'cart', suites: ['*cart*'] },
      { id: 'orders', suites: ['*orders*'] },
    ],
  });
  const judged = (cases: string) => judgeEvidence(rule, factsOf('junit', bytes(`<testsuites>${cases}</testsuites>`)));
  const suite = (name: string, inside = '') => `<testsuite name="${name}"><testcase name="t of ${name}">${inside}</testcase></testsuite>`;

  test.each([
    ['one fails', suite('Cart') + suite('Orders', '<failure/>'), ['feature:orders fail', 'feature:cart pass', 'besides pass 0']],
    ['one has none', suite('Cart'), ['feature:orders inconclusive', 'feature:cart pass', 'besides pass 0']],
    ['none ran', suite('Cart', '<skipped/>'), ['feature:cart inconclusive', 'feature:orders inconclusive', 'besides inconclusive 0']],
    [
      'a claim that is about no suite',
      `${suite('Cart')}${suite('Orders', '<failure/>')}<testsuite tests="9">${suite('Other')}</testsuite>`,
      ['feature:orders fail', 'feature:cart pass', 'besides inconclusive 0'],
    ],
  ])('%s', (_what, cases, says) => {
    expect(shown(judged(cases))).toEqual(says);
  });
});

describe('endpoints', () => {
  test('are those of the probes; a path that several probes ask is a part for each', () => {
    const probe = (id: string, path: string, ok: boolean) => ({
      id,
      method: 'GET',
      path,
      critical: false,
      mode: 'in-a-row',
      needed: 1,
      skipped: null,
      tries: [{ ms: 3, status: ok ? 200 : 500, ok, why: ok ? null : 'status 500' }],
    });
    const at = '2026-03-02T08:00:00.000Z';
    const facts = factsOf(
      'probes',
      bytes(
        JSON.stringify({
          schema: 'holdpoint.probes/1',
          set: 'probes',
          partial: false,
          from: at,
          to: at,
          probes: [
            probe('list', '/orders', true),
            probe('guest', '/orders', false),
            probe('health', '/health', true),
            probe('long', `/${'x'.repeat(199)}`, false),
          ],
        }),
      ),
    );
    expect(shown(judgeEvidence(probesPass.of({ set: 'probes', probes: 'all' }), facts))).toEqual([
      'endpoint:GET /orders (guest) fail',
      'endpoint:GET /orders (list) pass',
      'endpoint:GET /health pass',
      'besides fail 1',
    ]);
    expect(shown(judgeEvidence(probesPass.of({ set: 'probes', probes: ['health', 'gone'] }), facts))).toEqual([
      'endpoint:GET /health pass',
      'besides inconclusive 0',
    ]);
  });

  test('are the undescribed operations of an OpenAPI document, as far as the facts name them', () => {
    const paths = Object.fromEntries(
      Array.from({ length: 25 }, (_, at) => [
        `/things/${at}`,
        { get: { ...(at < 2 ? {} : { summary: 'A thing' }), responses: { 200: { description: 'ok' } } } },
      ]),
    );
    const document = (all: object) =>
      factsOf('openapi', bytes(JSON.stringify({ openapi: '3.0.3', info: { title: 'a', version: '1' }, paths: all })));
    const rule = openapiDocumented.of({ require: 'described', minOperations: 1 });
    expect(shown(judgeEvidence(rule, document(paths)))).toEqual([
      'endpoint:GET /things/0 fail',
      'endpoint:GET /things/1 fail',
      'besides pass 23',
    ]);
    const bare = Object.fromEntries(Object.keys(paths).map((path) => [path, { get: { responses: { 200: { description: 'ok' } } } }]));
    expect(shown(judgeEvidence(rule, document(bare))).at(-1)).toBe('besides fail 5');
  });

  test('are the routes of a record, and components those of what runs', () => {
    const judged = (id: 'routes' | 'read-back', change: object, limits: object = {}) =>
      judgeEvidence(record(id, limits) as Rule, factsOf('record', bytes(JSON.stringify({ ...recordSampleOf(id), ...change }))));
    const route = (path: string) => ({ method: 'GET', path });
    expect(
      shown(judged('routes', { served: [route('/a'), route('/b/:id')], documented: [route('/b/{id}'), route('/c')] }, { minRoutes: 3 })),
    ).toEqual(['endpoint:GET /a fail', 'endpoint:GET /c fail', 'endpoint:GET /b/{} pass', 'besides fail 0']);
    const digest = `sha256:${'a'.repeat(64)}`;
    const component = (name: string, running: string | null) => ({ component: name, platform: 'lambda', deployed: digest, running });
    expect(shown(judged('read-back', { components: [component('api', digest), component('web', null)] }))).toEqual([
      'component:web fail',
      'component:api pass',
      'besides pass 0',
    ]);
  });
});

describe('the parts of a judgement', () => {
  const part = fc.record({
    subject: fc.record({ kind: fc.constantFrom('feature', 'endpoint'), id: fc.constantFrom('a', 'b', 'c', '', 'x'.repeat(201)) }),
    verdict: fc.constantFrom('pass', 'fail', 'inconclusive', 'error'),
    reason: fc.constant('why'),
  });
  test('never hide anything: what is not listed and does not pass is judged besides them', () => {
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('pass', 'fail', 'inconclusive'), (all, besides) => {
        const isGood = all.every(({ verdict }) => verdict === 'pass') && besides === 'pass';
        const given: Judgement = { verdict: isGood ? 'pass' : 'fail', reason: 'r' };
        const { parts = [], besides: rest } = withParts(given, { parts: all as never, besides: { verdict: besides as never, reason: '' } });
        expect(new Set(parts.map(({ subject }) => partName(subject))).size).toBe(parts.length);
        const isListedGood = parts.every(({ verdict }) => verdict === 'pass') && rest?.verdict === 'pass';
        expect(isListedGood).toBe(isGood);
      }),
    );
  });

  test('are bounded, the bad ones first', () => {
    const all = Array.from({ length: mostParts + 5 }, (_, at) => ({
      subject: { kind: 'endpoint' as const, id: `GET /${at}` },
      verdict: at === mostParts + 4 ? ('fail' as const) : ('pass' as const),
      reason: 'r',
    }));
    const bounded = withParts({ verdict: 'fail', reason: 'r' }, { parts: all });
    expect(bounded.parts?.length).toBe(mostParts);
    expect(bounded.parts?.[0]?.verdict).toBe('fail');
    expect(bounded.besides).toMatchObject({ verdict: 'pass', leftOut: 5 });
    const bad = withParts({ verdict: 'fail', reason: 'r' }, { parts: all.map((one) => ({ ...one, verdict: 'fail' as const })) });
    expect(bad.besides).toMatchObject({ verdict: 'fail', reason: '5 parts that are not listed: r' });
  });
});
