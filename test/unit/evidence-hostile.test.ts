import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { EvidenceType } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
import { placesIn, replaced } from './json-places.ts';
import { bytes, json, sound, types } from './parsed.ts';

/** Text that stores and terminals have trouble with. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 260 }),
  fc.constantFrom('\ud800', `${'a'.repeat(199)}😀`, '\u001b[2J', '__proto__', '%zz', '#/a/%E0%A4%A', '😀'.repeat(200), ''),
);
const number = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -1, 1e300, 2 ** 53, 5e-324, 0.1));
const anything = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, [], {}, [null]) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: number },
);
/** Mostly as the schema wants it, so that the fuzzer gets past the schema. */
const mostly = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: anything });
const record = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(Object.fromEntries(Object.entries(model).map(([name, one]) => [name, mostly(one)])), { requiredKeys: [] });
const list = (one: fc.Arbitrary<unknown>) => fc.array(mostly(one), { maxLength: 4 });
const level = fc.constantFrom('none', 'note', 'warning', 'error');
const component = record({ name: text, rules: list(record({ id: text, defaultConfiguration: record({ level }) })) });
const reference = record({ $ref: fc.oneof(text, fc.constantFrom('#/components/a', '#/paths/~1a', 'other.json#/a', '#/components/%zz')) });
const operation = record({
  summary: text,
  operationId: text,
  parameters: list(record({ in: fc.constant('path'), name: text })),
  responses: record({ 200: anything }),
});
const nested = fc.letrec<{ part: unknown }>((tie) => ({
  part: record({
    type: fc.constantFrom('library', 'file', 'application'),
    name: text,
    version: text,
    purl: fc.constantFrom('pkg:npm/a@1', 'pkg:', 'x'),
    components: fc.array(tie('part'), { maxLength: 2 }),
  }),
})).part;
const figures = record({
  count: number,
  rate: number,
  passes: number,
  fails: number,
  'p(99)': number,
  value: number,
  max: number,
  matches: number,
  total: number,
  thresholds: anything,
});

