import { describe, expect, test } from 'vitest';
import type { DataOf } from '../../lib/audit/event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { fold, judged, lane } from './judged-lane.ts';

describe('a check with a further source', () => {
  const scan = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['scan'], maxLevel: 'none' } as never;
  const asking = (asks: 'needed' | 'either'): Partial<Item> => ({ sources: [{ id: 'scan', rule: scan, asks }] });
  const foldOf = (all: readonly Partial<DataOf<'check.judged'>>[], changes: Partial<Item>, components?: string[]) =>
    fold(lane(...all.map((one) => ['check.judged', judged(one)] as const)), changes, components);
  const compared = { subject: '*/last-release', evidence: null, facts: null };
  const listed = { subject: '*/beside/ci' };
  const scanned = { subject: '*/ci/scan', source: 'scan' };

  test.each([
    ['a comparison with the last release', compared],
    ['a list of what changed', listed],
  ])('is not proved by the source and %s', (_what, one) => {
    expect(foldOf([scanned, one], asking('needed'))).toMatchObject({
      verdict: 'missing',
      reason: expect.stringContaining('no evidence yet of the check itself: it needs'),
    });
    expect(foldOf([scanned, one, {}], asking('needed')).verdict).toBe('pass');
  });

  test.each([
    ['a comparison with the last release', compared],
    ['a list of what changed', listed],
  ])('stays unclear where only %s passes beside a source that is not clear', (_what, one) => {
    const unclear = { ...scanned, verdict: 'inconclusive', reason: 'scan: cannot be read' } as const;
    expect(foldOf([unclear, one], asking('either'))).toMatchObject({ verdict: 'inconclusive', reason: 'scan: cannot be read' });
    expect(foldOf([unclear, one, {}], asking('either')).verdict).toBe('pass');
  });

  const own = (component: string) => ({ subject: `${component}/ci` });
  const further = (component: string) => ({ subject: `${component}/ci/scan`, source: 'scan' });

  test.each([
    ['its own proof', [own('web'), further('web'), further('api')], 'of the check itself for the component api'],
    ['the source', [own('web'), own('api'), further('web')], 'from the source scan for the component api'],
    ['the source, whatever stands for the whole run', [own('web'), own('api'), scanned], 'from the source scan for the component web, api'],
  ])('that is about artifacts needs %s for every component', (_what, all, missing) => {
    const of: Partial<Item> = { ...asking('needed'), scope: 'artifact' };
    expect(foldOf(all, of, ['web', 'api'])).toMatchObject({
      verdict: 'missing',
      reason: expect.stringContaining(`no evidence yet ${missing}: it needs`),
    });
    expect(foldOf([own('web'), own('api'), further('web'), further('api')], of, ['web', 'api']).verdict).toBe('pass');
  });

  test('that is about artifacts may be proved of each component in another way', () => {
    const of: Partial<Item> = { ...asking('either'), scope: 'artifact' };
    expect(foldOf([own('web'), further('api')], of, ['web', 'api']).verdict).toBe('pass');
    expect(foldOf([own('web'), further('web')], of, ['web', 'api'])).toMatchObject({
      verdict: 'missing',
      reason: 'no evidence yet for the component api',
    });
  });
});
