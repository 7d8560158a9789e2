import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { type EvidenceType, evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
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

test('a report of gitleaks with --redact is scrubbed, too', () => {
  const found = new Uint8Array(readFileSync(new URL('../samples/evidence/gitleaks.found.json', import.meta.url)));
  expect(text(scrubOf('gitleaks')(found))).not.toMatch(/"(Secret|Match|Author|Email|Message)"/);
});
