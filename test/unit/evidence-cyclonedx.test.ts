import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, json, refusalOf, rulesOf } from './parsed.ts';

const zod = { type: 'library', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' };
const app = { type: 'application', 'bom-ref': 'app', name: 'app', version: '1.0.0' };
const bom = (components: unknown, more: object = {}) =>
  json({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: app }, components, ...more });
const compositions = (...aggregates: string[]) => ({ compositions: aggregates.map((aggregate) => ({ aggregate, assemblies: ['app'] })) });

const judged = (input: Uint8Array) => {
  const [rule] = rulesOf('cyclonedx');
  if (rule === undefined) throw new Error('the base checklist has no check for a bill of materials');
  return judgeEvidence(rule, factsOf('cyclonedx', input));
};

describe('a bill that proves less than it should does not pass', () => {
  const versions = ['', ' ', 'UNKNOWN', 'unknown', '[not provided]', 'NOASSERTION', 'n/a', 'none', 'latest', '(unknown)'];
  test.each<[string, Uint8Array, 'fail' | 'inconclusive', RegExp]>([
    ...versions.map((version): [string, Uint8Array, 'fail', RegExp] => [
      `the version "${version}"`,
      bom([zod, { ...zod, name: 'b', version, purl: 'pkg:npm/b' }]),
      'fail',
      /1 of 2 packages .* first: b$/,
    ]),
    ['no version', bom([{ ...zod, version: undefined }]), 'fail', /first: zod/],
    ['no name', bom([{ ...zod, name: '' }]), 'fail', /first: unnamed/],
    ['no package URL', bom([{ ...zod, purl: undefined }]), 'fail', /first: zod/],
    ['a text that is no package URL', bom([{ ...zod, purl: 'pkg:' }]), 'fail', /first: zod/],
    ['a package URL without name', bom([{ ...zod, purl: 'pkg:npm/@4.6.7' }]), 'fail', /first: zod/],
    ['the package URL of another package', bom([{ ...zod, purl: 'pkg:npm/other@4.6.7' }]), 'fail', /contradicting/],
    ['the package URL of another version', bom([{ ...zod, purl: 'pkg:npm/zod@9.9.9' }]), 'fail', /contradicting/],
    ['the package URL of another scope', bom([{ ...zod, name: '@a/zod', purl: 'pkg:npm/%40b/zod@4.6.7' }]), 'fail', /contradicting/],
    ['the package URL of another group', bom([{ ...zod, group: 'org.a', purl: 'pkg:maven/org.b/zod@4.6.7' }]), 'fail', /contradicting/],
    ['the CPE name of another version', bom([{ ...zod, purl: undefined, cpe: 'cpe:2.3:a:v:zod:9.9.9:*:*:*:*:*:*:*' }]), 'fail', /zod/],
    ['a text that is no CPE name', bom([{ ...zod, purl: undefined, cpe: 'zod' }]), 'fail', /zod/],
    [
      'a Go module without version that another module needs',
      bom(
        [
          { ...zod, 'bom-ref': 'z' },
          { type: 'library', 'bom-ref': 'g', name: 'example.com/g', purl: 'pkg:golang/example.com/g' },
        ],
        { dependencies: [{ ref: 'z', dependsOn: ['g'] }] },
      ),
      'fail',
      /example\.com\/g/,
    ],
    ['an incomplete nested package', bom([{ ...zod, components: [{ type: 'library', name: 'inner' }] }]), 'fail', /first: inner/],
    ['a package in an application', bom([{ type: 'application', name: 'jar', purl: 'pkg:maven/shop/jar' }]), 'fail', /first: jar/],
    ['incomplete, as it says itself', bom([zod], compositions('incomplete')), 'fail', /calls itself incomplete/],
    ['incomplete in one part', bom([zod], compositions('complete', 'incomplete_third_party_only')), 'fail', /incomplete_third_party_only/],
    ['unknown, as it says itself', bom([zod], compositions('complete', 'unknown')), 'inconclusive', /unknown/],
    ['without a statement of completeness', bom([zod], compositions('not_specified')), 'inconclusive', /not_specified/],
    [
      'a later version with a new word for completeness',
      bom([zod], { specVersion: '1.8', ...compositions('partial') }),
      'fail',
      /aggregate/,
    ],
    ['an unknown type', bom([{ ...zod, type: 'novel' }]), 'fail', /does not follow the CycloneDX schema: \/components\/0\/type/],
    ['a component without type', bom([{ ...zod, type: undefined }]), 'fail', /required property 'type'/],
    ['an unknown member', bom([{ ...zod, verison: '1' }]), 'fail', /verison/],
    ['no component', bom([]), 'inconclusive', /0 packages/],
    ['no list of components', bom(undefined), 'inconclusive', /0 packages/],
    [
      'files, lock files, images and the operating system only',
      bom(['file', 'application', 'operating-system', 'container'].map((type) => ({ type, name: `a ${type}` }))),
      'inconclusive',
      /0 packages/,
    ],
    ['no component, and a graph of something else', bom([], { dependencies: [{ ref: 'other' }] }), 'inconclusive', /0 packages/],
    [
      'no component, and a graph with dependencies',
      bom([], { dependencies: [{ ref: 'app', dependsOn: ['x'] }] }),
      'inconclusive',
      /^1 dependency is named and not listed, so the bill is not whole; first: x$/,
    ],
    [
      'no component of a subject without version',
      bom([], { metadata: { component: { ...app, version: 'UNKNOWN' } }, dependencies: [{ ref: 'app' }] }),
      'inconclusive',
      /0 packages/,
    ],
  ])('%s', (_what, input, verdict, reason) => {
    expect(judged(input)).toEqual({ verdict, reason: expect.stringMatching(reason) });
  });
});

