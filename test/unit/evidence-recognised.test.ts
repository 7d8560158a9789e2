import { describe, expect, test } from 'vitest';
import { type EvidenceKind, mostJson } from '../../lib/evidence/kind.ts';
import { evidenceTypes, judgedAs, recognise, typesJudgedAs } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, json, types } from './parsed.ts';

/** `load` stands for a tool that the caller does not name; its sample is one of autocannon. */
const recognisedAs = (type: string): string => (type === 'load' ? 'autocannon' : type);
const utf16 = (text: string): Uint8Array =>
  new Uint8Array([0xff, 0xfe, ...new Uint8Array(Uint16Array.from([...text].map((c) => c.charCodeAt(0))).buffer)]);

/** Without a leak, gitleaks writes an empty list, which shows nothing: the type is known from the file's name. */
const isEmptyList = (type: string): boolean => type === 'gitleaks';
const recognisable = types.filter((type) => !isEmptyList(type));

describe('the content of a report', () => {
  test.each(recognisable)('%s: the sample is recognised as this type and no other', (type) => {
    expect(recognise(sampleOf(type))).toEqual({ ok: recognisedAs(type) });
  });

  test.each(recognisable)('%s: behind a byte-order mark and with CRLF, too', (type) => {
    const text = new TextDecoder().decode(sampleOf(type)).replace(/\r?\n/g, '\r\n');
    expect(recognise(bytes(`\ufeff${text}`))).toEqual({ ok: recognisedAs(type) });
  });

  test.each([
    ['UTF-16', utf16('<?xml version="1.0" encoding="UTF-16"?><testsuite/>'), 'junit'],
    ['comments and processing instructions before the root', bytes('<?xml version="1.0"?><!-- a --><?b c?><testsuites/>'), 'junit'],
    ['a namespace prefix', bytes('<j:testsuites xmlns:j="urn:x"/>'), 'junit'],
    ['entities, which its parser refuses', bytes('<!DOCTYPE x [<!ENTITY a "b">]><testsuite name="&a;"/>'), 'junit'],
    ['a file that is cut off', bytes('<testsuite><testcase name="a"'), 'junit'],
    ['an OpenAPI document as YAML', bytes('# shop\nopenapi: 3.1.0\ninfo: {title: a, version: "1"}\n'), 'openapi'],
    ['Swagger 2, which is refused with a better sentence', json({ swagger: '2.0' }), 'openapi'],
    ['a bill of materials as XML', bytes('<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>'), 'cyclonedx'],
    ['the new summary of k6', json({ results: { metrics: [{ name: 'vus_max', values: {} }] } }), 'k6'],
    ['leaks', json([{ RuleID: 'a' }]), 'gitleaks'],
    ['an error message of npm', json({ error: { code: 'ENOLOCK', summary: '', detail: '' } }), 'npm-audit'],
    ['a report of npm 6', json({ actions: [], advisories: {}, muted: [], metadata: {} }), 'npm-audit'],
    ['a bill of materials as tag-value text', bytes('# made by hand\nSPDXVersion: SPDX-2.3\n'), 'spdx'],
    ['a bill of materials as JSON-LD', json({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [] }), 'spdx'],
    ['a report of Artillery 1', json({ aggregate: { requestsCompleted: 1 } }), 'artillery'],
    ['TAP behind the lines of a package manager', bytes('\n> shop@1.0.0 test\n> node --test\n\nTAP version 13\n1..1\nok 1\n'), 'tap'],
    ['TAP with CR alone', bytes('TAP version 13\r1..1\rok 1\r'), 'tap'],
    ['a line of TAP in captured output', bytes('<testsuite><system-out>\nTAP version 13\n</system-out></testsuite>'), 'junit'],
    ['a comment before the first record', bytes('# made by hand\nSF:a.ts\nDA:1,1\nend_of_record\n'), 'lcov'],
  ])('%s', (_what, report, type) => {
    expect(recognise(report)).toEqual({ ok: type });
  });

  test.each([
    ['a login page', bytes('<!DOCTYPE html><html><body>Sign in</body></html>')],
    ['an XHTML page', bytes('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>')],
    ['nothing', new Uint8Array()],
    ['plain text', bytes('all tests passed')],
    ['JSON of no tool', json({ ok: true })],
    ['a list', json([])],
    ['damaged JSON', bytes('{"version":"2.1.0","runs":[')],
    ['bytes', new Uint8Array([0, 1, 2, 0xff, 0xfe])],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0])],
    ['objects in lines that are no entries of a log', bytes('{"Action":"run","Test":"a"}\n{"Action":"pass","Test":"a"}\n')],
    ['names of prototypes', bytes('{"__proto__":{"runs":[],"version":"2.1.0"},"constructor":{"bomFormat":"CycloneDX"}}')],
  ])('%s shows no type, and the refusal lists the types', (_what, report) => {
    const { refused } = recognise(report);
    expect(refused).toMatchObject({ type: 'evidence-type-unknown', expected: expect.stringContaining('junit, tap, lcov') });
  });

  test('signs of two types are refused with both', () => {
    expect(recognise(json({ openapi: '3.1.0', bomFormat: 'CycloneDX' })).refused).toMatchObject({
      type: 'evidence-type-ambiguous',
      got: expect.stringMatching(/^(openapi, cyclonedx|cyclonedx, openapi)$/),
    });
  });
});

