import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEvidence, recognise } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, json, refusalOf, rulesOf, sound } from './parsed.ts';

const verdictOf = (input: Uint8Array) => {
  const facts = factsOf('spdx', input);
  const [rule] = rulesOf('spdx');
  return judgeEvidence(rule ?? expect.fail('no rule'), facts);
};
const tagValue = readFileSync(new URL('../samples/evidence/spdx.tag-value.spdx', import.meta.url), 'utf8');

describe('SPDX 2.3 as JSON', () => {
  const good = JSON.parse(new TextDecoder().decode(sampleOf('spdx')));
  const [subject, first, ...rest] = good.packages;
  const changed = (changes: object) => json({ ...good, ...changes });
  const withPackage = (changes: object) => changed({ packages: [subject, { ...first, ...changes }, ...rest] });

  test('the bill of the tool', () => {
    expect(factsOf('spdx', sampleOf('spdx'))).toMatchObject({
      subject: 'shop',
      specVersion: '2.3',
      components: 4,
      incompleteCount: 0,
      violation: null,
    });
    expect(verdictOf(sampleOf('spdx')).verdict).toBe('pass');
  });

  test("is read as GitHub's API answers with it, in `sbom`", () => {
    expect(factsOf('spdx', json({ sbom: good }))).toEqual(factsOf('spdx', json(good)));
    expect(recognise(json({ sbom: good }))).toEqual({ ok: 'spdx' });
  });

  const relationships = (...added: object[]) => changed({ relationships: [...good.relationships, ...added] });
  test.each<[string, Uint8Array, string, string]>([
    ['no version', withPackage({ versionInfo: undefined }), 'fail', '1 of 4 packages'],
    ['a version that says NOASSERTION', withPackage({ versionInfo: 'NOASSERTION' }), 'fail', '1 of 4 packages'],
    ['no package URL', withPackage({ externalRefs: [] }), 'fail', '1 of 4 packages'],
    [
      'a package URL of another package',
      withPackage({
        externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:npm/other@1.0.0' }],
      }),
      'fail',
      '1 of 4',
    ],
    ['no name', withPackage({ name: '' }), 'fail', 'package 2 has no name'],
    ['nothing is described', changed({ documentDescribes: undefined, relationships: good.relationships.slice(1) }), 'fail', 'DESCRIBES'],
    ['described in the old way only', changed({ relationships: good.relationships.slice(1) }), 'pass', '4 packages of shop'],
    [
      'described from the other side',
      changed({
        documentDescribes: undefined,
        relationships: [{ spdxElementId: subject.SPDXID, relationshipType: 'DESCRIBED_BY', relatedSpdxElement: 'SPDXRef-DOCUMENT' }],
      }),
      'pass',
      'shop',
    ],
    ['no packages', changed({ packages: [], documentDescribes: [], relationships: [] }), 'fail', 'DESCRIBES'],
    ['only its subject', changed({ packages: [subject], relationships: good.relationships.slice(0, 1) }), 'inconclusive', '0 packages'],
    [
      'its subject, which depends on nothing',
      changed({
        packages: [subject],
        relationships: [
          good.relationships[0],
          { spdxElementId: subject.SPDXID, relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'NONE' },
        ],
      }),
      'pass',
      'depends on no package',
    ],
    [
      'its subject, which depends on nobody knows what',
      relationships({ spdxElementId: subject.SPDXID, relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'NOASSERTION' }),
      'inconclusive',
      'unknown',
    ],
    [
      'a relationship to nothing that is there',
      relationships({ spdxElementId: subject.SPDXID, relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-cut' }),
      'fail',
      'SPDXRef-cut',
    ],
    [
      'a relationship to another document',
      relationships({ spdxElementId: subject.SPDXID, relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'DocumentRef-base:SPDXRef-a' }),
      'pass',
      '4 packages',
    ],
    [
      'an id that is there twice',
      changed({ packages: [...good.packages, first] }),
      'fail',
      `the SPDXID ${first.SPDXID} stands 2 times and must stand once`,
    ],
    ['a file without an id', changed({ files: [{ fileName: 'a' }] }), 'fail', 'a file or snippet has no SPDXID'],
    ['no namespace', changed({ documentNamespace: undefined }), 'fail', 'documentNamespace is missing'],
    ['another licence of the data', changed({ dataLicense: 'MIT' }), 'fail', 'CC0-1.0'],
    ['a later minor version', changed({ spdxVersion: 'SPDX-2.4' }), 'pass', 'SPDX 2.4 is newer than 2.3'],
  ])('%s', (_what, input, verdict, reason) => {
    expect(verdictOf(input)).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('the same package that is listed twice counts once; files and images do not count', () => {
    const more = [
      { ...first, SPDXID: 'SPDXRef-again' },
      { ...first, SPDXID: 'SPDXRef-image', name: 'image', primaryPackagePurpose: 'CONTAINER', externalRefs: [] },
      { ...first, SPDXID: 'SPDXRef-os', name: 'debian', primaryPackagePurpose: 'OPERATING_SYSTEM', externalRefs: [] },
    ];
    expect(factsOf('spdx', changed({ packages: [...good.packages, ...more] }))).toMatchObject({ components: 4, incompleteCount: 0 });
  });

  test('the SHA-256 digest of the subject is read, so that it must be that of the artifact', () => {
    const checksums = [
      { algorithm: 'SHA256', checksumValue: 'AB'.repeat(32) },
      { algorithm: 'SHA1', checksumValue: 'c' },
    ];
    expect(factsOf('spdx', changed({ packages: [{ ...subject, checksums }, first, ...rest] })).subjectSha256).toEqual(['ab'.repeat(32)]);
  });

  test.each<[string, unknown]>([
    ['SPDX 1.2', { ...good, spdxVersion: 'SPDX-1.2' }],
    ['SPDX 3 in the form of version 2', { ...good, spdxVersion: 'SPDX-3.0' }],
    ['packages that are no list', { ...good, packages: {} }],
    ['a CycloneDX bill', { bomFormat: 'CycloneDX', specVersion: '1.5' }],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('spdx', json(report)).detail).toBe('The report is not an SPDX bill of materials.');
  });
});

describe('SPDX 2.3 as tag-value text', () => {
  test('gives the facts of the same bill as JSON', () => {
    expect(factsOf('spdx', bytes(tagValue))).toEqual(factsOf('spdx', sampleOf('spdx')));
    expect(verdictOf(bytes(tagValue)).verdict).toBe('pass');
  });
  test('CRLF, a byte-order mark, comments, texts of many lines and tags that are not known are understood', () => {
    const text = tagValue.replace(
      'PackageName: lodash',
      '# lodash\nPackageName: lodash\nPackageComment: <text>one\nPackageName: two\n\nthree</text>\nLater: 1',
    );
    expect(factsOf('spdx', bytes(`\ufeff${text.replaceAll('\n', '\r\n')}`))).toEqual(factsOf('spdx', sampleOf('spdx')));
  });
  test.each([
    ['a line that is no tag', `${tagValue}\nand more\n`, 'is no tag'],
    ['a text without an end', `${tagValue}\nLicenseComment: <text>and\n`, 'has no end'],
    [
      'a version twice',
      tagValue.replace('PackageVersion: 4.17.15', 'PackageVersion: 4.17.15\nPackageVersion: 4.17.21'),
      'PackageVersion twice',
    ],
  ])('%s is refused', (_what, text, got) => {
    expect(refusalOf('spdx', bytes(text)).got).toContain(got);
  });
  test('cut in half it never passes', () => {
    for (let at = 0; at < tagValue.length; at += 97) {
      const input = bytes(tagValue.slice(0, at) || ' ');
      sound('spdx', input);
      const { ok } = parseEvidence('spdx', input);
      if (ok !== undefined) expect(verdictOf(input).verdict, `${at}`).not.toBe('pass');
    }
  });
});

/** Made by hand from the SPDX specification 3.0.1, core and software profile. */
describe('SPDX 3.0 as JSON-LD', () => {
  const element = (type: string, id: string, more: object) => ({ type, spdxId: `https://a.test/${id}`, creationInfo: '_:info', ...more });
  const id = (name: string): string => `https://a.test/${name}`;
  const graph = (changes: object = {}, ...more: object[]) => [
    { type: 'CreationInfo', '@id': '_:info', specVersion: '3.0.1', created: '2026-03-02T07:00:00Z', createdBy: [id('tool')] },
    element('SoftwareAgent', 'tool', { name: 'tool' }),
    element('SpdxDocument', 'document', { rootElement: [id('sbom')] }),
    element('software_Sbom', 'sbom', { rootElement: [id('shop')] }),
    element('software_Package', 'shop', { name: 'shop', software_packageVersion: '1.0.0', software_packageUrl: 'pkg:npm/shop@1.0.0' }),
    element('software_Package', 'hono', {
      name: 'hono',
      software_packageVersion: '4.13.19',
      externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: 'pkg:npm/hono@4.13.19' }],
      ...changes,
    }),
    element('Relationship', 'r1', { from: id('shop'), to: [id('hono')], relationshipType: 'dependsOn' }),
    ...more,
  ];
  const document = (list: readonly object[]) => json({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': list });

  test('a bill in which one package depends on another', () => {
    expect(factsOf('spdx', document(graph()))).toMatchObject({
      specVersion: '3.0.1',
      readAs: null,
      subject: 'shop',
      components: 1,
      incompleteCount: 0,
      violation: null,
    });
    expect(verdictOf(document(graph())).verdict).toBe('pass');
  });

  test.each<[string, readonly object[], string, string]>([
    ['no version', graph({ software_packageVersion: undefined }), 'fail', '1 of 1 package without'],
    ['no package URL', graph({ externalIdentifier: [] }), 'fail', '1 of 1 package without'],
    ['no document', graph().filter((one) => 'type' in one && one.type !== 'SpdxDocument'), 'fail', 'no SpdxDocument'],
    ['no root', graph().map((one) => ({ ...one, rootElement: undefined })), 'fail', 'no root'],
    [
      'a relationship to nothing that is there',
      graph({}, element('Relationship', 'r2', { from: id('shop'), to: [id('cut')], relationshipType: 'dependsOn' })),
      'fail',
      'cut',
    ],
    [
      'a list that calls itself incomplete',
      graph(
        {},
        element('Relationship', 'r2', { from: id('shop'), to: [id('hono')], relationshipType: 'dependsOn', completeness: 'incomplete' }),
      ),
      'fail',
      'incomplete',
    ],
    [
      'a list that does not say whether it is complete',
      graph(
        {},
        element('Relationship', 'r2', { from: id('shop'), to: [id('hono')], relationshipType: 'dependsOn', completeness: 'noAssertion' }),
      ),
      'inconclusive',
      'unknown',
    ],
    ['an id that is there twice', graph({}, element('software_Package', 'hono', {})), 'fail', 'stands 2 times and must stand once'],
  ])('%s', (_what, list, verdict, reason) => {
    expect(verdictOf(document(list))).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('a root that stands without a list, and @id and @type, are understood', () => {
    const list = graph().map((one) => {
      const { type, spdxId, rootElement, ...rest } = one as Record<string, unknown>;
      const [root] = (rootElement as string[] | undefined) ?? [];
      return { '@type': type, '@id': spdxId ?? rest['@id'], ...(root === undefined ? {} : { rootElement: root }), ...rest };
    });
    expect(verdictOf(document(list)).verdict).toBe('pass');
  });

  test('another context is refused', () => {
    expect(refusalOf('spdx', json({ '@context': 'https://schema.org', '@graph': [] })).got).toContain('@context');
  });
});
