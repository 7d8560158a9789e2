import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { checksOf, type Deviation, gatesOf, type Item } from '../../lib/checklist/definition.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { kindOf } from '../../lib/registry/rules.ts';

/**
 * A profile of the shop that drops every check which a run needs not have: at each gate the checks in `kept` stay, those that nobody may drop,
 * and of a check that is computed from others the last one. It is looked at where the shop's own profile says. A run of it gets through in seconds what is not the subject of a test. `more`: its other deviations.
 */
export const leanProfile = (kept: ReadonlySet<string>, more: readonly Deviation[] = []): string => {
  const lines = gatesOf(baseChecklist).flatMap(({ id }) => checksOf(baseChecklist, id));
  const computedFrom = lines.filter(isFixed).flatMap((line) => named(line).slice(-1));
  const dropped = lines.filter((line) => !isFixed(line) && !kept.has(line.id) && !computedFrom.includes(line.id));
  const deviations = dropped.map(({ id, mode }) => ({
    check: id,
    parameter: 'mode',
    document: mode,
    here: 'observe',
    reason: 'This run is about the order of events after its deployment.',
    approver: 'operations-lead',
  }));
  const features = [{ id: 'orders', title: 'Orders', paths: ['src/**'], suites: ['*smoke*'] }];
  const shop = readProfile(readFileSync(join('lib', 'local', 'shop', 'holdpoint.yaml')));
  if ('wrong' in shop) throw new Error(JSON.stringify(shop.wrong));
  return JSON.stringify({ service: 'shop', features, deviations: [...deviations, ...more], targets: shop.ok.profile.targets });
};

const isFixed = ({ waivable, kind }: Item): boolean => !waivable || kind === 'sign-off';
const named = ({ rule }: Item): readonly string[] => (rule === null ? [] : kindOf(rule).refersTo(rule));
