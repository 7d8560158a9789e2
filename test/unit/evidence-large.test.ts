import { describe, expect, test } from 'vitest';
import type { EvidenceType } from '../../lib/registry/evidence.ts';
import { bytes, factsOf, json, refusalOf, sound } from './parsed.ts';

describe('a report of the largest size', () => {
  const most = 4 * 1024 * 1024;
  const filled = (head: string, part: string, tail: string): string =>
    head + part.repeat(Math.floor((most - head.length - tail.length) / part.length)) + tail;
  /** Half of it rules that are disabled, half of it other parts of the run. */
  const largeRun = (member: string, part: string): string => {
    const rules = Array.from({ length: 28_000 }, (_, n) => `{"id":"r${n}","guid":"h${n}","defaultConfiguration":{"enabled":false}}`);
    const others = `"${member}":[${Array.from({ length: Math.floor(most / 2 / (part.length + 1)) - 9 }, () => part).join(',')}]`;
    return `{"version":"2.1.0","runs":[{${member === 'results' ? '' : '"results":[{"ruleId":"r"}],'}"tool":{"driver":{"name":"secretlint","rules":[${rules.join(',')},{"id":"r"}]}},${others}}]}`;
  };
  const openapi = (paths: object, more: object = {}): string =>
    JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths, ...more });
  // Each report attacks a step that could take quadratic time.
  test.each<[string, EvidenceType, string]>([
    ['cases', 'junit', filled('<testsuite>', '<testcase/>', '</testsuite>')],
    ['suites that claim failures', 'junit', filled('<testsuites>', '<testsuite failures="1"/>', '</testsuites>')],
    ['one attribute', 'junit', filled('<testsuite><testcase name="', 'n', '"/></testsuite>')],
    ['attributes', 'junit', `<testsuite ${Array.from({ length: 200_000 }, (_, n) => `a${n}="${n}"`).join(' ')}/>`],
    ['text without an end', 'junit', filled('<testsuite><![CDATA[', ']', '')],
    ['entities', 'junit', filled('<testsuite><testcase name="', '&amp;', '"/></testsuite>')],
    ['open brackets', 'sarif', filled('', '[', '')],
    ['lines of one file', 'lcov', `SF:a\n${Array.from({ length: 350_000 }, (_, n) => `DA:${n},1`).join('\n')}\nend_of_record\n`],
    ['counts of one function', 'lcov', filled('SF:a\nFN:1,f\n', 'FNDA:1,f\n', 'end_of_record\n')],
    ['functions of one name', 'lcov', `SF:a\n${Array.from({ length: 250_000 }, (_, n) => `FN:${n},f`).join('\n')}\nend_of_record\n`],
    [
      'deep paths',
      'lcov',
      ['/x', '/y', ''].map((root) => `SF:${root}/${'a/'.repeat(650_000)}b\nDA:1,1\nend_of_record\nSF:b\nend_of_record`).join('\n'),
    ],
    [
      'absolute and relative files',
      'lcov',
      Array.from({ length: 60_000 }, (_, n) => `SF:${n % 2 === 0 ? '/w/x/y/z' : 's'}/${n}\nDA:1,1\nend_of_record`).join('\n'),
    ],
    ['files', 'lcov', Array.from({ length: 120_000 }, (_, n) => `SF:${n}\nDA:1,1\nend_of_record`).join('\n')],
    [
      'rules and results',
      'sarif',
      JSON.stringify({
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'secretlint', rules: Array.from({ length: 40_000 }, (_, n) => ({ id: `r${n}` })) } },
            results: Array.from({ length: 60_000 }, (_, n) => ({ ruleId: `r${n % 40_000}` })),
          },
        ],
      }),
    ],
    ['invocations and disabled rules', 'sarif', largeRun('invocations', '{"executionSuccessful":true}')],
    [
      'overrides and results',
      'sarif',
      largeRun('invocations', '{"ruleConfigurationOverrides":[{"descriptor":{"id":"r"},"configuration":{"level":"note"}}]}'),
    ],
    ['results that name a rule by its guid', 'sarif', largeRun('results', '{"rule":{"guid":"g"}}')],
    [
      'runs',
      'sarif',
      filled(
        '{"version":"2.1.0","runs":[',
        '{"tool":{"driver":{"name":"a"}},"results":[]},',
        '{"tool":{"driver":{"name":"a"}},"results":[]}]}',
      ),
    ],
    ['the same test again', 'junit', filled('<testsuite>', '<testcase name="a"/>', '</testsuite>')],
    [
      'nested cases',
      'junit',
      filled(`<testsuite>${'<testcase name="a">'.repeat(60)}`, '<testcase name="b"/>', `${'</testcase>'.repeat(60)}</testsuite>`),
    ],
    ['control characters', 'junit', filled('<testsuite><system-out>', '\u001b[3', '</system-out></testsuite>')],
    ['names with escapes', 'sarif', `{${'"\\\\":1,'.repeat(1)}"a":"${'\\\\'.repeat(900_000)}"}`],
    ['braces in a path', 'openapi', openapi({ [`/${'{'.repeat(900_000)}`]: { get: {} } })],
    [
      'parameters of a path',
      'openapi',
      openapi({
        [`/${Array.from({ length: 90_000 }, (_, n) => `{${n}}`).join('')}`]: {
          get: { parameters: Array.from({ length: 40_000 }, (_, n) => ({ in: 'path', name: `${n}` })) },
        },
      }),
    ],
    [
      'many paths with one long list of parameters',
      'openapi',
      openapi(Object.fromEntries(Array.from({ length: 12_000 }, (_, n) => [`/p${n}/{a}`, { $ref: '#/components/pathItems/a' }])), {
        components: {
          pathItems: {
            a: {
              parameters: Array.from({ length: 20_000 }, (_, n) => ({ in: 'path', name: `${n}`, required: true, schema: {} })),
              get: {},
            },
          },
        },
      }),
    ],
    [
      'a ring of references',
      'openapi',
      openapi(
        {},
        {
          components: {
            schemas: Object.fromEntries(
              Array.from({ length: 30_000 }, (_, n) => [n, { $ref: `#/components/schemas/${(n + 1) % 30_000}` }]),
            ),
          },
        },
      ),
    ],
    [
      'names to compare',
      'openapi',
      openapi({}, { components: { schemas: { a: { required: Array.from({ length: 150_000 }, (_, n) => `${n}`) } } } }),
    ],
    ['YAML keys', 'openapi', `x:\n${Array.from({ length: 120_000 }, (_, n) => ` k${n}: 1`).join('\n')}\n`],
    ['YAML brackets', 'openapi', `x: ${'['.repeat(1_900_000)}`],
    ['YAML lists on one line', 'openapi', '- '.repeat(900_000)],
    ['YAML aliases', 'openapi', `openapi: 3.1.0\nx-a: &a [${'1,'.repeat(100_000)}]\nx-b: [${Array(900).fill('*a').join(',')}]\n`],
    ...[40, 900].map((merges): [string, EvidenceType, string] => [
      `${merges} YAML merge keys`,
      'openapi',
      `openapi: 3.1.0\nx-a: &a\n${Array.from({ length: 20_000 }, (_, n) => ` k${n}: 1`).join('\n')}\nx-b:\n${' - <<: *a\n'.repeat(merges)}`,
    ]),
    ['leaks', 'gitleaks', filled('[', '{"RuleID":"a"},', '{"RuleID":"a"}]')],
    [
      'packages that need one other',
      'npm-audit',
      `{"auditReportVersion":2,"vulnerabilities":{${Array.from({ length: 80_000 }, (_, n) => `"p${n}":{"severity":"low","via":["x"]}`).join(',')},"x":{"severity":"low","via":[{"severity":"low"}]}}}`,
    ],
    [
      'packages in a row',
      'npm-audit',
      `{"auditReportVersion":2,"vulnerabilities":{${Array.from({ length: 70_000 }, (_, n) => `"p${n}":{"severity":"low","via":["p${n + 1}"]}`).join(',')},"p70000":{"severity":"low","via":[{"severity":"low"}]}}}`,
    ],
    [
      'targets',
      'trivy',
      filled(
        '{"SchemaVersion":2,"ArtifactName":"a","Results":[',
        '{"Class":"os-pkgs"},',
        '{"Vulnerabilities":[{"VulnerabilityID":"a"}]}]}',
      ),
    ],
    ['alerts', 'zap', filled('{"@version":"2","site":[{"@name":"a","alerts":[', '{"riskcode":"1"},', '{}]}]}')],
    [
      'periods',
      'artillery',
      filled('{"aggregate":{"counters":{}},"intermediate":[', '{"counters":{"vusers.created":1}},', '{"counters":{}}]}'),
    ],
    ['counters', 'artillery', `{"aggregate":{"counters":{${Array.from({ length: 150_000 }, (_, n) => `"errors.${n}":1`).join(',')}}}}`],
    [
      'relationships',
      'spdx',
      filled(
        '{"spdxVersion":"SPDX-2.3","relationships":[',
        '{"spdxElementId":"a","relationshipType":"DEPENDS_ON","relatedSpdxElement":"b"},',
        '{}]}',
      ),
    ],
    ['packages', 'spdx', filled('{"spdxVersion":"SPDX-2.3","packages":[', '{"name":"a"},', '{}]}')],
    ['references of one package', 'spdx', filled('SPDXVersion: SPDX-2.3\nPackageName: a\n', 'ExternalRef: a purl b\n', '')],
    ['a text without an end', 'spdx', filled('SPDXVersion: SPDX-2.3\nComment: <text>', 'a\n', '')],
    ['elements', 'spdx', filled('{"@context":"https://spdx.org/rdf/3.0.1/a","@graph":[', '{"type":"software_Package"},', '{}]}')],
    ['components', 'cyclonedx', filled('{"bomFormat":"CycloneDX","specVersion":"1.6","components":[', '{},', '{}]}')],
    [
      'elements',
      'cyclonedx',
      filled('<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>', '<component/>', '</components></bom>'),
    ],
    [
      'nested components',
      'cyclonedx',
      `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[${'{"name":"a","components":['.repeat(30_000)}${']}'.repeat(30_000)}]}`,
    ],
    [
      'references in a circle',
      'openapi',
      openapi(
        { '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } },
        { deep: JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as unknown },
      ),
    ],
  ])('%s: %s', (_what, type, report) => {
    sound(type, bytes(report));
  });
});

describe('text that is quoted from a report', () => {
  test('never ends with half a character, and never moves the cursor of a terminal', () => {
    const name = `${'n'.repeat(199)}😀`;
    expect(
      factsOf('junit', bytes(`<testsuite><testcase name="${name}"><failure message="${name}"/></testcase></testsuite>`)).failures,
    ).toEqual([{ name: 'n'.repeat(199), message: 'n'.repeat(199) }]);
    const [tool] = factsOf(
      'sarif',
      json({
        version: '2.1.0',
        runs: [{ tool: { driver: { name: 'secretlint' } }, results: [{ ruleId: '\u001b[2J\u202erule\ud800\n' }] }],
      }),
    ).tools;
    expect(tool?.first[0]?.rule).toBe(' [2J rule\ufffd ');
  });

  test('a report in another encoding is refused with the likely cause', () => {
    expect(refusalOf('lcov', new Uint8Array([0xff, 0xfe, 0x3c, 0x00, 0x3c])).got).toBe('5 bytes that look like UTF-16');
    for (const type of ['junit', 'lcov'])
      expect(refusalOf(type, new Uint8Array([0x1f, 0x8b, 0x08])).got).toBe('3 bytes that look like gzip');
  });
});
