import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { billAccount, billFigures, billMembers, billWords } from './bill-figures.ts';
import { type Bill, type Component, idsIn, type Service, unlistedIn } from './bill-of-materials.ts';
import { hasMembers } from './content.ts';
import { cyclonedxXmlOf } from './cyclonedx-xml.ts';
import { openToMore, tooLarge, validatorsOf } from './json-schema.ts';
import { deepestNesting, evidenceType, mostJson } from './kind.ts';
import { repeatedIds } from './repeated-ids.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import schema from './schemas/cyclonedx-1.7.json' with { type: 'json' };
import { firstIssue, jsonOf, notVersion, unreadable } from './unreadable.ts';
import { xmlTextOf } from './xml-text.ts';

const facts = z.strictObject({
  type: z.literal('cyclonedx'),
  ...billMembers,
  /** How many things the dependency graph leads to that the bill does not list, and the first of them; absent where it lists them all. */
  unlisted: z
    .strictObject({ count: z.int().min(1).describe('in all'), first: z.string().describe('the first') })
    .optional()
    .describe('dependencies that are not listed'),
});
export type CyclonedxFacts = z.infer<typeof facts>;

export const cyclonedx = evidenceType({
  id: 'cyclonedx',
  description: "The artifact's CycloneDX bill of materials as JSON or XML",
  fileNames: ['json', 'xml'].flatMap((extension) => [`*.cdx.${extension}`, `*cyclonedx*.${extension}`, `*bom.${extension}`]),
  mediaTypes: ['application/json', 'application/vnd.cyclonedx+json', 'application/xml', 'text/xml', 'application/vnd.cyclonedx+xml'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json, elements: [root] }) =>
    hasMembers(json, 'bomFormat') || (root?.name === 'bom' && !/spdx/i.test(JSON.stringify(root.attributes))),
  fieldWords: billWords,
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
const service: z.ZodType<Service> = z.looseObject({
  'bom-ref': z.string().optional(),
  get services() {
    return z.array(service).optional();
  },
});
const names = z.array(z.string()).optional();
const aVersion = notVersion('a version from 1.2 to 1.7');
const bill: z.ZodType<Bill> = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(aVersion).regex(/^1\.([2-9]|[1-9]\d{1,3})$/, aVersion),
  metadata: z.looseObject({ component: component.optional(), timestamp: z.unknown().optional() }).optional(),
  components: z.array(component).optional(),
  services: z.array(service).optional(),
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
  const large = tooLarge(value.ok, deepestNesting);
  const parsed = large === undefined ? bill.safeParse(value.ok) : undefined;
  if (!parsed?.success)
    return unreadable('The report is not a CycloneDX bill of materials.', {
      got: large ?? (parsed?.error === undefined ? '' : firstIssue(parsed.error)),
      expected,
      fix: "Use the tool's CycloneDX output, for instance `npm sbom --sbom-format cyclonedx`, with a version in this range.",
    });
  const isLater = Number(parsed.data.specVersion.slice(2)) > newestMinor;
  const [first, ...others] = unlistedIn(parsed.data);
  const figures = {
    ...billFigures(parsed.data),
    ...(first === undefined ? {} : { unlisted: { count: others.length + 1, first: excerpt(first, 100) } }),
  };
  const violation = (isLater ? later : known)()(value.ok) ?? null;
  // A schema cannot say it (ECMA-424: "Every bom-ref must be unique within the BOM").
  const repeated = repeatedIds('bom-ref', idsIn(parsed.data));
  return {
    reportTime: timeOfParts([spanOf(parsed.data.metadata?.timestamp)]),
    account: billAccount({ violation, repeated, incomplete: figures.incomplete, unlisted: figures.unlisted }),
    ok: {
      type: 'cyclonedx',
      specVersion: parsed.data.specVersion,
      readAs: isLater ? `1.${newestMinor}` : null,
      ...figures,
      violation: violation ?? repeated?.words ?? null,
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
