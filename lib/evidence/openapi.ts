import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import type { OpenapiFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected = 'an OpenAPI 3.0 or 3.1 document as JSON';
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const mostNames = 20;

const root = z.looseObject({
  openapi: z.string().regex(/^3\.[01]\.\d+$/),
  info: z.looseObject({ title: z.string().min(1), version: z.string().min(1) }),
  paths: z.record(z.string(), z.looseObject({})).default({}),
});
const operation = z.looseObject({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  parameters: z.array(z.looseObject({})).optional(),
  responses: z.record(z.string(), z.unknown()).optional(),
});

/** Operations, those that say nothing about themselves, and structural problems (OpenAPI Specification 3.1.0, 4.8). */
export const parseOpenapi = (bytes: Uint8Array): Outcome<OpenapiFacts> => {
  const json = jsonOf(bytes, `${expected}; YAML is not read`);
  if (json.refused) return json;
  const document = root.safeParse(json.ok);
  if (!document.success) {
    const [issue] = document.error.issues;
    return unreadable('The JSON is not an OpenAPI document.', {
      got: `${issue?.path.join('.')}: ${issue?.message}`,
      expected,
      fix: 'Send the document that the service publishes.',
    });
  }
  const { openapi, info, paths } = document.data;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods
      .filter((method) => Object.hasOwn(item, method))
      .map((method) => ({ path, name: `${method.toUpperCase()} ${path}`, value: item[method], shared: item })),
  );
  const undescribed = operations.filter(({ value }) => !isDescribed(value)).map(({ name }) => name);
  return {
    ok: {
      type: 'openapi',
      version: openapi,
      title: info.title.slice(0, 200),
      operations: operations.length,
      undescribed: undescribed.slice(0, mostNames),
      undescribedCount: undescribed.length,
      problems: [...problemsOf(operations), ...brokenReferences(json.ok)].slice(0, mostNames),
    },
  };
};

const isDescribed = (value: unknown): boolean => {
  const parsed = operation.safeParse(value);
  return parsed.success && [parsed.data.summary, parsed.data.description].some((text) => (text ?? '').trim().length > 0);
};

type Operation = {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
  readonly shared: Readonly<Record<string, unknown>>;
};

const problemsOf = (operations: readonly Operation[]): string[] => {
  const ids = new Map<string, string>();
  return operations.flatMap(({ path, name, value, shared }) => {
    if (!path.startsWith('/')) return [`${name}: a path starts with /`];
    const parsed = operation.safeParse(value);
    if (!parsed.success) return [`${name}: ${parsed.error.issues[0]?.message}`];
    const { operationId, responses, parameters = [] } = parsed.data;
    const found: string[] = [];
    if (responses === undefined || Object.keys(responses).length === 0) found.push(`${name}: no responses`);
    if (operationId !== undefined && ids.has(operationId))
      found.push(`${name}: operationId ${operationId} is taken by ${ids.get(operationId)}`);
    if (operationId !== undefined) ids.set(operationId, name);
    const declared = [...parameters, ...(Array.isArray(shared.parameters) ? shared.parameters : [])];
    const undeclared = [...path.matchAll(/\{([^}]+)\}/g)]
      .map(([, parameter]) => parameter)
      .filter(
        (parameter) =>
          !declared.some(
            (one: Readonly<Record<string, unknown>>) => one.$ref !== undefined || (one.in === 'path' && one.name === parameter),
          ),
      );
    return [...found, ...undeclared.map((parameter) => `${name}: the path parameter ${parameter} is not declared`)];
  });
};

/** Local references that point at nothing. */
const brokenReferences = (document: unknown): string[] => {
  const broken = new Set<string>();
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 100) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === '$ref' && typeof member === 'string' && member.startsWith('#/') && resolve(document, member) === undefined)
        broken.add(`${member} points at nothing`);
      else walk(member, depth + 1);
    }
  };
  walk(document, 0);
  return [...broken];
};

const resolve = (document: unknown, pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined,
      document,
    );