/** Reports of the JSON formats that fit their schema most of the time: deeper than damage to a sample reaches. */
const models: Readonly<Partial<Record<EvidenceType, fc.Arbitrary<unknown>>>> = {
  sarif: record({
    version: fc.constant('2.1.0'),
    runs: list(
      record({
        tool: record({ driver: component, extensions: list(component) }),
        invocations: list(record({ executionSuccessful: fc.boolean() })),
        results: list(
          record({
            ruleId: text,
            ruleIndex: fc.integer({ min: -2, max: 3 }),
            rule: record({
              id: text,
              index: fc.integer({ min: -2, max: 3 }),
              toolComponent: record({ index: fc.integer({ min: -1, max: 2 }) }),
            }),
            level,
            kind: fc.constantFrom('fail', 'pass', 'open', 'novel'),
            suppressions: list(record({ status: fc.constantFrom('accepted', 'rejected') })),
            locations: list(record({ physicalLocation: record({ artifactLocation: record({ uri: text }) }) })),
          }),
        ),
      }),
    ),
  }),
  openapi: fc.record({
    openapi: fc.constant('3.1.0'),
    info: record({ title: text, version: fc.constant('1') }),
    components: record({ a: reference, parameters: reference }),
    paths: fc.dictionary(
      fc.oneof(text, fc.constantFrom('/a', '/a/{id}', '/{{{', 'x-a')),
      mostly(fc.oneof(reference, record({ get: operation, post: operation, parameters: list(reference) }))),
      { maxKeys: 4 },
    ),
  }),
  cyclonedx: record({
    bomFormat: fc.constant('CycloneDX'),
    specVersion: fc.constantFrom('1.4', '1.6'),
    metadata: record({ component: nested }),
    components: list(nested),
  }),
  load: fc.oneof(
    record({
      connections: number,
      duration: number,
      errors: number,
      timeouts: number,
      non2xx: number,
      '2xx': number,
      requests: record({ total: number }),
      latency: record({ average: number, p99: number, totalCount: number }),
      statusCodeStats: anything,
      start: text,
    }),
    record({
      metrics: fc.record({ http_reqs: figures, http_req_failed: figures, http_req_duration: figures, vus_max: figures }),
      state: record({ testRunDurationMs: number }),
      root_group: anything,
    }),
    record({
      config: record({ duration: number }),
      results: record({
        metrics: list(
          record({ name: fc.constantFrom('http_reqs', 'http_req_failed', 'http_req_duration', 'vus_max', 'iterations'), values: figures }),
        ),
        checks: record({ metrics: anything, results: anything }),
      }),
    }),
  ),
  series: fc.record({
    schema: fc.constant('holdpoint.series/1'),
    name: fc.constant('health'),
    about: text,
    points: fc.array(
      fc.record({
        at: fc.oneof(
          fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((at) => at.toISOString()),
          fc.constantFrom('2026-03-02T08:00:00+99:99', '2026-03-02T08:00:00+24:00', '0000-01-01T00:00:00Z'),
        ),
        ok: fc.boolean(),
        latencyMs: number,
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  attestation: record({
    type: fc.constant('attestation'),
    statement: fc.constant('a'.repeat(64)),
    person: text,
    role: fc.constant('technical-lead'),
  }),
};

const tag = fc.constantFrom(
  'testsuites',
  'testsuite',
  'testcase',
  'failure',
  'error',
  'skipped',
  'flakyFailure',
  'rerunError',
  'system-out',
);
const markup = fc.oneof(
  fc.tuple(tag, text).map(([name, value]) => `<${name} name="${value.replace(/[<&"]/g, '')}" message="${value.replace(/[<&"]/g, '')}">`),
  tag.map((name) => `</${name}>`),
  fc.tuple(tag, fc.nat(3)).map(([name, claimed]) => `<${name} failures="${claimed}" status="run"/>`),
  fc.constantFrom('&amp;', '&#xD800;', '&#0;', '&undefined;', '<![CDATA[', ']]>', '<!-- -->', '<?x?>', '\u0000'),
);
const tracefile = fc.array(
  fc.oneof(
    fc.constantFrom(
      'SF:a.ts',
      'end_of_record',
      'DA:1,1',
      'DA:1,00',
      'DA:99999999999999999999,1',
      'FNDA:1,f',
      'FN:1,f',
      'BRDA:1,0,0,-',
      'LF:9',
      '# x',
      'DA:',
      'SF:',
    ),
    text.map((name) => `FN:1,${name}`),
  ),
  { maxLength: 12 },
);

/** A sample cut short, with a part replaced, doubled or removed. */
const damaged = (sample: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      from: fc.nat(sample.length - 1),
      length: fc.nat(40),
      inserted: fc.oneof(fc.uint8Array({ maxLength: 12 }), text.map(bytes), fc.constant(undefined)),
      cut: fc.boolean(),
    })
    .map(({ from, length, inserted, cut }) => {
      const part = inserted ?? sample.slice(from, from + 2 * length);
      return new Uint8Array([...sample.slice(0, from), ...part, ...(cut ? [] : sample.slice(from + length))]);
    });

const jsonOf = (sample: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(sample));
  } catch {
    return undefined;
  }
};

describe('hostile reports', () => {
  test.each(types)('%s: no damage to the sample makes the parser throw', (type) => {
    const sample = sampleOf(type);
    fc.assert(
      fc.property(damaged(sample), (input) => sound(type, input)),
      { numRuns: 500 },
    );
  });

  test.each(types.filter((type) => jsonOf(sampleOf(type)) !== undefined))(
    '%s: no other JSON value at any place of the sample makes it throw',
    (type) => {
      const sample = jsonOf(sampleOf(type));
      fc.assert(
        fc.property(fc.constantFrom(...placesIn(sample)), fc.oneof(anything, fc.constant(undefined)), (place, value) =>
          sound(type, json(replaced(sample, place, value) ?? null)),
        ),
        { numRuns: 500 },
      );
    },
  );

  test.each(types)('%s: no bytes make the parser throw', (type) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.json().map(bytes), fc.string({ minLength: 1 }).map(bytes)),
        (input) => sound(type, input),
      ),
      { numRuns: 300 },
    );
  });

  test.each(types.flatMap((type) => (models[type] === undefined ? [] : [[type, models[type]] as const])))(
    '%s: no report of nearly the right form makes it throw',
    (type, model) => {
      fc.assert(
        fc.property(model, (value) => sound(type, json(value))),
        { numRuns: 1500 },
      );
    },
  );

  test('junit and lcov: no markup and no records make them throw', () => {
    fc.assert(
      fc.property(fc.array(markup, { maxLength: 12 }), (parts) => {
        sound('junit', bytes(`<testsuites><testsuite name="s">${parts.join('')}</testsuite></testsuites>`));
        sound('junit', bytes(parts.join('') || 'x'));
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(tracefile, (records) => sound('lcov', bytes(`${records.join('\r\n')}\n`))),
      { numRuns: 1000 },
    );
  });
});
