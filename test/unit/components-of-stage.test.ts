import { describe, expect, test } from 'vitest';
import { targetsSchema } from '../../lib/checklist/targets.ts';

describe('the components of the stage file', () => {
  const component = (name: string, ...startsAfter: string[]) => ({ component: name, platform: { kind: 'reported' }, startsAfter });
  test.each([
    [[component('a', 'b'), component('b', 'c'), component('c', 'a')], 'startsAfter is a circle among a, b, c'],
    [[component('a'), component('b', 'b')], 'startsAfter is a circle among b'],
    [[component('a', 'z')], 'startsAfter names z, which is not among the components'],
    [[component('a'), component('a')], 'the component a is listed twice'],
  ])('are refused when they have no order: %j', (given, flaw) => {
    const parsed = targetsSchema.safeParse({ components: given });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([flaw]);
  });
});
