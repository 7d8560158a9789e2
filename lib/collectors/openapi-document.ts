/** The operations of an OpenAPI 3 document that somebody may call, with what is known about their parameters. */

type Json = Readonly<Record<string, unknown>>;
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  /** The document's own example; undefined where it has none. */
  readonly example: string | undefined;
};
export type DocumentOperation = {
  /** The operationId, or method and path. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Documented statuses: `200`, `2XX`, `default`. */
  readonly statuses: readonly string[];
  /** Whether it demands credentials. */
  readonly secured: boolean;
  readonly needsBody: boolean;
};

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
const mostHops = 10;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands behind a reference within the document; undefined when it leads elsewhere. */
const resolved = (document: Json, value: unknown): Json | undefined => {
  let found = value;
  for (let hops = 0; isObject(found) && typeof found.$ref === 'string'; hops += 1) {
    if (hops === mostHops || !found.$ref.startsWith('#/')) return undefined;
    found = found.$ref
      .slice(2)
      .split('/')
      .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => (isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined), document);
  }
  return isObject(found) ? found : undefined;
};

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Undefined when the value is no OpenAPI document with paths. */
export const operationsOf = (document: unknown): readonly DocumentOperation[] | undefined => {
  if (!isObject(document) || typeof document.openapi !== 'string' || !document.openapi.startsWith('3.') || !isObject(document.paths))
    return undefined;
  return Object.entries(document.paths).flatMap(([path, value]) => {
    const item = resolved(document, value);
    if (item === undefined || !path.startsWith('/')) return [];
    return methods.flatMap((method) => (isObject(item[method]) ? [operationOf(document, path.toWellFormed(), method, item)] : []));
  });
};

const operationOf = (document: Json, path: string, method: (typeof methods)[number], item: Json): DocumentOperation => {
  const operation = item[method] as Json;
  const security = operation.security ?? document.security;
  const body = resolved(document, operation.requestBody);
  const parameters = new Map(
    [...listOf(item.parameters), ...listOf(operation.parameters)].flatMap((one) => {
      const parameter = parameterOf(document, one);
      return parameter === undefined ? [] : [[`${parameter.in} ${parameter.name}`, parameter] as const];
    }),
  );
  const named = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name);
  for (const name of named)
    if (!parameters.has(`path ${name}`)) parameters.set(`path ${name}`, { name, in: 'path', required: true, example: undefined });
  return {
    id: typeof operation.operationId === 'string' ? operation.operationId.toWellFormed() : `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters: [...parameters.values()],
    statuses: Object.keys(isObject(operation.responses) ? operation.responses : {}),
    // An empty requirement among others makes the credentials optional.
    secured: listOf(security).length > 0 && listOf(security).every((one) => isObject(one) && Object.keys(one).length > 0),
    needsBody: body?.required === true,
  };
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const parameterOf = (document: Json, value: unknown): Parameter | undefined => {
  const parameter = resolved(document, value);
  const place = (['path', 'query', 'header', 'cookie'] as const).find((one) => one === parameter?.in);
  if (typeof parameter?.name !== 'string' || place === undefined) return undefined;
  return {
    name: parameter.name.toWellFormed(),
    in: place,
    required: place === 'path' || parameter.required === true,
    example: exampleOf(document, parameter),
  };
};

/** An example of the parameter, of its examples, or of its schema; a default is one, too. Only what a URL can hold. */
const exampleOf = (document: Json, parameter: Json): string | undefined => {
  const schema = resolved(document, parameter.schema);
  const [named] = Object.values(isObject(parameter.examples) ? parameter.examples : {});
  const found = [parameter.example, resolved(document, named)?.value, schema?.example, listOf(schema?.examples)[0], schema?.default].find(
    (one) => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean',
  );
  return found === undefined || found === '' ? undefined : String(found).toWellFormed();
};
