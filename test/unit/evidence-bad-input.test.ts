import { describe, expect, test } from 'vitest';
import { type EvidenceType, parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, refusalOf, rulesOf, sound, types } from './parsed.ts';

/** The types whose reports are JSON, each with its sample as a value. */
const samples = types.flatMap((type): [EvidenceType, unknown][] => {
  try {
    return [[type, JSON.parse(new TextDecoder().decode(sampleOf(type)))]];
  } catch {
    return [];
  }
});
const noVulnerabilities = vulnerabilitiesWithin.of({ tools: ['npm audit', 'trivy', 'zap'], maxCritical: 0, maxHigh: 0, maxUnknown: 0 });

const passes = (type: EvidenceType, input: Uint8Array): boolean => {
  const { ok } = parseEvidence(type, input);
  if (ok === undefined) return false;
  const rules = 'vulnerabilities' in ok ? [noVulnerabilities, ...rulesOf(type)] : rulesOf(type);
  return rules.some((rule) => judgeEvidence(rule, ok).verdict === 'pass');
};

describe.each(samples)('bad input as %s', (type, sample) => {
  const text = JSON.stringify(sample);
  test.each<[string, Uint8Array]>([
    ['the sample cut in half', bytes(text.slice(0, Math.floor(text.length / 2)))],
    ['the sample without its last character', bytes(text.slice(0, -1))],
    ['two reports in one file', bytes(`${text}\n${text}`)],
    ['a login page', bytes('<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>')],
    ['a sentence', bytes('no findings')],
    ['null', bytes('null')],
    ['a number', bytes('0')],
    ['a string', bytes('"ok"')],
    ['an empty object', bytes('{}')],
    ['a list of lists', bytes('[[]]')],
    ['a list of nothing', bytes('[null]')],
    ['lists 100,000 deep', bytes(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['objects 100,000 deep', bytes(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['the sample with a member 100,000 deep', bytes(text.replace(/^([[{])/, `$1${'['.repeat(100_000)}${']'.repeat(100_000)},`))],
    ['NaN', bytes('{"a":NaN}')],
    ['a comment', bytes(`// a\n${text}`)],
    ['half of UTF-16', new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le')).subarray(0, -3)],
    ['a byte that is not UTF-8', new Uint8Array([...bytes(text), 0xff])],
    ['NUL before the sample', new Uint8Array([0, ...bytes(text)])],
    ['NUL after the sample', new Uint8Array([...bytes(text), 0])],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0])],
    ['white space', bytes(' \n ')],
  ])('%s is no pass', (_what, input) => {
    sound(type, input);
    expect(passes(type, input)).toBe(false);
  });

  // The schema of CycloneDX allows no other member.
  test.skipIf(type === 'cyclonedx').each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a member %s is an unknown member',
    (name) => {
      const withMember = text.startsWith('{') ? text.replace('{', `{"${name}":{"a":[1]},`) : text;
      expect(parseEvidence(type, bytes(withMember)).ok).toEqual(strict.has(type) ? undefined : factsOf(type, bytes(text)));
    },
  );
});

/** Holdpoint's own formats know their members, and refuse any other. */
const strict: ReadonlySet<string> = new Set(types.filter((type) => parseEvidence(type, bytes(extended(sampleOf(type)))).refused));

function extended(sample: Uint8Array): string {
  return new TextDecoder().decode(sample).replace('{', '{"x-unknown": true,');
}

/** The value with the members of each object in the other order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
};
/** The value with a member in each object that no version of the format has. */
const grown = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(grown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries([
    ...Object.entries(value).map(([name, member]) => [name, grown(member)] as const),
    ['x-later', { a: [1, null] }],
  ]);
};

/** Types that list packages, counters, checks or labels by their names: there another member is another package. */
const byName = ['npm-audit', 'artillery', 'k6', 'autocannon', 'prometheus'];
const own = ['gitleaks', 'npm-audit', 'trivy', 'zap', 'artillery', 'spdx', 'sarif', 'k6', 'autocannon', 'prometheus', 'cloudwatch'];

describe.each(samples.filter(([type]) => own.includes(type)))('good input in unusual form as %s', (type, sample) => {
  const facts = factsOf(type, sampleOf(type));
  const pretty = JSON.stringify(sample, null, 2);
  test.each<[string, string]>([
    ['CRLF', pretty.replaceAll('\n', '\r\n')],
    ['tabs', JSON.stringify(sample, null, '\t')],
    ['one line', JSON.stringify(sample)],
    ['a byte-order mark', `\ufeff${pretty}`],
    ['members in another order', JSON.stringify(reversed(sample))],
    ['escaped characters', pretty.replace(/[a-z](?=[a-z]*":)/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ])('%s gives the same facts', (_what, text) => {
    expect(factsOf(type, bytes(text))).toEqual(facts);
  });

  test('members that are not known give the same facts', () => {
    const more = byName.includes(type) ? { ...(sample as object), 'x-later': { a: [1, null] } } : grown(sample);
    expect(factsOf(type, bytes(JSON.stringify(more)))).toEqual(facts);
  });
});

test('a report beyond the limit is refused by its size', () => {
  for (const type of ['gitleaks', 'npm-audit', 'trivy', 'zap', 'artillery', 'spdx'])
    expect(refusalOf(type, new Uint8Array(4 * 1024 * 1024 + 1))).toMatchObject({ type: 'body-too-large' });
});
