import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { billAccount, billFigures, billMembers, billWords } from './bill-figures.ts';
import { firstRecord, hasMembers } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import { billOfSpdx2, type SpdxBill, spdx2Document } from './spdx-2.ts';
import { billOfSpdx3, creationOf, spdx3Document } from './spdx-3.ts';
import { spdxOfTagValue } from './spdx-tag-value.ts';
import { firstIssue, jsonOf, textOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('spdx'), as: z.literal('cyclonedx'), ...billMembers });
export type SpdxFacts = z.infer<typeof facts>;

export const spdx = evidenceType({
  id: 'spdx',
  description: "The artifact's SPDX bill of materials as JSON (2.2 to 2.3), JSON-LD (3.0) or tag-value text",
  judgedAs: 'cyclonedx',
  fileNames: ['*.spdx.json', '*.spdx', '*.spdx.jsonld', '*spdx*.json'],
  mediaTypes: ['application/json', 'application/spdx+json', 'application/ld+json', 'text/spdx', 'text/plain'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json, head }) =>
    hasMembers(unwrapped(json), 'spdxVersion') ||
    (hasMembers(json, '@context', '@graph') && /spdx/i.test(JSON.stringify(json['@context']))) ||
    isTagValue(head),
  fieldWords: billWords,
  parse: (bytes) => parse(bytes),
  sample: 'spdx.json',
});

const expected = 'an SPDX 2.2 or 2.3 document as JSON or tag-value text, or an SPDX 3.0 document as JSON-LD';

/** A bill in either version, with the version that it names and the newest minor version of that major one that is known. */
type Found = SpdxBill & { readonly specVersion: string; readonly newest: string; readonly created: unknown };

/** Counts the different packages of a bill as those of a CycloneDX bill are counted. */
const parse = (bytes: Uint8Array): Parsed<SpdxFacts> => {
  const written = documentOf(bytes);
  if (written.refused) return written;
  const found = isGraph(written.ok) ? found3(written.ok) : found2(written.ok);
  if (found.error !== undefined)
    return unreadable('The report is not an SPDX bill of materials.', {
      got: firstIssue(found.error),
      expected,
      fix: "Use the tool's SPDX output, for instance `npm sbom --sbom-format spdx`.",
    });
  const { listing, violation: broken, repeated, specVersion, newest, created } = found.ok;
  const figures = billFigures(listing);
  const violation = broken ?? repeated?.words ?? null;
  return {
    reportTime: timeOfParts([spanOf(created)]),
    account: billAccount({ violation: broken, repeated, incomplete: figures.incomplete }),
    ok: {
      type: 'spdx',
      as: 'cyclonedx',
      specVersion: excerpt(specVersion, 20),
      readAs: minorOf(specVersion) > minorOf(newest) ? newest : null,
      ...figures,
      violation: violation === null ? null : excerpt(violation, 200),
    },
  };
};

const isTagValue = (written: string): boolean => firstRecord(written).startsWith('SPDXVersion:');

const documentOf = (bytes: Uint8Array): ReturnType<typeof jsonOf> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  if (!isTagValue(text.ok)) {
    const json = jsonOf(bytes, expected);
    return json.refused ? json : { ok: unwrapped(json.ok) };
  }
  const read = spdxOfTagValue(text.ok);
  if (read.refused === undefined) return { ok: read.ok };
  return unreadable('The tag-value text is not an SPDX document.', {
    got: read.refused,
    expected,
    fix: 'Send the file as the tool wrote it.',
  });
};

/** GitHub's API answers with the document in `sbom`. */
const unwrapped = (value: unknown): unknown => (hasMembers(value, 'sbom') ? value.sbom : value);

const isGraph = (value: unknown): boolean => typeof value === 'object' && value !== null && '@graph' in value;
const minorOf = (version: string): number => Number(version.split('.')[1] ?? 0);

type Read = { readonly ok: Found; readonly error?: never } | { readonly error: z.ZodError; readonly ok?: never };

const found2 = (value: unknown): Read => {
  const { data, error } = spdx2Document.safeParse(value);
  if (error !== undefined) return { error };
  return {
    ok: { ...billOfSpdx2(data), specVersion: data.spdxVersion.replace('SPDX-', ''), newest: '2.3', created: data.creationInfo?.created },
  };
};

const found3 = (value: unknown): Read => {
  const { data, error } = spdx3Document.safeParse(value);
  if (error !== undefined) return { error };
  const { specVersion, created } = creationOf(data);
  return { ok: { ...billOfSpdx3(data), specVersion: specVersion ?? '3.0', newest: '3.0', created } };
};
