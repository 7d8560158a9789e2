import * as z from 'zod';
import type { Component, Listing } from './bill-of-materials.ts';
import { repeatedIds } from './repeated-ids.ts';
import { type SpdxBill, typeOfPurpose } from './spdx-2.ts';

const text = z.string().nullish();
/** JSON-LD writes a list of one as the one. */
const list = <T extends z.ZodType>(one: T) =>
  z.preprocess((value) => (value == null ? [] : Array.isArray(value) ? value : [value]), z.array(one));
const element = z.looseObject({
  type: text,
  '@type': text,
  spdxId: text,
  '@id': text,
  name: text,
  specVersion: text,
  created: z.unknown().optional(),
  rootElement: list(z.string()),
  software_packageVersion: text,
  software_packageUrl: text,
  software_primaryPurpose: text,
  externalIdentifier: list(z.union([z.string(), z.looseObject({ externalIdentifierType: text, identifier: text })])),
  verifiedUsing: list(z.union([z.string(), z.looseObject({ algorithm: text, hashValue: text })])),
  from: text,
  to: list(z.string()),
  relationshipType: text,
  completeness: text,
});
type Element = z.infer<typeof element>;

/** The members of an SPDX 3 document as JSON-LD that are judged (SPDX specification 3.0.1, core and software profile). */
export const spdx3Document = z.looseObject({
  '@context': z.unknown().refine((value) => JSON.stringify(value ?? '').includes('spdx.org/rdf/3.'), 'is not the context of SPDX 3'),
  '@graph': z.array(element),
});
export type Spdx3 = z.infer<typeof spdx3Document>;

const typeOf = (one: Element): string => (one.type ?? one['@type'] ?? '').replace(/^.*[/#]/, '');
const idOf = (one: Element): string => one.spdxId ?? one['@id'] ?? '';
const idsOf = (graph: readonly Element[]): readonly string[] => graph.map(idOf).filter((id) => id !== '');
const isPackage = (one: Element): boolean => /^(software_)?Package$/.test(typeOf(one));
const isRelationship = (one: Element): boolean => /Relationship$/.test(typeOf(one));
const isCollection = (one: Element): boolean => /^(SpdxDocument|(software_)?Sbom|Bom|Bundle)$/.test(typeOf(one));

/** The version and the time of its creation that the document gives. */
export const creationOf = ({ '@graph': graph }: Spdx3): { readonly specVersion: string | undefined; readonly created: unknown } => {
  const info = graph.find((one) => typeOf(one) === 'CreationInfo');
  return { specVersion: info?.specVersion ?? undefined, created: info?.created };
};

/** The one package to which the roots of the document lead is its subject. */
export const billOfSpdx3 = ({ '@graph': graph }: Spdx3): SpdxBill => {
  const packages = graph.filter(isPackage);
  const roots = rootsOf(graph);
  const [only, second] = packages.filter((one) => roots.has(idOf(one)));
  const subject = second === undefined ? only : undefined;
  const relations = graph.filter(isRelationship);
  const listing: Listing = {
    metadata: { component: subject === undefined ? undefined : componentOf(subject) },
    components: packages.filter((one) => one !== subject).map(componentOf),
    dependencies: relations
      .filter(({ relationshipType }) => relationshipType === 'dependsOn')
      .map(({ from, to }) => ({ ref: from ?? '', dependsOn: to.filter((id) => !isNone(id)) })),
    compositions: relations.flatMap(({ completeness, from }) => {
      if (completeness === 'incomplete') return [{ aggregate: 'incomplete' }];
      return completeness === 'noAssertion' && subject !== undefined && from === idOf(subject) ? [{ aggregate: 'unknown' }] : [];
    }),
  };
  return { listing, violation: violationOf(graph, roots) ?? null, repeated: repeatedIds('spdxId', idsOf(graph)) };
};

/** `NoneElement` says that there is nothing (3.0.1, Core/NoneElement). */
const isNone = (id: string): boolean => /\bNoneElement$/.test(id);
const isIndividual = (id: string): boolean => /\b(None|NoAssertion)(Element|License)$/.test(id);

/** The roots of document and bills, and what they `describe`; a root that is a bill leads to its own. */
const rootsOf = (graph: readonly Element[]): ReadonlySet<string> => {
  const collections = graph.filter(isCollection);
  const ids = new Set(collections.map(idOf));
  return new Set([
    ...collections.flatMap(({ rootElement }) => rootElement.filter((id) => !ids.has(id))),
    ...graph.flatMap((one) => (one.relationshipType === 'describes' && ids.has(one.from ?? '') ? one.to : [])),
  ]);
};

const componentOf = (one: Element): Component => {
  const identifier = (...types: readonly string[]): string | undefined => {
    for (const found of one.externalIdentifier)
      if (typeof found !== 'string' && types.includes(found.externalIdentifierType ?? '')) return found.identifier ?? undefined;
    return undefined;
  };
  return {
    type: typeOfPurpose(one.software_primaryPurpose),
    'bom-ref': idOf(one),
    name: one.name ?? undefined,
    version: one.software_packageVersion ?? undefined,
    purl: one.software_packageUrl ?? identifier('packageUrl', 'purl'),
    cpe: identifier('cpe23', 'cpe22'),
    hashes: one.verifiedUsing.flatMap((hash) =>
      typeof hash !== 'string' && hash.algorithm === 'sha256' && hash.hashValue != null
        ? [{ alg: 'SHA-256', content: hash.hashValue }]
        : [],
    ),
  };
};

const violationOf = (graph: readonly Element[], roots: ReadonlySet<string>): string | undefined => {
  if (!graph.some((one) => typeOf(one) === 'SpdxDocument')) return 'there is no SpdxDocument';
  const known = new Set(idsOf(graph));
  if (graph.some((one) => isPackage(one) && idOf(one) === '')) return 'a package has no spdxId';
  if (roots.size === 0) return 'the document has no root (rootElement)';
  const related = [...roots, ...graph.filter(isRelationship).flatMap(({ from, to }) => [from ?? '', ...to])];
  const strange = related.find((id) => !known.has(id) && !isIndividual(id));
  return strange === undefined ? undefined : `a relationship names ${strange || 'nothing'}, which the document does not have`;
};