describe('a good bill passes, however unusual', () => {
  const named = (name: string, version: string, purl: string, more: object = {}) =>
    bom([{ type: 'library', name, version, purl, ...more }]);
  test.each<[string, Uint8Array]>([
    ...['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'].map((specVersion): [string, Uint8Array] => [
      `version ${specVersion}`,
      bom([zod], { specVersion, metadata: undefined }),
    ]),
    ['a later version with members that are not known', bom([{ ...zod, novel: 1 }], { specVersion: '1.8', more: {} })],
    ['complete, as it says itself', bom([zod], compositions('complete'))],
    ['incomplete about vulnerabilities only', bom([zod], { compositions: [{ aggregate: 'incomplete', vulnerabilities: ['v'] }] })],
    ['no dependencies, as the graph says', bom([], { dependencies: [{ ref: 'app', dependsOn: [] }] })],
    [
      'no dependencies, by the package URL of the subject',
      bom([], {
        metadata: { component: { ...app, 'bom-ref': undefined, purl: 'pkg:npm/app@1.0.0' } },
        dependencies: [{ ref: 'pkg:npm/app@1.0.0' }],
      }),
    ],
    [
      'an image with package URL and without version',
      bom([{ type: 'container', name: 'img', purl: 'pkg:oci/img?repository_url=r', components: [zod] }]),
    ],
    ['the main module of a Go program', bom([zod, { type: 'library', name: 'example.com/shop', purl: 'pkg:golang/example.com/shop' }])],
    [
      'the main module as the Go tools call it',
      bom([zod, { type: 'library', name: 'example.com/shop', version: '(devel)', purl: 'pkg:golang/example.com/shop@(devel)' }]),
    ],
    [
      'a library with CPE name and without package URL',
      bom([{ type: 'library', name: 'busybox', version: '1.36.1', cpe: 'cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*:*' }]),
    ],
    ['a CPE name as URI', bom([{ type: 'library', name: 'busybox', version: '1.36.1', cpe: 'cpe:/a:busybox:busybox:1.36.1' }])],
    ['a scope with a raw @', named('p', '1.0.0', 'pkg:npm/@scope/p@1.0.0', { group: '@scope' })],
    ['a scope within the name', named('@scope/p', '1.0.0', 'pkg:npm/%40scope/p@1.0.0')],
    ['a scope in the package URL only', named('p', '1.0.0', 'pkg:npm/%40scope/p@1.0.0')],
    ['a package URL without version', named('p', '1', 'pkg:npm/p')],
    ['a Maven group before a colon', named('org.a:b', '1', 'pkg:maven/org.a/b@1?type=jar')],
    ['a Go package within a module', named('example.com/a/b/c', 'v1.2.0', 'pkg:golang/example.com/a/b@v1.2.0#c')],
    ['Go build metadata that is encoded', named('example.com/a', 'v2.0.0+incompatible', 'pkg:golang/example.com/a@v2.0.0%2Bincompatible')],
    ['a v on one side', named('stdlib', 'v1.22.1', 'pkg:golang/stdlib@1.22.1')],
    ['PyPI names in two spellings', named('Typing_Extensions', '4.12', 'pkg:pypi/typing-extensions@4.12')],
    ['a Debian epoch', named('libc6', '1:2.36-9', 'pkg:deb/debian/libc6@2.36-9?epoch=1&arch=amd64')],
    ['an RPM release', named('bash', '5.1.8', 'pkg:rpm/redhat/bash@5.1.8-6.el9')],
    ['a file without version beside a package', bom([zod, { type: 'file', name: '/etc/passwd' }])],
    [
      'what the environment provides',
      bom([zod, { type: 'library', name: 'libc', versionRange: 'vers:deb/>=2', isExternal: true }], { specVersion: '1.7' }),
    ],
    ['a licence that is no SPDX id', bom([{ ...zod, licenses: [{ license: { id: 'Custom' } }] }])],
  ])('%s', (_what, input) => {
    expect(factsOf('cyclonedx', input)).toMatchObject({ violation: null, incomplete: [] });
    expect(judged(input).verdict).toBe('pass');
  });
});

