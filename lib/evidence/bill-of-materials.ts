import { excerpt } from '../canonical-json.ts';
import { isIdentified, isPlaceholder, packageUrlOf } from './package-identity.ts';

/** The members of a CycloneDX bill of materials that are judged. */
export type Component = {
  readonly type?: string | undefined;
  readonly 'bom-ref'?: string | undefined;
  readonly group?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly purl?: string | undefined;
  readonly cpe?: string | undefined;
  readonly isExternal?: boolean | undefined;
  readonly properties?: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[] | undefined;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[] | undefined;
  readonly components?: readonly Component[] | undefined;
};
export type Service = { readonly 'bom-ref'?: string | undefined; readonly services?: readonly Service[] | undefined };
export type Bill = Listing & { readonly bomFormat: 'CycloneDX'; readonly specVersion: string };
/** What a bill lists, whichever format it has. */
export type Listing = {
  readonly metadata?: { readonly component?: Component | undefined; readonly timestamp?: unknown } | undefined;
  readonly components?: readonly Component[] | undefined;
  readonly services?: readonly Service[] | undefined;
  readonly dependencies?: readonly { readonly ref: string; readonly dependsOn?: readonly string[] | undefined }[] | undefined;
  readonly compositions?:
    | readonly {
        readonly aggregate: string;
        readonly assemblies?: unknown;
        readonly dependencies?: unknown;
        readonly vulnerabilities?: unknown;
      }[]
    | undefined;
};

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

/** Different packages, and the names of those that cannot be identified. A package that is listed many times counts once. */
export const countPackages = (bill: Listing): { readonly packages: number; readonly incomplete: readonly string[] } => {
  // The parts of the subject may stand within it.
  const components = allWithin([...(bill.components ?? []), ...(bill.metadata?.component?.components ?? [])]);
  const needed = neededByPackages(bill, components);
  const packages = new Map<string, Component>();
  for (const one of components) if (isPackage(one) && !isMainModule(one, needed)) packages.set(keyOf(one), one);
  const incomplete = [...packages.values()].filter((one) => !isIdentified({ ...one, name: one.name ?? '' }));
  return { packages: packages.size, incomplete: incomplete.map(({ name }) => (name?.trim() ? name : 'unnamed')) };
};

const allWithin = (outer: readonly Component[]): Component[] => nestedIn(outer, ({ components }) => components);

const nestedIn = <T>(outer: readonly T[], within: (one: T) => readonly T[] | undefined): T[] => {
  const all = [...outer];
  // The list grows while the loop walks it. Recursion could overflow the stack.
  for (const one of all) for (const nested of within(one) ?? []) all.push(nested);
  return all;
};

/**
 * What the dependency graph leads to and the bill does not list: a list that was cut shows there. Another bill's part (`urn:cdx:`) is listed
 * in that one.
 */
export const unlistedIn = ({ metadata, components, services, dependencies = [] }: Listing): string[] => {
  const subject = metadata?.component === undefined ? [] : [metadata.component];
  const known = new Set([
    ...allWithin([...subject, ...(components ?? [])]).flatMap(refsOf),
    ...nestedIn(services ?? [], (one) => one.services).flatMap((one) => one['bom-ref'] ?? []),
  ]);
  const wanted = new Set(dependencies.flatMap(({ dependsOn = [] }) => dependsOn));
  return [...wanted].filter((ref) => !known.has(ref) && !ref.startsWith('urn:cdx:'));
};

/** The ids of the subject and of everything that the bill lists, also of what is no package. */
export const idsIn = ({ metadata, components }: Listing): string[] =>
  allWithin([...(metadata?.component === undefined ? [] : [metadata.component]), ...(components ?? [])]).flatMap(
    (one) => one['bom-ref'] ?? [],
  );

const isPackage = (one: Component): boolean => {
  // What the environment provides is not in the artifact (CycloneDX 1.7).
  if (one.isExternal === true) return false;
  if (!unpackaged.has(one.type ?? 'library')) return true;
  // An image is known by its digest and often has no version.
  return one.purl !== undefined && (one.type !== 'container' || isIdentified({ ...one, name: one.name ?? '' }));
};

/** The same package by meaning: `%40` and `@` are the same. A component without identity is the same when all that is known is the same. */
const keyOf = ({ type, group, name, version, purl, cpe }: Component): string => {
  const url = purl === undefined ? undefined : packageUrlOf(purl);
  const qualifiers = /\?([^#]*)/.exec(purl ?? '')?.[1] ?? '';
  return JSON.stringify([type ?? 'library', group ?? '', name, version, url === undefined ? purl : { ...url, qualifiers }, cpe]);
};

/** References of the components on which another package depends. */
const neededByPackages = (bill: Listing, components: readonly Component[]): ReadonlySet<string> => {
  const packages = new Set(components.flatMap((one) => (isPackage(one) && !isPlaceholder(one.version) ? refsOf(one) : [])));
  return new Set((bill.dependencies ?? []).flatMap(({ ref, dependsOn }) => (packages.has(ref) ? (dependsOn ?? []) : [])));
};

const refsOf = ({ 'bom-ref': ref, purl }: Component): string[] => [ref, purl].filter((one) => one !== undefined);

/**
 * The main module of a Go program has no version in the program; Go records one for every module that it depends on. So a module without
 * version on which no package depends is the program itself.
 */
const isMainModule = (one: Component, needed: ReadonlySet<string>): boolean => {
  const url = one.purl === undefined ? undefined : packageUrlOf(one.purl);
  if (url?.type !== 'golang' || ![url.version, one.version].every((version) => version === undefined || version === '(devel)'))
    return false;
  return (
    isIdentified({
      ...one,
      name: one.name ?? '',
      version: '0',
      purl: `pkg:golang/${[url.namespace, url.name].filter(Boolean).join('/')}`,
    }) && !refsOf(one).some((ref) => needed.has(ref))
  );
};

/** The SHA-256 digests that the bill gives for its subject, in lower case. */
export const subjectDigests = ({ metadata }: Listing): string[] =>
  (metadata?.component?.hashes ?? []).flatMap(({ alg, content }) => (alg === 'SHA-256' ? [content.toLowerCase()] : []));

/** Whether the bill names its subject and its dependency graph has an entry for it that leads nowhere. */
export const statesNoDependencies = ({ metadata, components, dependencies }: Listing): boolean => {
  const subject = metadata?.component;
  if (subject === undefined || isPlaceholder(subject.name) || isPlaceholder(subject.version)) return false;
  if ((components?.length ?? 0) > 0 || (subject.components?.length ?? 0) > 0) return false;
  const own = refsOf(subject);
  const entries = dependencies ?? [];
  return entries.some(({ ref }) => own.includes(ref)) && entries.every(({ dependsOn }) => (dependsOn?.length ?? 0) === 0);
};

/** `complete` is the only good word. One that is about vulnerabilities only says nothing about components. */
export const completenessOf = ({ compositions = [] }: Listing): string | null => {
  const words = compositions
    .filter(
      ({ assemblies, dependencies, vulnerabilities }) =>
        vulnerabilities === undefined || assemblies !== undefined || dependencies !== undefined,
    )
    .map(({ aggregate }) => aggregate);
  const worst = words.find((word) => word.startsWith('incomplete')) ?? words.find((word) => word !== 'complete') ?? words[0];
  return worst === undefined ? null : excerpt(worst, 60);
};
