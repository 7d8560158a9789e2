import { expect, test } from 'vitest';
import { readOperations } from '../../lib/evidence/openapi-operations.ts';
import { readReferences } from '../../lib/evidence/reference.ts';
import { factsOf, json } from './parsed.ts';

/** So many paths share one path item, and the item and its operation have so many parameters: some KB that describe millions of pairs. */
const shared = (paths: number, parameters: number) => {
  const list = (place: string) => Array.from({ length: parameters }, (_, n) => ({ name: `${place}${n}`, in: 'query', schema: {} }));
  const item = { parameters: list('a'), get: { summary: 'Reads', responses: { 200: { description: 'ok' } }, parameters: list('b') } };
  return {
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    paths: Object.fromEntries(Array.from({ length: paths }, (_, n) => [`/p${n}`, { $ref: '#/components/pathItems/all' }])),
    components: { pathItems: { all: item } },
  };
};

test.each([
  [10, 50],
  [1_000, 50],
  [1_000, 500],
])('%i paths that share %i parameters look at each parameter once', (paths, parameters) => {
  const document = shared(paths, parameters);
  const references = readReferences(document, '3.1.0', () => () => undefined);
  let looked = 0;
  const counting: typeof references = {
    ...references,
    target: (kind, value) => {
      if (kind === 'parameter') looked += 1;
      return references.target(kind, value);
    },
  };
  expect(readOperations(document, counting)).toMatchObject({ problems: [], operations: { length: paths } });
  expect(looked).toBe(2 * parameters);
});

test('operations beyond the most that are read are a problem of the document, never a pass', () => {
  const { problems, operations } = factsOf('openapi', json(shared(20_001, 1)));
  expect(operations).toBe(20_000);
  expect(problems).toEqual([expect.stringContaining('more than 20000 operations')]);
});