test('the subject is named, with the SHA-256 digests that the bill gives for it', () => {
  const hashes = [
    { alg: 'SHA-1', content: 'a'.repeat(40) },
    { alg: 'SHA-256', content: 'B'.repeat(64) },
  ];
  expect(factsOf('cyclonedx', bom([zod], { metadata: { component: { ...app, hashes } } }))).toMatchObject({
    subject: 'app',
    subjectSha256: ['b'.repeat(64)],
  });
  expect(factsOf('cyclonedx', bom([zod], { metadata: undefined }))).toMatchObject({ subject: null, subjectSha256: [] });
});

describe('packages', () => {
  test('that are listed many times, nested or in another spelling, count once', () => {
    const again = { ...zod, 'bom-ref': 'again', components: [zod] };
    expect(factsOf('cyclonedx', bom([...Array(50).fill(zod), again]))).toMatchObject({ components: 1, incompleteCount: 0 });
    const scoped = ['pkg:npm/%40s/p@1', 'pkg:npm/@s/p@1'].map((purl) => ({ ...zod, name: '@s/p', version: '1', purl }));
    expect(factsOf('cyclonedx', bom(scoped)).components).toBe(1);
  });

  test('within the subject count as those beside it', () => {
    const metadata = { component: { ...app, components: [zod, { ...zod, name: 'b', purl: undefined }] } };
    expect(factsOf('cyclonedx', bom([], { metadata }))).toMatchObject({ components: 2, incomplete: ['b'] });
  });

  test('of two versions or architectures count twice', () => {
    const purls = ['pkg:npm/zod@4.6.7', 'pkg:npm/zod@4.6.8', 'pkg:npm/zod@4.6.7?arch=arm64'];
    expect(factsOf('cyclonedx', bom(purls.map((purl, n) => ({ ...zod, version: n === 1 ? '4.6.8' : '4.6.7', purl })))).components).toBe(3);
  });
});

test('a later minor version is read as the newest known one, and says so', () => {
  const input = bom([zod], { specVersion: '1.12' });
  expect(factsOf('cyclonedx', input)).toMatchObject({ specVersion: '1.12', readAs: '1.7' });
  expect(judged(input).reason).toContain('CycloneDX 1.12 is newer than 1.7');
});

