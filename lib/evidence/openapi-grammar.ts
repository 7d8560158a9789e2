/** The objects of OpenAPI 3 that may stand behind a reference, and those that contain them. */
export type ObjectKind =
  | 'document'
  | 'components'
  | 'pathItem'
  | 'operation'
  | 'callback'
  | 'parameter'
  | 'header'
  | 'requestBody'
  | 'response'
  | 'mediaType'
  | 'encoding'
  | 'example'
  | 'link'
  | 'securityScheme'
  | 'schema';
/** How a member holds objects of a kind: it is one, a list of them, or a map from names to them. */
type Member = readonly [shape: 'one' | 'list' | 'map', kind: ObjectKind];

const map = (kind: ObjectKind): Member => ['map', kind];
const list = (kind: ObjectKind): Member => ['list', kind];
const one = (kind: ObjectKind): Member => ['one', kind];
/** `query` is new in 3.2; the schemas of older versions do not accept it. */
export const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;
const content = { schema: one('schema'), content: map('mediaType'), examples: map('example') };
const encodings = { encoding: map('encoding'), prefixEncoding: list('encoding'), itemEncoding: one('encoding') };
const named = (kind: ObjectKind, names: readonly string[], make: (kind: ObjectKind) => Member) =>
  Object.fromEntries(names.map((name) => [name, make(kind)]));

/**
 * Where each object has other objects (OpenAPI Specification 3.0, 3.1 and 3.2, section 4; JSON Schema 2020-12, section 10). All else is
 * data: a `$ref` in an example, a default or an extension is no reference.
 */
const members: Readonly<Record<ObjectKind, Readonly<Record<string, Member>>>> = {
  document: { paths: map('pathItem'), webhooks: map('pathItem'), components: one('components') },
  components: {
    schemas: map('schema'),
    responses: map('response'),
    parameters: map('parameter'),
    examples: map('example'),
    requestBodies: map('requestBody'),
    headers: map('header'),
    securitySchemes: map('securityScheme'),
    links: map('link'),
    callbacks: map('callback'),
    pathItems: map('pathItem'),
    mediaTypes: map('mediaType'),
  },
  pathItem: { parameters: list('parameter'), additionalOperations: map('operation'), ...named('operation', methods, one) },
  operation: {
    parameters: list('parameter'),
    requestBody: one('requestBody'),
    responses: map('response'),
    callbacks: map('callback'),
  },
  callback: {},
  parameter: content,
  header: content,
  requestBody: { content: map('mediaType') },
  response: { headers: map('header'), content: map('mediaType'), links: map('link') },
  mediaType: { schema: one('schema'), itemSchema: one('schema'), examples: map('example'), ...encodings },
  encoding: { headers: map('header'), ...encodings },
  example: {},
  link: {},
  securityScheme: {},
  schema: {
    ...named('schema', ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'], map),
    ...named('schema', ['allOf', 'anyOf', 'oneOf', 'prefixItems'], list),
    ...named('schema', ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'], one),
    ...named('schema', ['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'], one),
  },
};

/** Where the schema of a kind stands in the published schemas of 3.0, and of 3.1 and later. */
export const schemaPart = (kind: ObjectKind, version: string): string => {
  if (version.startsWith('3.0.')) return `/definitions/${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const names: Partial<Record<ObjectKind, string>> = { callback: 'callbacks' };
  return `/$defs/${names[kind] ?? kind.replace(/[A-Z]/g, (initial) => `-${initial.toLowerCase()}`)}`;
};

export type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export type Place = { readonly kind: ObjectKind; readonly value: Json };

/** Extensions stand beside the names of these maps. In all other maps a name may begin with `x-`. */
const extended: readonly string[] = ['paths', 'responses'];
/** A schema or an object of these kinds keeps its own members beside a reference; any other object with `$ref` is only a reference. */
const keepsMembers = (kind: ObjectKind, version: string): boolean =>
  kind === 'pathItem' || (kind === 'schema' && !version.startsWith('3.0.'));

/** Kinds that are written where they are used, so that `$ref` in them is not a reference. */
const unreferenced: readonly ObjectKind[] = ['document', 'components', 'operation', 'encoding'];

/** The reference that an object is. */
export const referenceOf = ({ kind, value }: Place): string | undefined =>
  !unreferenced.includes(kind) && typeof value.$ref === 'string' ? value.$ref : undefined;

/** The objects directly within an object. */
export const within = (place: Place, version: string): Place[] => {
  const { kind, value } = place;
  if (referenceOf(place) !== undefined && !keepsMembers(kind, version)) return [];
  // A callback is itself a map: from expressions to path items.
  if (kind === 'callback')
    return objectsOf(
      Object.entries(value).filter(([name]) => !name.startsWith('x-')),
      'pathItem',
    );
  const known = members[kind];
  return Object.entries(value).flatMap(([name, member]): Place[] => {
    const [shape, inner] = (Object.hasOwn(known, name) ? known[name] : undefined) ?? [];
    if (inner === undefined) return [];
    if (shape === 'one') return objectsOf([[name, member]], inner);
    if (shape === 'list') return Array.isArray(member) ? objectsOf(Object.entries(member), inner) : [];
    if (!isObject(member)) return [];
    const entries = Object.entries(member);
    return objectsOf(extended.includes(name) ? entries.filter(([key]) => !key.startsWith('x-')) : entries, inner);
  });
};

const objectsOf = (entries: readonly (readonly [string, unknown])[], kind: ObjectKind): Place[] =>
  entries.flatMap(([, value]) => (isObject(value) ? [{ kind, value }] : []));
