/** What a reader of tag-value text met. */
type Read = { readonly ok: unknown; readonly refused?: never } | { readonly refused: string; readonly ok?: never };
type Members = Record<string, unknown>;
type Target = 'document' | 'package' | 'file' | 'other';

/** Where the members of the JSON form come from. A tag that is not listed is left out, as an unknown member of JSON is. */
const tags: Readonly<Record<Target, Readonly<Record<string, string>>>> = {
  document: {
    SPDXVersion: 'spdxVersion',
    DataLicense: 'dataLicense',
    SPDXID: 'SPDXID',
    DocumentName: 'name',
    DocumentNamespace: 'documentNamespace',
  },
  package: {
    PackageName: 'name',
    SPDXID: 'SPDXID',
    PackageVersion: 'versionInfo',
    PackageDownloadLocation: 'downloadLocation',
    PrimaryPackagePurpose: 'primaryPackagePurpose',
  },
  file: { FileName: 'fileName', SPDXID: 'SPDXID' },
  other: {},
};
/** The tags that begin a new part. */
const beginnings: Readonly<Record<string, Target>> = {
  PackageName: 'package',
  FileName: 'file',
  SnippetSPDXID: 'other',
  LicenseID: 'other',
  Annotator: 'other',
  Reviewer: 'other',
};

/**
 * Reads an SPDX 2 document in tag-value form (SPDX specification 2.3, "tag:value") as the object that its JSON form has. A line that is no
 * tag, and a tag that stands twice where it may stand once, are refused.
 */
export const spdxOfTagValue = (written: string): Read => {
  const lines = linesOf(written);
  if (lines.refused !== undefined) return lines;
  const document: Members = {};
  const created: { created?: string; creators: string[] } = { creators: [] };
  const parts: Record<'package' | 'file', Members[]> = { package: [], file: [] };
  const relationships: Members[] = [];
  let [target, current]: [Target, Members] = ['document', document];
  for (const [tag, value] of lines.ok) {
    const begun = Object.hasOwn(beginnings, tag) ? beginnings[tag] : undefined;
    if (begun !== undefined) {
      [target, current] = [begun, {}];
      if (begun === 'package' || begun === 'file') parts[begun].push(current);
    }
    const member = Object.hasOwn(tags[target], tag) ? tags[target][tag] : undefined;
    if (member !== undefined && Object.hasOwn(current, member)) return { refused: `${tag} twice in one ${target}` };
    if (member !== undefined) current[member] = value;
    else if (tag === 'Creator') created.creators.push(value);
    else if (tag === 'Created') created.created = value;
    else if (tag === 'Relationship') relationships.push(relationshipOf(value));
    else if (target === 'package') addTo(current, tag, value);
  }
  return { ok: { ...document, creationInfo: created, packages: parts.package, files: parts.file, relationships } };
};

const addTo = (one: Members, tag: string, value: string): void => {
  const add = (member: string, added: Members): void => {
    const known = one[member] as Members[] | undefined;
    if (known === undefined) one[member] = [added];
    else known.push(added);
  };
  if (tag === 'ExternalRef') {
    const [category = '', type = '', ...locator] = value.split(/\s+/);
    add('externalRefs', { referenceCategory: category, referenceType: type, referenceLocator: locator.join(' ') });
  } else if (tag === 'PackageChecksum') {
    const [algorithm = '', digest = ''] = value.split(/:\s*/);
    add('checksums', { algorithm, checksumValue: digest });
  }
};

const relationshipOf = (value: string): Members => {
  const [from = '', type = '', to = ''] = value.split(/\s+/);
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
};

/** Tags with their values. A value in `<text>` may have many lines. */
const linesOf = (written: string): { ok: [string, string][]; refused?: never } | { refused: string; ok?: never } => {
  const found: [string, string][] = [];
  const lines = written.split(/\r\n?|\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [, tag, value = ''] = /^\s*([A-Za-z]+):(.*)$/.exec(line) ?? [];
    if (tag === undefined) return { refused: `line ${at + 1} is no tag: ${line.trim()}` };
    const block = [value];
    if (value.trim().startsWith('<text>'))
      while (!(block.at(-1) ?? '').includes('</text>')) {
        at += 1;
        if (at >= lines.length) return { refused: `the text of ${tag} has no end` };
        block.push(lines[at] ?? '');
      }
    found.push([
      tag,
      block
        .join('\n')
        .replace(/^\s*<text>|<\/text>\s*$/g, '')
        .trim(),
    ]);
  }
  return { ok: found };
};
