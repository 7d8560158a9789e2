import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { checklistSchema, gatesOf, isStanding } from '../../lib/checklist/definition.ts';
import { guidesOnly, standingCheck } from '../standing-given.ts';

describe('the shipped checklist', () => {
  const standing = baseChecklist.items.filter(isStanding);

  test('has standing checks in the gates of evidence before go / no-go alone', () => {
    expect(new Set(standing.map(({ gate: at }) => at))).toEqual(new Set(['phase-1', 'phase-2', 'phase-3']));
    const evidence = gatesOf(baseChecklist).filter(({ role }) => role === 'evidence');
    for (const { id, gate: at, maxAgeSeconds, after } of standing)
      expect([id, evidence.some((one) => one.id === at), (maxAgeSeconds ?? 0) > 0, after]).toEqual([id, true, true, null]);
  });

  test('says which they are', () => {
    const named = (scope: string): string[] => standing.filter((item) => item.scope === scope).map(({ id }) => id);
    expect(named('team')).toEqual(['operations-trained', 'support-trained']);
    expect(named('environment')).toEqual([
      'storage-provisioned',
      'ports-allocated',
      'firewall-configured',
      'logs-collected',
      'monitoring-configured',
      'backup-strategy',
      'configuration-managed',
    ]);
    expect(named('service')).toHaveLength(13);
  });

  test.each([
    ['no maximum age', { maxAgeSeconds: null }],
    ['an event that it must follow', { after: 'deployment.finished' as const }],
    ['a rule that is computed', { rule: { kind: 'deployed/1' as const } }],
  ])('refuses a standing check with %s', (_, changes) => {
    const items = [standingCheck('guides', changes as never), ...guidesOnly.items.slice(1)];
    expect(checklistSchema.safeParse({ ...guidesOnly, items }).success).toBe(false);
  });
});
