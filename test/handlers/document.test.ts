import { describe, expect, test } from 'vitest';
import { operations } from '../../lib/api/contract.ts';
import { openApiDocument } from '../../lib/api/document.ts';
import type { Operation } from '../../lib/api/operation.ts';
import { pages } from '../../lib/api/pages.ts';
import { faultTitles, problemType, refusalStatus } from '../../lib/api/problem.ts';
import { routes } from '../../lib/api/routes.ts';
import { refusalTitles } from '../../lib/outcome.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';

type Described = {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, unknown>> }>>;
};

/** As a client gets it: JSON, and nothing that JSON leaves out. */
const text = JSON.stringify(openApiDocument());
const document = JSON.parse(text) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly securitySchemes: object };
};
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })),
);
const all: readonly Operation[] = Object.values({ ...operations, ...pages });

describe('the OpenAPI document', () => {
  test('is OpenAPI 3.1 with exactly the routes that the gateway has', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(described.map(({ route }) => route).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test('has each id and each route once', () => {
    expect(all).toHaveLength(Object.keys(operations).length + Object.keys(pages).length);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
  });

  test.each(described)('$route says what it does, who may, and what comes of it', ({ path, operation }) => {
    expect(operation.summary.length).toBeGreaterThan(5);
    expect(operation.description.length).toBeGreaterThan(10);
    for (const requirement of operation.security)
      for (const scheme of Object.keys(requirement)) expect(document.components.securitySchemes).toHaveProperty(scheme);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(given.map(({ name }) => name).sort()).toEqual(named.sort());
    expect(given.every(({ required }) => required === true)).toBe(true);
    expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true);
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(description).toBeTruthy();
      if (path.startsWith('/v1/') && Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
    }
    expect(operation.responses).toHaveProperty('500');
    expect(operation.responses).toHaveProperty('503');
  });

  test('gives every operation a name of its own', () => {
    const names = described.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  test('asks an Idempotency-Key of every POST of the API, and of nothing else', () => {
    for (const { route, path, operation } of described) {
      const key = operation.parameters?.find(({ name }) => name === 'Idempotency-Key');
      expect([route, key?.required]).toEqual([route, route.startsWith('POST') && path.startsWith('/v1/') ? true : undefined]);
    }
  });

  test('requires a token or a session everywhere but for the sign-in, its description, the script of the pages and the sign-out', () => {
    expect([...new Set(described.filter(({ operation }) => operation.security.length === 0).map(({ path }) => path))]).toEqual([
      '/login',
      '/callback',
      '/.well-known/oauth-protected-resource',
      '/assets/{file}',
      '/styles/{file}',
      '/logout',
    ]);
  });

  test('has every refusal at its status in some operation, and every fault', () => {
    const beyondRoutes = ['route-unknown', 'method-not-allowed'];
    const missing = (Object.keys(refusalTitles) as (keyof typeof refusalTitles)[]).filter(
      (type) =>
        !beyondRoutes.includes(type) &&
        !described.some(({ operation }) => operation.responses[refusalStatus[type]]?.description.includes(`\`${problemType(type)}\``)),
    );
    expect(missing).toEqual([]);
    for (const type of Object.keys(faultTitles) as (keyof typeof faultTitles)[]) expect(text).toContain(problemType(type));
  });

  test('says every content type that a report may have', () => {
    const types = Object.keys(document.paths['/v1/runs/{run}/evidence/{type}']?.put?.requestBody?.content ?? {});
    expect(types).toEqual(expect.arrayContaining(['application/octet-stream', 'application/xml', 'text/plain', 'application/json']));
  });

  test('points at nothing that it does not hold', () => {
    const pointers = [...text.matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer = '']) => pointer);
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of pointers) {
      const found = pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
      expect([pointer, typeof found]).toEqual([pointer, 'object']);
    }
  });

  test("passes this product's own reading of an OpenAPI document", () => {
    const read = parseEvidence('openapi', new TextEncoder().encode(text));
    expect(read.refused).toBeUndefined();
    expect(read.ok).toMatchObject({ type: 'openapi', operations: routes.length, undescribedCount: 0, problemsCount: 0 });
  });
});
