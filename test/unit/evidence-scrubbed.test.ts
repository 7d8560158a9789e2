import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import { type EvidenceType, evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';
import { recordSampleOf, sampleOf } from '../samples.ts';
import { bytes, factsOf, json, types } from './parsed.ts';

const text = (given: Uint8Array): string => new TextDecoder().decode(given);
const scrubOf = (type: EvidenceType) => (evidenceTypes[type] as EvidenceKind).scrub ?? expect.fail(`${type} has no scrub`);
const scrubbing = types.filter((type) => (evidenceTypes[type] as EvidenceKind).scrub !== undefined);
/** No scanner of this repository takes it for a secret: it is put together only here. */
const secret = ['xoxb', '797543231948', '7FAc9QeWJKY40uvSwMFLZDe1'].join('-');

const leak = {
  RuleID: 'slack-bot-token',
  Description: 'a token',
  StartLine: 2,
  File: 'src/payment.ts',
  Secret: secret,
  Match: `token = ${secret}`,
  Line: `const token = '${secret}';`,
  Link: `https://a.test/?q=${secret}`,
  Message: `remove ${secret}`,
  Author: 'Sample Person',
  Email: 'sample@example.com',
  Tags: [secret],
};
const log = (driver: string) => ({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: driver } },
      invocations: [{ executionSuccessful: true, commandLine: `scan --token ${secret}`, environmentVariables: { TOKEN: secret } }],
      artifacts: [{ contents: { text: secret } }],
      results: [
        {
          ruleId: 'slack',
          level: 'warning',
          message: { text: `found ${secret}`, markdown: secret },
          partialFingerprints: { match: secret },
          suppressions: [{ kind: 'external', status: 'underReview', justification: secret }],
          properties: { 'security-severity': '9.1', match: secret },
          relatedLocations: [{ message: { text: secret } }],
          codeFlows: [{ message: { text: secret } }],
          fixes: [{ description: { text: secret } }],
          locations: [
            {
              message: { text: secret },
              physicalLocation: {
                artifactLocation: { uri: 'src/payment.ts' },
                region: { startLine: 2, snippet: { text: secret } },
                contextRegion: { snippet: { text: secret } },
              },
            },
          ],
        },
      ],
    },
  ],
});

