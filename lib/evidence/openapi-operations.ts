import { excerpt } from '../canonical-json.ts';
import { longestOperationName } from '../fields.ts';
import { operationKeys } from './listed-names.ts';
import { isObject, type Json, methods } from './openapi-grammar.ts';
import type { References } from './reference.ts';

/** `name` is method and path for people, cut short: a path may be as long as the document. */
type Operation = {
  readonly name: string;
  readonly value: Json;
  readonly described: boolean;
  /** How a profile may name it (`listed-names.ts`). */
  readonly keys: readonly string[];
};
export type Operations = { readonly operations: readonly Operation[]; readonly problems: readonly string[] };

/** Shared path items could multiply the operations of a small document. */
const mostOperations = 20_000;

/** A list of parameters with its references followed: one list may serve many paths, so it is read once. */
type Parameters = {
  readonly pathNames: ReadonlySet<string>;
  readonly repeated: string | undefined;
  /** A path parameter without `required: true`. The schemas say that, too, but of 3.0 in words that mislead. */
  readonly optional: string | undefined;
  /** A parameter that is not in the document may have any name. */
  readonly unknown: boolean;
};

/** The operations of the paths, and what the specification asks of paths and parameters and a schema cannot say. */
export const readOperations = (document: Json, references: References): Operations => {
  const lists = new Map<unknown, Parameters>();
  const parametersOf = (list: unknown): Parameters => {
    const known = lists.get(list) ?? readParameters(list, references);
    lists.set(list, known);
    return known;
  };
  const operations: Operation[] = [];
  const problems: string[] = [];
  const templates = new Map<string, string>();
  for (const [path, value] of Object.entries(isObject(document.paths) ? document.paths : {})) {
    if (path.startsWith('x-')) continue;
    const shown = excerpt(path, 100);
    if (!path.startsWith('/')) problems.push(`${shown}: a path starts with /`);
    const template = path.replace(/\{[^{}]*\}/g, '{}');
    const same = templates.get(template);
    if (same !== undefined) problems.push(`${shown}: the same path as ${same} with other parameter names`);
    templates.set(template, shown);
    const item = itemOf(value, references);
    if (item === undefined) {
      problems.push(`${shown}: ${notFollowed(value)}`);
      continue;
    }
    const found = operationsOf(path, item, document.servers);
    if (operations.length + found.length > mostOperations) {
      problems.push(`more than ${mostOperations} operations; the paths from ${shown} on were not read`);
      break;
    }
    for (const operation of found) operations.push(operation);
    for (const problem of parameterProblems(path, item, found, parametersOf)) problems.push(problem);
  }
  return { operations, problems: [...problems, ...unknownMembers(references), ...repeatedIds(operations, references)] };
};

/** Why the operations of a path are not known. */
const notFollowed = (item: unknown): string => {
  const reference = isObject(item) && typeof item.$ref === 'string' ? item.$ref : undefined;
  if (reference === undefined) return 'its operations cannot be read; a path is an object with an operation for each method';
  if (reference.startsWith('#')) return `its operations are not at ${excerpt(reference, 80)}, where it refers to`;
  return `its operations are in ${excerpt(reference, 80)}, which was not read; bundle the document into one file`;
};

const itemMembers = new Set<string>([...methods, '$ref', 'summary', 'description', 'servers', 'parameters', 'additionalOperations']);

/** A later version may have methods that are not known, and their operations would not be counted. */
const unknownMembers = (references: References): string[] => {
  const names = references.all('pathItem').flatMap((item) => Object.keys(item));
  return [...new Set(names)]
    .filter((name) => !itemMembers.has(name) && !name.startsWith('x-'))
    .map((name) => `a path has the unknown member ${excerpt(name, 60)}`);
};

/** The members of a path item: its own, and those of the path item that it refers to. */
type Item = (name: string) => unknown;

const itemOf = (value: unknown, references: References): Item | undefined => {
  const target = references.target('pathItem', value);
  if (!isObject(value) || target === undefined) return undefined;
  return (name) => (Object.hasOwn(value, name) ? value[name] : Object.hasOwn(target, name) ? target[name] : undefined);
};

const operationsOf = (path: string, item: Item, servers: unknown): Operation[] => {
  const additional = item('additionalOperations');
  const all = [
    ...methods.map((method) => [method.toUpperCase(), item(method)] as const),
    ...Object.entries(isObject(additional) ? additional : {}),
  ];
  const described = isDescribed(item('summary'), item('description'));
  return all.flatMap(([method, value]): Operation[] =>
    isObject(value)
      ? [
          {
            name: excerpt(`${method} ${path}`, longestOperationName),
            value,
            described: described || isDescribed(value.summary, value.description),
            keys: operationKeys(method, path, value.servers ?? item('servers') ?? servers),
          },
        ]
      : [],
  );
};

