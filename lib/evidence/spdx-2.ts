import * as z from 'zod';
import type { Component, Listing } from './bill-of-materials.ts';
import { type RepeatedIds, repeatedIds } from './repeated-ids.ts';
import { notVersion } from './unreadable.ts';

const text = z.string().nullish();
const aVersion = notVersion('a version such as SPDX-2.3');
const list = <T extends z.ZodType>(one: T) => z.array(one).nullish();
const spdxPackage = z.looseObject({
  SPDXID: text,
  name: text,
  versionInfo: text,
  downloadLocation: text,
  primaryPackagePurpose: text,
  externalRefs: list(z.looseObject({ referenceType: text, referenceLocator: text })),
  checksums: list(z.looseObject({ algorithm: text, checksumValue: text })),
});
type Package = z.infer<typeof spdxPackage>;
const identified = z.looseObject({ SPDXID: text });
const relationship = z.looseObject({ spdxElementId: text, relatedSpdxElement: text, relationshipType: text });
type Relationship = z.infer<typeof relationship>;

/** The members of an SPDX 2 document that are judged (SPDX specification 2.3). */
export const spdx2Document = z.looseObject({
  spdxVersion: z.string(aVersion).regex(/^SPDX-2\.\d{1,3}$/, aVersion),
  SPDXID: text,
  dataLicense: text,
  name: text,
  documentNamespace: text,
  creationInfo: z.looseObject({ created: z.unknown().optional(), creators: z.unknown().optional() }).nullish(),
  documentDescribes: list(z.string()),
  packages: list(spdxPackage),
  files: list(identified),
  snippets: list(identified),
  relationships: list(relationship),
});
export type Spdx2 = z.infer<typeof spdx2Document>;

/** A bill in the form in which bills are counted, and the first thing in which it does not follow its specification. */
export type SpdxBill = { readonly listing: Listing; readonly violation: string | null; readonly repeated: RepeatedIds | undefined };

/** The one package that the document describes is its subject. Where it describes several, each is a package like any other. */
export const billOfSpdx2 = (document: Spdx2): SpdxBill => {
  const packages = document.packages ?? [];
  const described = describedIn(document);
  const [only, second] = packages.filter(({ SPDXID }) => SPDXID != null && described.has(SPDXID));
  const subject = second === undefined ? only : undefined;
  return {
    violation: violationOf(document, described) ?? null,
    repeated: repeatedIds('SPDXID', idsOf(document)),
    listing: {
      metadata: { component: subject === undefined ? undefined : componentOf(subject) },
      components: packages.filter((one) => one !== subject).map(componentOf),
      dependencies: (document.relationships ?? []).flatMap(dependencyOf),
      compositions: (document.relationships ?? [])
        .filter(({ spdxElementId, relatedSpdxElement }) => relatedSpdxElement === 'NOASSERTION' && spdxElementId === subject?.SPDXID)
        .map(() => ({ aggregate: 'unknown' })),
    },
  };
};

const documentId = 'SPDXRef-DOCUMENT';

const describedIn = ({ documentDescribes, relationships }: Spdx2): ReadonlySet<string> =>
  new Set([
    ...(documentDescribes ?? []),
    ...(relationships ?? []).flatMap(({ spdxElementId: from, relatedSpdxElement: to, relationshipType: type }) => {
      if (type === 'DESCRIBES' && from === documentId && to != null) return [to];
      return type === 'DESCRIBED_BY' && to === documentId && from != null ? [from] : [];
    }),
  ]);

const componentOf = ({ SPDXID, name, versionInfo, primaryPackagePurpose, externalRefs, checksums }: Package): Component => {
  const reference = (...types: readonly string[]): string | undefined =>
    externalRefs?.find(({ referenceType }) => referenceType != null && types.includes(referenceType))?.referenceLocator ?? undefined;
  return {
    type: typeOfPurpose(primaryPackagePurpose),
    'bom-ref': SPDXID ?? undefined,
    name: name ?? undefined,
    version: versionInfo ?? undefined,
    purl: reference('purl'),
    cpe: reference('cpe23Type', 'cpe22Type'),
    hashes: (checksums ?? []).flatMap(({ algorithm, checksumValue }) =>
      algorithm === 'SHA256' && checksumValue != null ? [{ alg: 'SHA-256', content: checksumValue }] : [],
    ),
  };
};

/** Purposes that bills of materials in CycloneDX know, too. Anything else is a package. */
const purposes: ReadonlySet<string> = new Set(['application', 'framework', 'container', 'operating-system', 'device', 'firmware', 'file']);

export const typeOfPurpose = (purpose: string | null | undefined): string => {
  const word = (purpose ?? '').toLowerCase().replaceAll('_', '-');
  const known = word === 'operatingsystem' ? 'operating-system' : word;
  return purposes.has(known) ? known : 'library';
};

/** `A DEPENDS_ON B`, `B DEPENDENCY_OF A` and its kinds (`BUILD_DEPENDENCY_OF`). `NONE` says that there is nothing. */
const dependencyOf = ({
  spdxElementId: from,
  relatedSpdxElement: to,
  relationshipType: type,
}: Relationship): { ref: string; dependsOn: string[] }[] => {
  if (from == null || to == null || type == null || to === 'NOASSERTION') return [];
  if (type === 'DEPENDS_ON') return [{ ref: from, dependsOn: to === 'NONE' ? [] : [to] }];
  return /(^|_)DEPENDENCY_OF$/.test(type) ? [{ ref: to, dependsOn: [from] }] : [];
};

const idsOf = ({ packages, files, snippets }: Spdx2): readonly string[] => [
  documentId,
  ...[...(packages ?? []), ...(files ?? []), ...(snippets ?? [])].flatMap(({ SPDXID }) => SPDXID || []),
];

/** What the specification requires of a document, as far as an inventory rests on it. */
const violationOf = (document: Spdx2, described: ReadonlySet<string>): string | undefined => {
  const { SPDXID, dataLicense, name, documentNamespace, creationInfo, packages, files, snippets, relationships } = document;
  const missing = Object.entries({
    name,
    documentNamespace,
    creationInfo,
    created: creationInfo?.created,
    creators: creationInfo?.creators,
  })
    .filter(([, value]) => value == null || value === '')
    .map(([member]) => member);
  if (SPDXID !== documentId) return `SPDXID is not ${documentId}`;
  if (dataLicense !== 'CC0-1.0') return 'dataLicense is not CC0-1.0';
  if (missing[0] !== undefined) return `${missing[0]} is missing`;
  const unnamed = (packages ?? []).findIndex((one) => !one.name || !one.SPDXID || !one.downloadLocation);
  if (unnamed >= 0) return `package ${unnamed + 1} has no name, no SPDXID or no downloadLocation`;
  if ([...(files ?? []), ...(snippets ?? [])].some(({ SPDXID: id }) => !id)) return 'a file or snippet has no SPDXID';
  const known = new Set(idsOf(document));
  if (described.size === 0) return 'no package is described by the document (DESCRIBES)';
  const related = [...described, ...(relationships ?? []).flatMap((one) => [one.spdxElementId ?? '', one.relatedSpdxElement ?? ''])];
  const strange = related.find((id) => !known.has(id) && !/^(DocumentRef-|NONE$|NOASSERTION$)/.test(id));
  return strange === undefined ? undefined : `a relationship names ${strange || 'nothing'}, which the document does not have`;
};
