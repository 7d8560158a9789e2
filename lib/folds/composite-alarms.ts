import type { DataOf } from '../audit/event.ts';
import { alarmKey } from './alarm-identity.ts';

type Recorded = Pick<DataOf<'observation.recorded'>, 'kind' | 'subject' | 'where' | 'children'>;

/**
 * The alarms for which a composite alarm of the run stands, by their keys, each with the name of that composite alarm. A composite alarm
 * stands for alarms of its own account and region. Composite alarms can refer to each other in a
 * circle; an alarm within a circle stands for itself, because otherwise none of them would count.
 */
export const childrenOfOthers = (observations: readonly Recorded[]): ReadonlyMap<string, string> => {
  const parents = new Map<string, Set<string>>();
  const names = new Map<string, string>();
  for (const { kind, subject, where, children = [] } of observations) {
    if (kind !== 'alarm' || children.length === 0) continue;
    const parent = alarmKey({ subject, where });
    names.set(parent, subject);
    for (const child of children.map((name) => alarmKey({ subject: name, where })))
      parents.set(child, (parents.get(child) ?? new Set()).add(parent));
  }
  const found = new Map<string, string>();
  for (const child of parents.keys()) {
    const above = ancestorsOf(child, parents);
    const parent = [...above].find((one) => !ancestorsOf(one, parents).has(child));
    if (parent !== undefined) found.set(child, names.get(parent) ?? parent);
  }
  return found;
};

const ancestorsOf = (alarm: string, parents: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> => {
  const found = new Set<string>();
  const left = [...(parents.get(alarm) ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    left.push(...(parents.get(next) ?? []));
  }
  return found;
};
