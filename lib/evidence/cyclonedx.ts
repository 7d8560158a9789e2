import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { doubt } from './account.ts';
import { type Bill, type Component, completenessOf, countPackages, statesNoDependencies, subjectDigests } from './bill-of-materials.ts';
import { hasMembers } from './content.ts';
import { cyclonedxXmlOf } from './cyclonedx-xml.ts';
import { openToMore, tooLarge, validatorsOf } from './json-schema.ts';
import { evidenceType, megabyte } from './kind.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import schema from './schemas/cyclonedx-1.7.json' with { type: 'json' };
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';
import { xmlTextOf } from './xml-text.ts';

const facts = z.strictObject({
  type: z.literal('cyclonedx'),
  specVersion: z.string(),
  /** The newest version that Holdpoint knows, when the bill's version is newer and was read as that one; else null. */
  readAs: z.string().nullable(),
  subject: z.string().nullable(),
  /** The first SHA-256 digests that the bill gives for its subject, as hex. */
  subjectSha256: z.array(z.string()),
  /** Different packages, nested ones included; files, images and the operating system are not counted. */
  components: z.int().min(0),
  /** The first packages without name, version or identity (package URL or CPE), or with contradicting ones, and the count of all. */
  incomplete: z.array(z.string()),
  incompleteCount: z.int().min(0),
  /** Whether the bill's dependency graph says that its subject depends on nothing. */
  withoutDependencies: z.boolean(),
  /** What the bill says of its own completeness: the worst of its compositions, or null when it says nothing. */
  completeness: z.string().nullable(),
  /** The first violation of the published schema. */
  violation: z.string().nullable(),
});
export type CyclonedxFacts = z.infer<typeof facts>;

export const cyclonedx = evidenceType({
  id: 'cyclonedx',
  description: "The artifact's CycloneDX bill of materials as JSON or XML",
  fileNames: ['json', 'xml'].flatMap((extension) => [`*.cdx.${extension}`, `*cyclonedx*.${extension}`, `*bom.${extension}`]),
  mediaTypes: ['application/json', 'application/vnd.cyclonedx+json', 'application/xml', 'text/xml', 'application/vnd.cyclonedx+xml'],
  maxBytes: 4 * megabyte,
  facts,
  recognises: ({ json, elements: [root] }) =>
    hasMembers(json, 'bomFormat') || (root?.name === 'bom' && !/spdx/i.test(JSON.stringify(root.attributes))),
  fieldWords: ({ specVersion, subject, components, incompleteCount, completeness }) => ({
    specVersion,
    subject,
    components,
    incomplete: incompleteCount,
    completeness,
  }),
  parse: (bytes) => parse(bytes),
  sample: 'cyclonedx.json',
});

const expected = 'a CycloneDX 1.2 to 1.7 bill of materials as JSON or XML (ECMA-424)';
const newestMinor = 7;

const component: z.ZodType<Component> = z.looseObject({
  type: z.string().optional(),
  'bom-ref': z.string().optional(),
  group: z.string().optional(),
  name: z.string().optional(),
  version: z.string().optional(),
  purl: z.string().optional(),
  cpe: z.string().optional(),
  isExternal: z.boolean().optional(),
  hashes: z.array(z.looseObject({ alg: z.string(), content: z.string() })).optional(),
  properties: z.array(z.looseObject({ name: z.string().optional(), value: z.string().optional() })).optional(),
  get components() {
    return z.array(component).optional();
  },
});
const names = z.array(z.string()).optional();
const bill: z.ZodType<Bill> = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().regex(/^1\.([2-9]|[1-9]\d{1,3})$/),
  metadata: z.looseObject({ component: component.optional(), timestamp: z.unknown().optional() }).optional(),
  components: z.array(component).optional(),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: names })).optional(),
  compositions: z
    .array(
      z.looseObject({
        aggregate: z.string(),
        assemblies: z.unknown().optional(),
        dependencies: z.unknown().optional(),
        vulnerabilities: z.unknown().optional(),
      }),
    )
    .optional(),
});

const known = validatorsOf([schema]);
const later = validatorsOf([openToMore(schema)]);

/** Counts the different packages of a bill, and those that cannot be identified. The bill is checked against the published schema. */
const parse = (bytes: Uint8Array): Parsed<CyclonedxFacts> => {
  const value = billOf(bytes);
  if (value.refused) return value;
  const large = tooLarge(value.ok);
  const parsed = large === undefined ? bill.safeParse(value.ok) : undefined;
  if (!parsed?.success)
    return unreadable('The report is not a CycloneDX bill of materials.', {
      got: large ?? (parsed?.error === undefined ? '' : firstIssue(parsed.error)),
      expected,
      fix: "Use the tool's CycloneDX output, for instance `npm sbom --sbom-format cyclonedx`, with a version in this range.",
    });
  const isLater = Number(parsed.data.specVersion.slice(2)) > newestMinor;
  const { packages, incomplete } = countPackages(parsed.data);
  const subject = parsed.data.metadata?.component?.name;
  const violation = (isLater ? later : known)()(value.ok) ?? null;
  const unnamed = incomplete.slice(0, 20).map((name) => excerpt(name, 100));
  return {
    reportTime: timeOfParts([spanOf(parsed.data.metadata?.timestamp)]),
    account: {
      problems: [
        ...(violation === null ? [] : [doubt('schema', `The bill violates the published schema: ${violation}`)]),
        ...unnamed.map((name) => doubt('incomplete-component', `${name} has no name, version or identity that can be relied on`)),
      ],
    },
    ok: {
      type: 'cyclonedx',
      specVersion: parsed.data.specVersion,
      readAs: isLater ? `1.${newestMinor}` : null,
      subject: subject === undefined ? null : excerpt(subject, 100),
      subjectSha256: subjectDigests(parsed.data)
        .slice(0, 5)
        .map((digest) => excerpt(digest, 64)),
      components: packages,
      incomplete: unnamed,
      incompleteCount: incomplete.length,
      withoutDependencies: statesNoDependencies(parsed.data),
      completeness: completenessOf(parsed.data),
      violation,
    },
  };
};

const billOf = (bytes: Uint8Array): Outcome<unknown> => {
  // Markup is ASCII in every encoding that XML is written in; UTF-16 has zero bytes beside it.
  const head = new TextDecoder('latin1').decode(bytes.slice(0, 200)).replace(/^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, '');
  if (!head.replaceAll('\0', '').trimStart().startsWith('<')) return jsonOf(bytes, expected);
  const text = xmlTextOf(bytes, expected);
  return text.refused ? text : cyclonedxXmlOf(text.ok, expected);
};