describe('a type that is judged as another one', () => {
  const judged = types.filter((type) => judgedAs(type) !== type);

  test.each(judged)('%s: its facts have every member of that type, and say so', (type) => {
    const other = judgedAs(type);
    const kind = evidenceTypes[other as keyof typeof evidenceTypes] as EvidenceKind;
    const { as, ...facts } = factsOf(type, sampleOf(type)) as { readonly type: string; readonly as?: string };
    expect(as).toBe(other);
    const { success, error } = kind.facts.safeParse({ ...facts, type: other });
    const extra = success ? [] : error.issues.filter(({ code }) => code !== 'unrecognized_keys');
    expect(extra).toEqual([]);
    expect(judgedAs(other), 'a type that is judged as another one is not the type of rules').toBe(other);
    expect(typesJudgedAs(other)).toContain(type);
  });
});

describe('inspection', () => {
  test.each(types)('%s: the sample has figures and no problem', (type) => {
    const { ok } = inspectEvidence(sampleOf(type), isEmptyList(type) ? type : undefined);
    expect(ok?.type).toBe(recognisedAs(type));
    expect(Object.keys(ok?.words ?? {})).not.toEqual([]);
    expect(ok?.problems).toEqual([]);
  });
});

describe('JSON that is larger than any type takes', () => {
  const large = (part: string, tail: string): Uint8Array => bytes(`${part.repeat(Math.ceil((mostJson + 1) / part.length))}${tail}`);

  test.each([
    ['a SARIF log', bytes(`{"version":"2.1.0","runs":[${'{},'.repeat(mostJson / 3)}{}]}`)],
    ['lists, which need the most memory', large('[', '')],
    ['one line', large('{"a":"b"} ', '')],
  ])('%s is refused by its size, and not parsed', (_what, report) => {
    const began = performance.now();
    expect(recognise(report).refused).toMatchObject({
      type: 'body-too-large',
      got: `${report.byteLength} bytes`,
      expected: `${mostJson} bytes at most`,
    });
    expect(inspectEvidence(report, undefined).refused?.type).toBe('body-too-large');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('is a log, where every line is an object', () => {
    expect(recognise(large('{"level":"info","msg":"kept"}\n', ''))).toEqual({ ok: 'log-sample' });
  });

  test('is JSON of the largest size, where it is as large as that', () => {
    const report = bytes(`{"version":"2.1.0","runs":[]}${' '.repeat(mostJson)}`).slice(0, mostJson);
    expect(recognise(report)).toEqual({ ok: 'sarif' });
  });

  test('no type takes larger JSON, unless it reads it line by line', () => {
    const larger = types.filter(
      (type) => evidenceTypes[type].mediaTypes.includes('application/json') && evidenceTypes[type].maxBytes > mostJson,
    );
    expect(larger).toEqual([]);
  });
});

test.each<[string, Uint8Array, RegExp]>([
  ['cut off', new TextEncoder().encode('{"version":"2.1.0","runs":[{"tool":'), /not JSON/],
  ['compressed', new Uint8Array([0x1f, 0x8b, 8, 0, 0]), /^The report is compressed/],
  ['a page', new TextEncoder().encode('<?xml version="1.0"?>\n<!DOCTYPE html>\n<html/>'), /HTML page, such as a sign-in page/],
  ['nothing', new Uint8Array(), /^The report is empty/],
])('of a report that is %s, what is wrong with it is said', (_what, report, detail) => {
  expect(recognise(report).refused).toMatchObject({ type: 'evidence-type-unknown', detail: expect.stringMatching(detail) });
});
