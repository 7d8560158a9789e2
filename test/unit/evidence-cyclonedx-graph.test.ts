import { expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, json, rulesOf } from './parsed.ts';

const zod = { type: 'library', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' };
const app = { type: 'application', 'bom-ref': 'app', name: 'app', version: '1.0.0' };
const bom = (components: unknown, more: object = {}) =>
  json({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: app }, components, ...more });

const judged = (input: Uint8Array) => {
  const [rule] = rulesOf('cyclonedx');
  if (rule === undefined) throw new Error('the base checklist has no check for a bill of materials');
  return judgeEvidence(rule, factsOf('cyclonedx', input));
};

const xml = (component: string, ...needed: readonly string[]): Uint8Array =>
  bytes(
    `<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata><component type="application" bom-ref="app"><name>app</name></component></metadata>
<components>${component}</components>
<services><service><name>api</name><authenticated>true</authenticated><services><service bom-ref="s"><name>in</name></service></services></service></services>
<dependencies><dependency ref="app">${needed.map((ref) => `<dependency ref="${ref}"/>`).join('')}</dependency></dependencies></bom>`,
  );

/** What the dependency graph leads to must be in the bill. */
test.each<[string, Uint8Array, RegExp]>([
  [
    'a list that was cut',
    bom([{ ...zod, 'bom-ref': 'z' }], {
      dependencies: [
        { ref: 'app', dependsOn: ['z', 'y'] },
        { ref: 'y', dependsOn: ['x'] },
      ],
    }),
    /^2 dependencies are named and not listed/,
  ],
  [
    'as XML, a list that was cut',
    xml(
      '<component type="library" bom-ref="z"><name>zod</name><version>4.6.7</version><purl>pkg:npm/zod@4.6.7</purl></component>',
      'z',
      'y',
    ),
    /^1 dependency is named and not listed.*: y$/,
  ],
])('%s is not whole', (_what, input, reason) => {
  expect(judged(input)).toEqual({ verdict: 'inconclusive', reason: expect.stringMatching(reason) });
});

test.each<[string, Uint8Array]>([
  [
    'a graph that leads to nested packages, by their package URL, to services and to a part of another bill',
    bom([{ ...zod, components: [{ ...zod, 'bom-ref': 'in', name: 'in', purl: 'pkg:npm/in@4.6.7' }] }], {
      services: [{ name: 'api', services: [{ 'bom-ref': 's', name: 'inner' }] }],
      dependencies: [{ ref: 'app', dependsOn: ['in', zod.purl, 's', 'urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#x'] }],
    }),
  ],
  [
    'as XML, a graph that leads to a service',
    xml(
      '<component type="library" bom-ref="z"><name>zod</name><version>4.6.7</version><purl>pkg:npm/zod@4.6.7</purl></component>',
      'z',
      's',
    ),
  ],
])('%s passes', (_what, input) => {
  expect(judged(input).verdict).toBe('pass');
});
