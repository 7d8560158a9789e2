import type { Checklist, Item } from '../checklist/definition.ts';
import type { Misfit } from './read.ts';

/** One step of the way from the definition to the service's own: another checklist, and what of the profile does not fit. */
export type Applied = { readonly checklist: Checklist; readonly misfits: readonly Misfit[] };

export const misfit = (path: Misfit['path'], message: string): Misfit => ({ path, message });
/** Of a name that stands before a colon. */
export const misnamed = (path: Misfit['path'], message: string): Misfit => ({ path, key: true, message });

/** The checklist with these items changed. */
export const changing = (checklist: Checklist, changed: readonly Item[]): Checklist => {
  const byId = new Map(changed.map((item) => [item.id, item]));
  return { ...checklist, items: checklist.items.map((item) => byId.get(item.id) ?? item) };
};

/** Changes the checklist by one thing after the other. What does not fit is left out, and said. */
export const inTurn = <T>(
  checklist: Checklist,
  things: readonly T[],
  change: (before: Checklist, thing: T) => Checklist | Misfit,
): Applied => {
  const misfits: Misfit[] = [];
  let now = checklist;
  for (const thing of things) {
    const result = change(now, thing);
    if ('path' in result) misfits.push(result);
    else now = result;
  }
  return { checklist: now, misfits };
};
