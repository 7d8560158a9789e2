import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import type { CyclonedxFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected = 'a CycloneDX 1.4, 1.5 or 1.6 bill of materials as JSON (ECMA-424)';
const component = z.looseObject({ name: z.string().optional(), version: z.string().optional(), purl: z.string().optional() });
const schema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(['1.4', '1.5', '1.6']),
  metadata: z.looseObject({ component: component.optional() }).optional(),
  components: z.array(component).default([]),
});

export const parseCyclonedx = (bytes: Uint8Array): Outcome<CyclonedxFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const bom = schema.safeParse(json.ok);
  if (!bom.success) {
    const [issue] = bom.error.issues;
    return unreadable('The JSON is not a CycloneDX bill of materials.', {
      got: `${issue?.path.join('.')}: ${issue?.message}`,
      expected,
      fix: 'Use the CycloneDX output of the tool, for instance `npm sbom --sbom-format cyclonedx`.',
    });
  }
  const { specVersion, metadata, components } = bom.data;
  const incomplete = components
    .filter((one) => !one.name || !one.version || !one.purl?.startsWith('pkg:'))
    .map((one) => (one.name ?? 'unnamed').slice(0, 100));
  return {
    ok: {
      type: 'cyclonedx',
      specVersion,
      subject: metadata?.component?.name?.slice(0, 100) ?? null,
      components: components.length,
      incomplete: incomplete.slice(0, 20),
      incompleteCount: incomplete.length,
    },
  };
};