/** A text without a letter or digit, such as ".", describes nothing. */
const isDescribed = (...texts: readonly unknown[]): boolean => texts.some((text) => typeof text === 'string' && /[\p{L}\p{N}]/u.test(text));

const readParameters = (list: unknown, references: References): Parameters => {
  const pathNames = new Set<string>();
  const seen = new Set<string>();
  let repeated: string | undefined;
  let optional: string | undefined;
  let unknown = false;
  for (const one of Array.isArray(list) ? list : []) {
    const parameter = references.target('parameter', one);
    if (parameter === undefined) unknown = true;
    if (typeof parameter?.name !== 'string' || typeof parameter.in !== 'string') continue;
    const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
    if (seen.has(`${parameter.in} ${name}`)) repeated ??= `${parameter.in} parameter ${excerpt(name, 60)}`;
    seen.add(`${parameter.in} ${name}`);
    if (parameter.in === 'path') pathNames.add(name);
    if (parameter.in === 'path' && parameter.required !== true) optional ??= excerpt(name, 60);
  }
  return { pathNames, repeated, optional, unknown };
};

/** Of each kind the first problem of a path: long lists of parameters are not compared with every path. */
const parameterProblems = (
  path: string,
  item: Item,
  operations: readonly Operation[],
  parametersOf: (list: unknown) => Parameters,
): string[] => {
  const shown = excerpt(path, 100);
  const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name]) => name ?? []));
  const shared = parametersOf(item('parameters'));
  const missing = shared.unknown ? new Set<string>() : new Set([...names].filter((name) => !shared.pathNames.has(name)));
  const problems = ofList(shown, shared, names);
  for (const { name: operation, value } of operations) {
    const own = parametersOf(value.parameters);
    problems.push(...ofList(operation, own, names));
    const undeclared = own.unknown ? undefined : first(missing, own.pathNames);
    if (undeclared !== undefined) problems.push(`${operation}: the path parameter ${excerpt(undeclared, 60)} is not declared`);
  }
  return problems;
};

const ofList = (where: string, { repeated, optional, pathNames }: Parameters, names: ReadonlySet<string>): string[] => {
  const surplus = first(pathNames, names);
  return [
    ...(repeated === undefined ? [] : [`${where}: the ${repeated} is declared twice`]),
    ...(optional === undefined ? [] : [`${where}: the path parameter ${optional} is not required: true`]),
    ...(surplus === undefined ? [] : [`${where}: the path has no parameter ${excerpt(surplus, 60)}`]),
  ];
};

/** The first of some names that is not among others. It looks at one name more than there are others, at most. */
const first = (names: ReadonlySet<string>, others: ReadonlySet<string>): string | undefined => {
  for (const name of names) if (!others.has(name)) return name;
  return undefined;
};

/** Also operations of webhooks and callbacks share the ids. */
const repeatedIds = (operations: readonly Operation[], references: References): string[] => {
  const names = new Map(operations.map(({ value, name }) => [value, name]));
  const ids = new Map<string, string>();
  return references.all('operation').flatMap((value) => {
    if (typeof value.operationId !== 'string') return [];
    const name = names.get(value) ?? 'an operation of a webhook or callback';
    const taken = ids.get(value.operationId);
    ids.set(value.operationId, name);
    return taken === undefined ? [] : [`${name}: operationId ${excerpt(value.operationId, 60)} is taken by ${taken}`];
  });
};

/** Names of security schemes that are required and not defined. From 3.2 on a URI may stand instead of a name. */
export const undefinedSchemes = (document: Json, version: string, references: References): string[] => {
  const components = isObject(document.components) ? document.components : {};
  const schemes = isObject(components.securitySchemes) ? components.securitySchemes : {};
  const required = [document, ...references.all('operation')].flatMap(({ security }) => (Array.isArray(security) ? security : []));
  const names = new Set(required.flatMap((one: unknown) => (isObject(one) ? Object.keys(one) : [])));
  const isUri = (name: string): boolean => !/^3\.[01]\./.test(version) && /[#/:]/.test(name);
  return [...names]
    .filter((name) => !Object.hasOwn(schemes, name) && !isUri(name))
    .map((name) => `the security scheme ${excerpt(name, 60)} is not defined`);
};
