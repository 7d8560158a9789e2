import { SaxesParser } from 'saxes';
import type { Outcome } from '../outcome.ts';
import { deepestNesting } from './kind.ts';
import { unreadable } from './unreadable.ts';
import { attributeLimit, Stop, stop } from './xml-report.ts';

type Element = { readonly name: string; readonly attributes: Readonly<Record<string, string>>; readonly children: Element[]; text: string };
/** Writes an element as the JSON form has it. */
type Mapping = (element: Element) => unknown;

const namespace = /^https?:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/;

/**
 * The JSON form of a CycloneDX bill of materials in XML (ECMA-424 defines both forms of one model), so that both are judged by one schema.
 * Parts that are not judged are left out. Elements of other namespaces are extensions. An unknown element is kept, and the schema then
 * finds it. Refuses a document type declaration, because it may hide entities.
 */
export const cyclonedxXmlOf = (text: string, expected: string): Outcome<unknown> => {
  try {
    const { root, uri } = elementsOf(text);
    const [, version] = namespace.exec(uri) ?? [];
    if (root?.name === 'bom' && version !== undefined)
      return { ok: { bomFormat: 'CycloneDX', specVersion: version, ...(bom(root) as object) } };
    return unreadable('The XML is not a CycloneDX bill of materials.', {
      got: `<${root?.name}> in the namespace ${uri === '' ? 'of no name' : uri}`,
      expected,
      fix: "Use the tool's CycloneDX output.",
    });
  } catch (fault) {
    return unreadable(
      fault instanceof Stop ? 'The XML cannot be read as a CycloneDX bill of materials.' : 'The report is not readable XML.',
      {
        got: fault instanceof Error ? fault.message : 'a syntax error',
        expected,
        fix: 'Send the file as the tool wrote it.',
      },
    );
  }
};

const elementsOf = (text: string): { readonly root: Element | undefined; readonly uri: string } => {
  const parser = new SaxesParser({ xmlns: true });
  const open: Element[] = [];
  let root: Element | undefined;
  let uri = '';
  // Elements of other namespaces are left out with all that is in them.
  let foreign = 0;
  parser.on('error', (fault) => stop(fault.message));
  parser.on('doctype', () => stop('a document type declaration, which may hide entities'));
  const attributeCount = attributeLimit();
  parser.on('opentagstart', attributeCount.begin);
  parser.on('attribute', attributeCount.add);
  parser.on('opentag', (tag) => {
    if (root === undefined) uri = tag.uri;
    if (open.length + foreign >= deepestNesting) stop(`elements nested deeper than ${deepestNesting}`);
    if (foreign > 0 || tag.uri !== uri) {
      foreign += 1;
      return;
    }
    const attributes = Object.values(tag.attributes).flatMap(({ prefix, local, value }) =>
      prefix === '' && local !== 'xmlns' ? [[local, value]] : [],
    );
    const element: Element = { name: tag.local, attributes: Object.fromEntries(attributes), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const write = (part: string): void => {
    const element = open.at(-1);
    if (foreign === 0 && element !== undefined) element.text += part;
  };
  parser.on('text', write);
  parser.on('cdata', write);
  parser.on('closetag', () => {
    if (foreign > 0) foreign -= 1;
    else open.pop();
  });
  parser.write(text).close();
  return { root, uri };
};

const words: Mapping = ({ text }) => text.trim();
const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);
const boolean: Mapping = ({ text }) => booleans.get(text.trim()) ?? text;
const whole = (text: string): unknown => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const listOf =
  (mapping: Mapping): Mapping =>
  ({ children }) =>
    children.map(mapping);
const referenceTo: Mapping = ({ attributes }) => attributes.ref;
/** Not judged, so it is not mapped. */
const leftOut: Mapping = () => undefined;
const named = (names: readonly string[], mapping: Mapping): Record<string, Mapping> =>
  Object.fromEntries(names.map((name) => [name, mapping]));

/** An object with its attributes and its child elements as members. A member that stands twice is a list, which its schema rejects. */
const objectOf = (members: () => Readonly<Record<string, Mapping>>): Mapping => {
  // Asked for once, at the first element: a component is a member of itself, and a bill has hundreds of thousands of them.
  let known: ReadonlyMap<string, Mapping> | undefined;
  return ({ attributes, children }) => {
    known ??= new Map(Object.entries(members()));
    const values = new Map<string, unknown[]>(Object.entries(attributes).map(([name, value]) => [name, [value]]));
    for (const child of children) {
      const value = (known.get(child.name) ?? words)(child);
      if (value === undefined) continue;
      const earlier = values.get(child.name);
      if (earlier === undefined) values.set(child.name, [value]);
      else earlier.push(value);
    }
    return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
  };
};

const hash: Mapping = ({ attributes, text }) => ({ ...attributes, content: text.trim() });
const property: Mapping = ({ attributes, text }) => ({ ...attributes, value: text });
const licence: Mapping = (element) => {
  if (element.name === 'expression') return { ...element.attributes, expression: element.text.trim() };
  return { license: namedLicence(element) };
};
const namedLicence = objectOf(() => named(['text', 'licensing', 'properties'], leftOut));
const externalReference = objectOf(() => ({ hashes: listOf(hash), properties: listOf(property) }));
const written = { hashes: listOf(hash), licenses: listOf(licence), properties: listOf(property) };

const component: Mapping = (element) => {
  const mapped = componentMembers(element) as Record<string, unknown>;
  const { isExternal } = element.attributes;
  return isExternal === undefined ? mapped : { ...mapped, isExternal: isExternal === 'true' || isExternal === '1' };
};
const componentMembers = objectOf(() => ({
  ...written,
  modified: boolean,
  externalReferences: listOf(externalReference),
  components: listOf(component),
  tags: listOf(words),
  ...named(['supplier', 'manufacturer', 'authors', 'swid', 'omniborId', 'swhid', 'pedigree', 'evidence', 'releaseNotes'], leftOut),
  ...named(['modelCard', 'data', 'cryptoProperties', 'patentAssertions'], leftOut),
}));

const dependency: Mapping = ({ attributes, children }) => ({
  ...attributes,
  dependsOn: children.filter(({ name }) => name === 'dependency').map(referenceTo),
});
/** Services are not judged; that something depends on one is. */
const service: Mapping = ({ attributes, children }) => {
  const within = children.find(({ name }) => name === 'services')?.children ?? [];
  const name = children.find((one) => one.name === 'name');
  return { ...attributes, name: name === undefined ? '' : words(name), ...(within.length === 0 ? {} : { services: within.map(service) }) };
};
const composition = objectOf(() => named(['assemblies', 'dependencies', 'vulnerabilities'], listOf(referenceTo)));
const metadata = objectOf(() => ({
  ...written,
  component,
  ...named(['lifecycles', 'tools', 'authors', 'manufacture', 'manufacturer', 'supplier', 'distributionConstraints'], leftOut),
}));

const bom: Mapping = (element) => {
  const mapped = bomMembers(element) as Record<string, unknown>;
  return typeof mapped.version === 'string' ? { ...mapped, version: whole(mapped.version) } : mapped;
};
const bomMembers = objectOf(() => ({
  metadata,
  components: listOf(component),
  externalReferences: listOf(externalReference),
  dependencies: listOf(dependency),
  compositions: listOf(composition),
  services: listOf(service),
  properties: listOf(property),
  ...named(['vulnerabilities', 'annotations', 'formulation', 'declarations', 'definitions', 'citations'], leftOut),
}));
