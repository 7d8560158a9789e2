/** What a package URL names, decoded (package-url specification, "How to parse"). */
type PackageUrl = {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly subpath: string;
};

/** A package as a bill of materials describes it. */
export type Described = {
  readonly group?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly purl?: string | undefined;
  readonly cpe?: string | undefined;
  readonly 'bom-ref'?: string | undefined;
  readonly properties?: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[] | undefined;
};

/** Words that tools write where they know no version, without brackets and case. */
const placeholders: readonly string[] = [
  '',
  'unknown',
  'not provided',
  'notprovided',
  'not_provided',
  'not-provided',
  'noassertion',
  'no assertion',
  'none',
  'null',
  'undefined',
  'unspecified',
  'n/a',
  'na',
  'nil',
  'tbd',
  'devel',
  'latest',
  '?',
  '*',
  '-',
];

/** What stands where a version would: a range, a wildcard (`1.x`), or a variable that nobody resolved (`${project.version}`). */
const isNoVersion = (text: string): boolean => /^[~^<>=!|]|^[[(].*,|\|\||\$\{|^v?\d+(\.\d+)*\.[x*]$/i.test(text.trim());

/** Words for a name that a tool did not find out. */
const nameless: readonly string[] = ['', 'unknown', 'noassertion', '[not provided]'];

/** Whether a text is one that tools write where they know nothing: UNKNOWN, [not provided], NOASSERTION and the like. */
export const isPlaceholder = (text = ''): boolean => {
  const word = text.trim();
  // With all their brackets. A search for the last ones in a long text would take very long.
  return word.length <= longestPlaceholder && placeholders.includes(withoutBrackets(word).toLowerCase());
};
const longestPlaceholder = 40;
const withoutBrackets = (word: string): string => word.replace(/^[[(<{$"']+|[\])>}"']+$/g, '').trim();

/** The parts of a package URL; undefined when the text cannot be read as one. A raw @ before a scope is read as it was meant. */
export const packageUrlOf = (purl: string): PackageUrl | undefined => {
  const [, type = '', path = '', subpath = ''] = /^pkg:\/*([a-z][a-z0-9.+-]*)\/([^?#\s]+)(?:\?[^#\s]*)?(?:#(\S*))?$/i.exec(purl) ?? [];
  // The version follows the last @, unless a slash follows that, too.
  const at = path.lastIndexOf('@');
  const hasVersion = at > 0 && !path.slice(at).includes('/');
  const parts = (hasVersion ? path.slice(0, at) : path).split('/').filter(Boolean).map(decoded);
  const name = parts.at(-1);
  if (name === undefined || name.trim() === '' || name === '@') return undefined;
  return {
    type: type.toLowerCase(),
    namespace: parts.slice(0, -1).join('/'),
    name,
    version: hasVersion ? decoded(path.slice(at + 1)) : undefined,
    subpath: decoded(subpath),
  };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Whether a package has a name, a version, and a package URL or CPE name that do not contradict them. */
export const isIdentified = (described: Described): boolean => {
  const { name, version, purl, cpe } = described;
  if (nameless.includes(name.trim().toLowerCase()) || isPlaceholder(version) || isNoVersion(version ?? '')) return false;
  if (purl === undefined) return cpe !== undefined && agreesWithCpe(described, cpe);
  const url = packageUrlOf(purl);
  return (
    url !== undefined &&
    (sameName(described, url) || isAlias(described, url)) &&
    (url.version === undefined || sameVersion(version ?? '', url.version, url.type))
  );
};

/**
 * npm installs a package under another name when a manifest says so (`"string-width-cjs": "npm:string-width@4"`). `npm sbom` then writes
 * the alias beside the package's own URL, and says so in its reference (`string-width@4.2.3`) or in the folder.
 */
const isAlias = ({ name, version, properties, 'bom-ref': ref }: Described, url: PackageUrl): boolean =>
  url.type === 'npm' &&
  (ref === `${[url.namespace, url.name].filter(Boolean).join('/')}@${version}` ||
    (properties ?? []).some(({ name: of, value }) => of === 'cdx:npm:package:path' && value?.endsWith(`node_modules/${name}`)));

/** Registries fold case, and -, _ and . in names; tools write a group before a slash or a colon. */
const folded = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
    .replaceAll(':', '/')
    .replace(/^@/, '');

/**
 * Tools write the group within the name, beside it, or nowhere. When both sides have one, the whole name is compared, else its last
 * part. A Go package within a module is named by module and subpath.
 */
const sameName = ({ group, name }: Described, { namespace, name: own, subpath }: PackageUrl): boolean => {
  const last = (text: string): string => text.split('/').at(-1) ?? text;
  const full = folded([namespace, own].filter(Boolean).join('/'));
  const urls = [full, folded(own), `${full}/${folded(subpath)}`, `${folded(own)}/${folded(subpath)}`];
  const grouped = isPlaceholder(group) ? folded(name) : folded(`${group}/${name}`);
  if ([folded(name), grouped].some((one) => one.includes('/') && urls.includes(one))) return true;
  const bothGrouped = namespace !== '' && grouped.includes('/');
  return !bothGrouped && last(folded(name)) === last(full);
};

/** A leading v, an epoch before a colon and build metadata after + may stand on one side only; so may the release of a distribution's package. */
const sameVersion = (version: string, other: string, type: string): boolean => {
  const plain = (text: string): string =>
    text
      .trim()
      .toLowerCase()
      .replace(/^\d+:/, '')
      .replace(/^v(?=\d)/, '');
  const [a, b] = [plain(version), plain(other)];
  const withoutBuild = (text: string): string => text.split('+', 1)[0] ?? '';
  const isDistribution = ['deb', 'rpm', 'apk', 'alpm'].includes(type);
  return a === b || withoutBuild(a) === withoutBuild(b) || (isDistribution && (a.startsWith(`${b}-`) || b.startsWith(`${a}-`)));
};

/** CPE 2.3 names as formatted strings (NISTIR 7695) and CPE 2.2 names as URIs. `*` and `-` say nothing about the version. */
const agreesWithCpe = ({ version = '' }: Described, cpe: string): boolean => {
  const fields = cpe.split(/(?<!\\):/);
  const at = cpe.startsWith('cpe:2.3:') ? 3 : 2;
  if (!/^cpe:(2\.3:[aho*-]:|\/[aho]:)/i.test(cpe)) return false;
  const [vendor = '', product = '', named = ''] = fields.slice(at);
  if (isPlaceholder(vendor) || isPlaceholder(product)) return false;
  const plain = named.replaceAll('\\', '');
  return isPlaceholder(plain) || sameVersion(version, decoded(plain), 'cpe');
};
