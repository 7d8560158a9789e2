import { expect, test } from 'vitest';
import { operateListed } from '../../lib/console/operate.ts';

const none = { goAt: null, t0At: null, deployedAt: null, rollbackAt: null, endedAt: null, asked: [] };
const at = '2026-03-02T08:00:00.000Z';

test.each([
  ['before T0', { outcome: null, milestones: none }, { run: 'r', way: 'operate' }],
  ['after T0', { outcome: null, milestones: { ...none, t0At: at } }, { run: 'r', way: 'roll-back' }],
  ['of an older version, which does not say it', { outcome: null }, { run: 'r', way: 'roll-back' }],
  ['that has ended', { outcome: 'production-stable', milestones: { ...none, t0At: at, endedAt: at } }, undefined],
  ['that was taken back', { outcome: 'rolled-back', milestones: { ...none, t0At: at, rollbackAt: at } }, { run: 'r', way: 'rollback' }],
  ['that is taken back', { outcome: null, milestones: { ...none, t0At: at, rollbackAt: at } }, { run: 'r', way: 'rollback' }],
])('a page that does not read the run leads from a run %s to where it is operated', (_, listed, expected) => {
  expect(operateListed({ run: 'r', ...listed }, { roles: ['operator'] })).toEqual(expected);
});

test('a run that is not listed is operated nowhere', () => {
  expect(operateListed(undefined, { roles: ['operator'] })).toBeUndefined();
});

test('a person is offered what their roles can do: who cannot begin a rollback reads the windows and who can', () => {
  const after = { run: 'r', outcome: null, milestones: { ...none, t0At: at } };
  const before = { run: 'r', outcome: null, milestones: none };
  expect(operateListed(after, { roles: ['product-owner'] })).toEqual({ run: 'r', way: 'windows' });
  expect(operateListed(after, { roles: ['auditor'] })).toEqual({ run: 'r', way: 'windows' });
  expect(operateListed(before, { roles: ['auditor'] })).toBeUndefined();
  expect(operateListed(before, { roles: ['developer'] })).toEqual({ run: 'r', way: 'operate' });
});
