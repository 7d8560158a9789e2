import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { brokenReferences, dereferenced } from './reference.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('openapi'),
  version: z.string(),
  title: z.string(),
  operations: z.int().min(0),
  /** The first operations without summary and description, and the count of all of them. */
  undescribed: z.array(z.string()),
  undescribedCount: z.int().min(0),
  /** The first structural problems, and the count of all of them. */
  problems: z.array(z.string()),
  problemsCount: z.int().min(0),
});
export type OpenapiFacts = z.infer<typeof facts>;

export const openapi = evidenceType({
  id: 'openapi',
  description: "The API's OpenAPI 3 document as JSON",
  fileNames: ['*openapi*.json', '*swagger*.json'],
  mediaTypes: ['application/json', 'application/vnd.oai.openapi+json', 'application/openapi+json'],
  maxBytes: 2 * megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'openapi.json',
});

const expected = 'an OpenAPI 3.0 or 3.1 document as JSON';
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const mostNames = 20;

const root = z.looseObject({
  openapi: z.string().regex(/^3\.[01]\.\d+$/),
  info: z.looseObject({ title: z.string().min(1), version: z.string().min(1) }),
  paths: z.record(z.string(), z.unknown()).default({}),
});
const parameter = z.looseObject({ in: z.string().optional(), name: z.string().optional() });
const parameters = z.array(z.looseObject({}));
const pathItem = z.looseObject({ parameters: parameters.optional() });
const operation = z.looseObject({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  parameters: parameters.optional(),
  responses: z.record(z.string(), z.unknown()).optional(),
});

/** `name` is method and path for people, cut short: a path may be as long as the document. */
type Operation = { readonly path: string; readonly name: string; readonly value: unknown; readonly shared: z.infer<typeof parameters> };
type Found = { readonly operations: Operation[]; readonly problems: string[] };

/** Counts operations, operations without description, and structural problems (OpenAPI Specification 3.1.0, 4.8). */
const parse = (bytes: Uint8Array): Outcome<OpenapiFacts> => {
  const json = jsonOf(bytes, `${expected}; YAML is not read`);
  if (json.refused) return json;
  const document = root.safeParse(json.ok);
  if (!document.success)
    return unreadable('The JSON is not an OpenAPI document.', {
      got: firstIssue(document.error),
      expected,
      fix: 'Send the document that the service publishes.',
    });
  const { openapi: version, info, paths } = document.data;
  const items = Object.entries(paths).filter(([path]) => !path.startsWith('x-'));
  const found = items.map(([path, item]) => operationsOf(json.ok, path, item));
  const operations = found.flatMap((one) => one.operations);
  const undescribed = operations.filter(({ value }) => !isDescribed(value)).map(({ name }) => name);
  const problems = [...found.flatMap((one) => one.problems), ...problemsOf(json.ok, operations), ...brokenReferences(json.ok)];
  return {
    ok: {
      type: 'openapi',
      version: excerpt(version, 20),
      title: excerpt(info.title, 200),
      operations: operations.length,
      undescribed: undescribed.slice(0, mostNames),
      undescribedCount: undescribed.length,
      problems: problems.slice(0, mostNames),
      problemsCount: problems.length,
    },
  };
};

/**
 * The operations of a path. The path item may refer to another place in the document and have operations of its own beside the
 * reference. Operations in another file cannot be read, which counts as a problem.
 */
const operationsOf = (document: unknown, path: string, item: unknown): Found => {
  const [own, target] = [pathItem.safeParse(item), pathItem.safeParse(dereferenced(document, item))];
  if (!own.success || !target.success)
    return { operations: [], problems: [`${excerpt(path, 100)}: its operations cannot be read; bundle the document into one file`] };
  const all = { ...target.data, ...own.data };
  const operations = methods
    .filter((method) => Object.hasOwn(all, method))
    .map((method) => ({ path, name: excerpt(`${method.toUpperCase()} ${path}`, 100), value: all[method], shared: all.parameters ?? [] }));
  return { operations, problems: path.startsWith('/') ? [] : [`${excerpt(path, 100)}: a path starts with /`] };
};

const isDescribed = (value: unknown): boolean => {
  const parsed = operation.safeParse(value);
  return parsed.success && [parsed.data.summary, parsed.data.description].some((text) => (text ?? '').trim().length > 0);
};

const problemsOf = (document: unknown, operations: readonly Operation[]): string[] => {
  const ids = new Map<string, string>();
  return operations.flatMap(({ path, name, value, shared }) => {
    const parsed = operation.safeParse(value);
    if (!parsed.success) return [excerpt(`${name}: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`, 200)];
    const { operationId, responses, parameters: own = [] } = parsed.data;
    const found: string[] = [];
    if (responses === undefined || Object.keys(responses).length === 0) found.push(`${name}: no responses`);
    if (operationId !== undefined && ids.has(operationId))
      found.push(`${name}: operationId ${excerpt(operationId, 60)} is taken by ${ids.get(operationId)}`);
    if (operationId !== undefined) ids.set(operationId, name);
    return [
      ...found,
      ...undeclared(document, path, [...own, ...shared]).map((one) => `${name}: the path parameter ${one} is not declared`),
    ];
  });
};

/** Names in braces that no path parameter declares. A reference into another file may declare any name, so it counts for all. */
const undeclared = (document: unknown, path: string, declared: readonly unknown[]): string[] => {
  const targets = declared.map((one) => parameter.safeParse(dereferenced(document, one)));
  if (targets.some(({ success }) => !success)) return [];
  const names = new Set(targets.flatMap(({ data }) => (data?.in === 'path' && data.name !== undefined ? [data.name] : [])));
  const wanted = new Set([...path.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name]) => name ?? []));
  return [...wanted].filter((name) => !names.has(name)).map((name) => excerpt(name, 60));
};
