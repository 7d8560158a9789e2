import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('cyclonedx'),
  specVersion: z.string(),
  subject: z.string().nullable(),
  /** Packages, nested ones included; files, images and the operating system are not counted. */
  components: z.int().min(0),
  /** The first packages without name, version or package URL, and the count of all of them. */
  incomplete: z.array(z.string()),
  incompleteCount: z.int().min(0),
});
export type CyclonedxFacts = z.infer<typeof facts>;

export const cyclonedx = evidenceType({
  id: 'cyclonedx',
  description: "The artifact's CycloneDX bill of materials as JSON",
  fileNames: ['*.cdx.json', '*cyclonedx*.json', '*bom.json'],
  mediaTypes: ['application/json', 'application/vnd.cyclonedx+json'],
  maxBytes: 4 * megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'cyclonedx.json',
});

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
 * Types of components that are not packages: files, images, the operating system, and the lock files that some scanners list as
 * applications. Any other type is a package, and so is a component of these types that has a package URL.
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

/** Counts packages, nested ones included, and packages that cannot be identified: without name, version or package URL. */
const parse = (bytes: Uint8Array): Outcome<CyclonedxFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const bom = schema.safeParse(json.ok);
  if (!bom.success) return unread(bom.error);
  const { specVersion, metadata, components } = bom.data;
  const all: Component[] = [];
  // The list grows while the loop walks it. Recursion could overflow the stack on deep nesting.
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

/** `pkg:` type `/` name (package-url specification). */
const isPackageUrl = (purl: string | undefined): boolean => /^pkg:[a-z][a-z0-9.+-]*\/[^@?#\s]/i.test(purl ?? '');

const unread = (error: z.ZodError) =>
  unreadable('The JSON is not a CycloneDX bill of materials.', {
    got: firstIssue(error),
    expected,
    fix: 'Use the CycloneDX output of the tool, for instance `npm sbom --sbom-format cyclonedx`.',
  });