describe('XML', () => {
  const xml = (body: string, version = '1.5', prefix = '') =>
    bytes(
      `<?xml version="1.0"?><${prefix}bom xmlns${prefix === '' ? '' : ':c'}="http://cyclonedx.org/schema/bom/${version}" version="1">${body}</${prefix}bom>`,
    );
  const full = `<metadata><timestamp>2026-03-02T08:00:00Z</timestamp><tools><tool><name>t</name></tool></tools>
    <component type="application" bom-ref="app"><name>app</name><version>1.0.0</version></component></metadata>
    <components><component type="library" bom-ref="z"><name>zod</name><version>4.6.7</version><description><![CDATA[Zod & co]]></description>
      <hashes><hash alg="SHA-256">${'a'.repeat(64)}</hash></hashes><licenses><license><id>MIT</id></license></licenses>
      <purl>pkg:npm/zod@4.6.7</purl><externalReferences><reference type="website"><url>https://zod.dev</url></reference></externalReferences>
      <properties><property name="a">b</property></properties>
      <components><component type="library"><name>in</name><version>1</version><purl>pkg:npm/in@1</purl></component></components>
    </component></components>
    <dependencies><dependency ref="app"><dependency ref="z"/></dependency><dependency ref="z"/></dependencies>
    <compositions><composition><aggregate>complete</aggregate><assemblies><assembly ref="app"/></assemblies></composition></compositions>
    <vulnerabilities><vulnerability/></vulnerabilities><x:more xmlns:x="urn:x"><x:component/></x:more>`;

  test('has the facts that the same bill has as JSON', () => {
    const inner = { type: 'library', name: 'in', version: '1', purl: 'pkg:npm/in@1' };
    const same = bom([{ ...zod, components: [inner] }], { specVersion: '1.5', ...compositions('complete') });
    expect(factsOf('cyclonedx', xml(full))).toEqual(factsOf('cyclonedx', same));
    expect(judged(xml(full)).verdict).toBe('pass');
  });

  const one = (more: string) => `<components><component type="library"><name>a</name>${more}</component></components>`;
  const good = '<version>1</version><purl>pkg:npm/a@1</purl>';
  test.each<[string, Uint8Array, string]>([
    ['1.2', xml(one(good), '1.2'), 'pass'],
    ['1.7', xml(one(good), '1.7'), 'pass'],
    ['a later version', xml(one(good), '1.8'), 'pass'],
    [
      'a prefix',
      bytes(new TextDecoder().decode(xml(one(good), '1.5', 'c:')).replace(/<(\/?)(component|name|version|purl)/g, '<$1c:$2')),
      'pass',
    ],
    ['a byte-order mark', bytes(`\ufeff${new TextDecoder().decode(xml(one(good)))}`), 'pass'],
    ['a placeholder', xml(one('<version>UNKNOWN</version><purl>pkg:npm/a</purl>')), 'fail'],
    ['an empty version', xml(one('<version/><purl>pkg:npm/a</purl>')), 'fail'],
    ['an unknown element', xml(one(`${good}<verison>1</verison>`)), 'fail'],
    ['an unknown type', xml(one(good).replace('library', 'novel')), 'fail'],
    [
      'what calls itself incomplete',
      xml(`${one(good)}<compositions><composition><aggregate>incomplete</aggregate></composition></compositions>`),
      'fail',
    ],
    [
      'no dependencies',
      xml(
        '<metadata><component type="application" bom-ref="app"><name>a</name><version>1</version></component></metadata><components/><dependencies><dependency ref="app"/></dependencies>',
      ),
      'pass',
    ],
    ['no component', xml('<components/>'), 'inconclusive'],
    ['a version as extension of another namespace', xml(one('<purl>pkg:npm/a</purl><x:version xmlns:x="urn:x">1</x:version>')), 'fail'],
  ])('with %s', (_what, input, verdict) => {
    expect(judged(input).verdict).toBe(verdict);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['another root', bytes('<testsuites/>'), /<testsuites>/],
    ['another namespace', bytes('<bom xmlns="urn:x"/>'), /urn:x/],
    ['a version before 1.2', xml('', '1.1'), /specVersion/],
    ['a DTD', bytes('<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>'), /document type/],
    ['two versions in one component', xml(one('<version>1</version><version>2</version>')), /version/],
    ['deep nesting', xml(`${'<components><component type="library">'.repeat(600)}`), /nested deeper/],
    ['deep nesting of another namespace', xml('<x:a xmlns:x="urn:x">'.repeat(100_000)), /nested deeper/],
    ['too many attributes', xml(`<x ${Array.from({ length: 2000 }, (_, n) => `a${n}="x"`).join(' ')}/>`), /more than 1000 attributes/],
    ['no end', bytes('<bom xmlns="http://cyclonedx.org/schema/bom/1.5">'), /./],
  ])('with %s is refused', (_what, input, got) => {
    expect(refusalOf('cyclonedx', input)).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

test.each<[string, Uint8Array, RegExp]>([
  ['another format', bom([zod], { bomFormat: 'SPDX' }), /bomFormat/],
  ['a version before 1.2', bom([zod], { specVersion: '1.1' }), /specVersion/],
  ['another major version', bom([zod], { specVersion: '2.0' }), /specVersion/],
  ['a component that is a text', bom([zod, 'zod']), /components\.1/],
  [
    'values nested too deep',
    bytes(`{"bomFormat":"CycloneDX","specVersion":"1.6","a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    /more than 1000 levels/,
  ],
])('%s is refused', (_what, input, got) => {
  expect(refusalOf('cyclonedx', input)).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
});

test('a version or an identity of a million characters takes no longer than it is long', () => {
  const odd = [')'.repeat(1_000_000), `${'+'.repeat(1_000_000)}\n1`, `${'"'.repeat(1_000_000)}a`];
  const started = process.cpuUsage();
  for (const version of odd)
    expect(
      factsOf(
        'cyclonedx',
        json({ bomFormat: 'CycloneDX', specVersion: '1.5', components: [{ type: 'library', name: 'a', version, purl: 'pkg:npm/a@1' }] }),
      ).incompleteCount,
    ).toBe(1);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
});

test('components nested 400 deep are counted', () => {
  const nested = (levels: number): object => ({
    type: 'library',
    name: 'a',
    version: `${levels}`,
    purl: 'pkg:npm/a',
    ...(levels === 0 ? {} : { components: [nested(levels - 1)] }),
  });
  expect(factsOf('cyclonedx', json({ bomFormat: 'CycloneDX', specVersion: '1.5', components: [nested(400)] }))).toMatchObject({
    components: 401,
    violation: null,
  });
});
