import * as z from 'zod';
import { excerpt } from '../canonical.ts';
import type { Outcome } from '../outcome.ts';
import type { CyclonedxFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected = 'a CycloneDX 1.4, 1.5 or 1.6 bill of materials as JSON (ECMA-424)';
const component = z.looseObject({
  type: z.string().optional(),
  name: z.string().optional(),
  version: z.string().optional(),
  purl: z.string().optional(),
  components: z.array(z.unknown()).optional(),
});
type Component = z.infer<typeof component>;
const schema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(['1.4', '1.5', '1.6']),
  metadata: z.looseObject({ component: component.optional() }).optional(),
  components: z.array(z.unknown()).default([]),
});

/**
 * Types of components that no package manager ships, and that no package URL can name: files, images, the operating system, and
 * the lock files that some scanners list as applications. Any other type is a package.
 */
const unpackaged = new Set([
  'file',
  'application',
  'container',
  'operating-system',
  'platform',
  'device',
  'device-driver',
  'firmware',
  'data',
  'machine-learning-model',
  'cryptographic-asset',
]);

/** Packages, nested ones too, and those of them that cannot be looked up: without name, version or package URL. */
export const parseCyclonedx = (bytes: Uint8Array): Outcome<CyclonedxFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const bom = schema.safeParse(json.ok);
  if (!bom.success) return unread(bom.error);
  const { specVersion, metadata, components } = bom.data;
  const all: Component[] = [];
  // A list that grows while it is walked, so that no nesting is too deep.
  const waiting: unknown[] = [...components];
  for (const one of waiting) {
    const parsed = component.safeParse(one);
    if (!parsed.success) return unread(parsed.error);
    all.push(parsed.data);
    for (const nested of parsed.data.components ?? []) waiting.push(nested);
  }
  const packages = all.filter(({ type, purl }) => purl !== undefined || !unpackaged.has(type ?? 'library'));
  const incomplete = packages.filter(({ name, version, purl }) => !name?.trim() || !version?.trim() || !isPackageUrl(purl));
  const subject = metadata?.component?.name;
  return {
    ok: {
      type: 'cyclonedx',
      specVersion,
      subject: subject === undefined ? null : excerpt(subject, 100),
      components: packages.length,
      incomplete: incomplete.slice(0, 20).map((one) => excerpt(one.name ?? 'unnamed', 100)),
      incompleteCount: incomplete.length,
    },
  };
};

/** `pkg:` type `/` name, as package-url says. */
const isPackageUrl = (purl: string | undefined): boolean => /^pkg:[a-z][a-z0-9.+-]*\/[^@?#\s]/i.test(purl ?? '');

const unread = ({ issues: [issue] }: z.ZodError) =>
  unreadable('The JSON is not a CycloneDX bill of materials.', {
    got: `${issue?.path.join('.')}: ${issue?.message}`,
    expected,
    fix: 'Use the CycloneDX output of the tool, for instance `npm sbom --sbom-format cyclonedx`.',
  });