describe('what is kept of a report that quotes secrets', () => {
  test.each<[string, EvidenceType, unknown]>([
    ['a leak of gitleaks', 'gitleaks', [leak]],
    ['a member that a later gitleaks may add', 'gitleaks', [{ ...leak, Quoted: secret }]],
    ['a log of gitleaks', 'sarif', log('gitleaks')],
    ['a log of secretlint', 'sarif', log('@secretlint/core')],
    [
      'a log that two tools share',
      'sarif',
      { ...log('biome'), runs: [...log('biome').runs.map((run) => ({ ...run, results: [] })), ...log('Gitleaks').runs] },
    ],
    [
      'lines around a secret that Trivy masks',
      'trivy',
      {
        SchemaVersion: 2,
        ArtifactName: 'a',
        Results: [
          {
            Target: 'x',
            Class: 'secret',
            Secrets: [{ RuleID: 'r', Match: secret, Code: { Lines: [{ Content: secret, Highlighted: secret }] } }],
          },
        ],
      },
    ],
    [
      'requests and responses of ZAP',
      'zap',
      {
        '@version': '2.16.1',
        site: [
          {
            '@name': 'https://a.test',
            alerts: [
              {
                pluginid: '1',
                riskcode: '1',
                instances: [
                  {
                    uri: 'https://a.test',
                    'request-header': `Authorization: ${secret}`,
                    'response-body': secret,
                    evidence: secret,
                    otherinfo: secret,
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  ])('%s', (_what, type, report) => {
    const received = json(report);
    expect(text(received)).toContain(secret);
    const kept = scrubOf(type)(received);
    expect(text(kept)).not.toContain(secret);
    expect(text(kept)).not.toContain('sample@example.com');
    expect(factsOf(type, kept)).toEqual(factsOf(type, received));
    expect(scrubOf(type)(kept), 'it is scrubbed already').toEqual(kept);
    expect(JSON.stringify(factsOf(type, received))).not.toContain(secret);
  });

  const head = '<?xml version="1.0" encoding="ISO-8859-1"?>';
  test.each<[string, EvidenceType, string]>([
    [
      'output of a test',
      'junit',
      `<testsuite name="a"><testcase name="x"><system-out>sent ${secret}\nö</system-out></testcase></testsuite>`,
    ],
    [
      'output as CDATA',
      'junit',
      `<testsuite name="a"><testcase name="x"/><system-err><![CDATA[<a>${secret}]]]]><![CDATA[>]]></system-err></testsuite>`,
    ],
    [
      'a failure',
      'junit',
      `${head}<testsuite name="a"><testcase name="x"><failure message="got ${secret} &lt; 5&#10;end" type='E'>${secret}</failure></testcase></testsuite>`,
    ],
    ['a failure of node', 'junit', `<testsuites><testcase name="x" failure='the token ${secret}'/></testsuites>`],
    [
      'a password behind an entity',
      'junit',
      `<testsuite name="a"><testcase name="x"><error message="password=&quot;${secret}&quot; &amp; more"/></testcase></testsuite>`,
    ],
    [
      'a property',
      'junit',
      `<testsuite name="a"><properties><property name="env.TOKEN" value="${secret}"/><property name="suite" value="smoke"/></properties><testcase name="x"/></testsuite>`,
    ],
    ['a comment', 'junit', `<testsuite name="a"><!-- ${secret} --><testcase name="x"/></testsuite>`],
    [
      'details and output',
      'tap',
      `TAP version 14\n1..2\nok 1 - a\n# sent ${secret}\nnot ok 2 - b\n  ---\n  message: "${secret}"\n  ...\nsent ${secret}\n# tests 2\n# pass 1\n# fail 1\n`,
    ],
    ['a reason to bail out', 'tap', `1..1\nok 1\nBail out! ${secret} was refused\n`],
    [
      'a key without end',
      'tap',
      `TAP version 14\n1..2\nok 1 - a\n  ---\n  key: -----BEGIN RSA PRIVATE ${''}KEY-----\n  ${secret}\n  ...\nok 2 - b\n# pass 2\n`,
    ],
  ])('%s, in a report of tests', (_what, type, report) => {
    const received = bytes(report);
    const kept = scrubOf(type)(received);
    expect(text(kept)).not.toContain(secret);
    expect(text(kept)).toContain('removed');
    expect(parseEvidence(type, kept).ok).toEqual(
      parseEvidence(type, new Uint8Array(Buffer.from(report, report.includes('8859') ? 'latin1' : 'utf8'))).ok,
    );
    expect(scrubOf(type)(kept), 'it is scrubbed already').toEqual(kept);
    expect(JSON.stringify(factsOf(type, received))).not.toContain(secret);
  });

  test('names of tests, addresses of invented people and everything else of a report of tests stay', () => {
    const report = `<testsuite name="a"><testcase name="accepts ${secret}"><system-out>mail to ada@shop.test</system-out></testcase></testsuite>`;
    const received = bytes(report);
    expect(scrubOf('junit')(received)).toBe(received);
  });

  test('a finding of any other tool keeps its message, without quoted code', () => {
    const kept = text(scrubOf('sarif')(json(log('semgrep'))));
    expect(kept).toContain('found ');
    expect(JSON.parse(kept).runs[0].results[0].locations[0].physicalLocation.region).toEqual({ startLine: 2 });
  });

  test('of a report that cannot be read, nothing is kept', () => {
    for (const type of scrubbing)
      for (const damaged of [text(json([leak])).slice(0, -2), `[${text(json([leak]))}`, secret, `{"a":"${secret}","a":1}`])
        expect(text(scrubOf(type)(bytes(damaged))), type).not.toContain(secret);
    expect(text(scrubOf('gitleaks')(json({ Secret: secret })))).not.toContain(secret);
  });

  test('a report that quotes nothing is kept byte for byte', () => {
    const written = bytes('[\r\n]\r\n');
    expect(scrubOf('gitleaks')(written)).toBe(written);
    const sample = sampleOf('trivy');
    expect(scrubOf('trivy')(sample)).toBe(sample);
  });

  test.each(scrubbing)('%s: nothing makes it throw, and the facts of what is kept are those of what was received', (type) => {
    const sample = text(sampleOf(type));
    fc.assert(
      fc.property(fc.nat(sample.length), fc.string({ unit: 'binary', maxLength: 6 }), fc.nat(30), (at, inserted, cut) => {
        const received = bytes(sample.slice(0, at) + inserted + sample.slice(at + cut));
        if (received.length === 0) return;
        const { ok } = parseEvidence(type, received);
        const kept = scrubOf(type)(received);
        if (ok !== undefined) expect(parseEvidence(type, kept).ok).toEqual(ok);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a record', () => {
  const long = 'hunter22hunter22';
  test.each([
    ['its tool', { tool: `curl -H "Authorization: Bearer ${long}"` }],
    ['a query', { panels: [{ name: 'a', shown: 1, queried: 1, query: `https://grafana.test/?api_key=${long}&from=1` }] }],
    ['a name', { panels: [{ name: `a token=${long}`, shown: null, queried: 1, query: 'sum(a)' }] }],
    ['a text of the greatest length', { dashboard: `${'x'.repeat(287)} pwd=hunter22` }],
  ])('is kept without a secret in %s, and has the same facts', (_, more) => {
    const received = json({ ...recordSampleOf('dashboard'), ...more });
    expect(text(received)).toContain('hunter22');
    const kept = scrubOf('record')(received);
    expect(text(kept)).not.toContain('hunter22');
    expect(text(kept)).toContain('[removed');
    expect(factsOf('record', kept)).toEqual(factsOf('record', received));
    expect(JSON.stringify(factsOf('record', received))).not.toContain('hunter22');
    expect(scrubOf('record')(kept), 'it is scrubbed already').toEqual(kept);
  });

  test('that is refused for a member too many is kept without what stands there', () => {
    const received = json({ ...recordSampleOf('dashboard'), password: long, nested: { token: long, note: 'ok' } });
    expect(parseEvidence('record', received).refused).toBeDefined();
    expect(JSON.parse(text(scrubOf('record')(received)))).toMatchObject({ nested: { note: 'ok' } });
    expect(text(scrubOf('record')(received))).not.toContain('hunter22');
  });

  test.each(recordKinds.map(({ id }) => id))('without a secret is kept byte for byte: %s', (id) => {
    const received = json(recordSampleOf(id));
    expect(scrubOf('record')(received)).toBe(received);
  });
});

test('a report of gitleaks with --redact is scrubbed, too', () => {
  const found = new Uint8Array(readFileSync(new URL('../samples/evidence/gitleaks.found.json', import.meta.url)));
  expect(text(scrubOf('gitleaks')(found))).not.toMatch(/"(Secret|Match|Author|Email|Message)"/);
});
