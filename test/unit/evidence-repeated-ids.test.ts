import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, inspected, json, rulesOf } from './parsed.ts';

const zod = { type: 'library', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' };
const app = { type: 'application', 'bom-ref': 'app', name: 'app', version: '1.0.0' };
const bom = (components: unknown) =>
  json({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: app }, components });
const judged = (input: Uint8Array) => rulesOf('cyclonedx').map((rule) => judgeEvidence(rule, factsOf('cyclonedx', input)));

describe('a bom-ref that stands more than once', () => {
  const hono = { type: 'library', 'bom-ref': 'a', name: 'hono', version: '4.0.0', purl: 'pkg:npm/hono@4.0.0' };
  const xml = (...components: readonly string[]) =>
    bytes(
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><metadata><component type="application" bom-ref="app"><name>app</name><version>1.0.0</version></component></metadata><components>${components.join('')}</components></bom>`,
    );
  const component = (name: string) =>
    `<component type="library" bom-ref="a"><name>${name}</name><version>1.0.0</version><purl>pkg:npm/${name}@1.0.0</purl></component>`;
  test.each<[string, Uint8Array, number, string, number, number]>([
    ['of two packages', bom([{ ...zod, 'bom-ref': 'a' }, hono]), 2, 'a', 3, 2],
    ['of one package, once with a hash', bom([hono, { ...hono, hashes: [{ alg: 'MD5', content: 'a'.repeat(32) }] }]), 1, 'a', 3, 2],
    [
      'of a package and one within another',
      bom([
        { ...zod, components: [hono] },
        { ...hono, name: 'a', purl: 'pkg:npm/a@4.0.0' },
      ]),
      3,
      'a',
      3,
      2,
    ],
    ['of a package and the subject', bom([{ ...hono, 'bom-ref': 'app' }]), 1, 'app', 2, 1],
    ['of a package and a file', bom([hono, { type: 'file', 'bom-ref': 'a', name: 'a.js' }]), 1, 'a', 3, 2],
    ['in XML', xml(component('b'), component('c')), 2, 'a', 3, 2],
  ])('%s hides nothing, fails, and is said with both numbers', (_what, input, components, ref, all, different) => {
    const words = `the bom-ref ${ref} stands 2 times and must stand once (${all} ids, ${different} different)`;
    expect(factsOf('cyclonedx', input)).toMatchObject({ components, incompleteCount: 0, violation: words });
    expect(judged(input)).toEqual([{ verdict: 'fail', reason: `the bill does not follow the CycloneDX schema: ${words}` }]);
    expect(inspected('cyclonedx', new TextDecoder().decode(input)).problems).toEqual([
      { type: 'repeated-id', title: `What must be unique is not: ${words}`, declared: all, counted: different },
    ]);
  });
});
