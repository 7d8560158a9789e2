import { describe, expect, test } from 'vitest';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { bytes, factsOf, refusalOf, types } from './parsed.ts';

/** The types whose reports are JSON. */
const jsonTypes = types.filter((type) => evidenceTypes[type].mediaTypes.some((one) => /[+/]json$/.test(one)));

describe('strict JSON', () => {
  test.each([
    ['at the top', '{"version":"2.1.0","version":"2.1.0"}', 'the name version twice'],
    ['further in', '{"version":"2.1.0","runs":[{"results":[{}],"results":[]}]}', 'the name results twice'],
    ['once escaped', '{"runs":1,"\\u0072uns":1}', 'the name runs twice'],
    ['behind white space, numbers and escapes', '{ "a" : "\\\\\\"," , "b":[1,{"c":null}], "a" : 1.5e3 }', 'the name a twice'],
    ['named as a member of every object', '{"__proto__":1,"__proto__":1}', 'the name __proto__ twice'],
  ])('a name twice is refused in every type: %s', (_what, text, got) => {
    for (const type of jsonTypes)
      expect(refusalOf(type, bytes(text)), type).toMatchObject({ detail: 'An object of the report has a name twice.', got });
  });

  test('nesting beyond 1,000 levels is refused', () => {
    const nested = (levels: number): Uint8Array =>
      bytes(
        `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"secretlint"}},"results":[]}],"properties":${'['.repeat(levels)}${']'.repeat(levels)}}`,
      );
    expect(factsOf('sarif', nested(999)).tools).toHaveLength(1);
    expect(refusalOf('sarif', nested(1000)).got).toBe('more than 1000 levels');
  });

  test('the same name in two objects, as a value, and half a surrogate pair are read', () => {
    const text =
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"secretlint"}},"results":[{"ruleId":"results"},{"ruleId":"\\ud800"}],"properties":{"results":["a","a"]}}]}';
    expect(factsOf('sarif', bytes(text)).tools[0]).toMatchObject({ warning: 2 });
  });
});
