import { type Checklist, checksOf, gatesOf, type Item, itemOf } from '../checklist/definition.ts';
import { kindOf } from '../registry/rules.ts';
import { type Applied, changing, misfit, misnamed } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/**
 * Checks that a service drops, for good or until the date that `observe` has. They stay in the definition and are judged and shown as observed, so
 * that every report says what is not asked, beside the reason. A check that is observed until a date for the first time needs no reason.
 */
export const withDropped = (checklist: Checklist, { deviations = [] }: Profile): Applied => {
  const drops = deviations.flatMap((deviation, place) => (deviation.parameter === 'mode' ? [{ deviation, place }] : []));
  const seen = new Set<string>();
  const misfits = drops.flatMap(({ deviation: { check, document, here }, place }): Misfit[] => {
    const at = (member: string, message: string): Misfit[] => [misfit(['deviations', place, member], message)];
    const item = itemOf(checklist, check);
    const wrong = whyNotObserved(item, check);
    if (wrong !== undefined) return at('check', wrong);
    if (document !== item?.mode) return at('document', `the mode of ${check} is ${item?.mode}`);
    if (here !== 'observe' || document === here) return at('here', 'a check is dropped by the mode observe');
    if (seen.has(check)) return at('check', `${check} is dropped twice`);
    seen.add(check);
    return [];
  });
  if (misfits.length > 0) return { checklist, misfits };
  const dropped = new Set(drops.map(({ deviation }) => deviation.check));
  const changed = checklist.items.filter(({ id }) => dropped.has(id)).map((item): Item => ({ ...item, mode: 'observe' }));
  return {
    checklist: {
      ...changing(checklist, changed),
      deviations: [...checklist.deviations, ...drops.map(({ deviation }) => deviation)],
    },
    misfits,
  };
};

/** Checks that are observed until a date; and what must stay required. */
export const observed = (checklist: Checklist, { observe = {} }: Profile): Applied => {
  const misfits = Object.keys(observe).flatMap((id) => {
    const wrong = whyNotObserved(itemOf(checklist, id), id);
    return wrong === undefined ? [] : [misnamed(['observe', id], wrong)];
  });
  const changed = Object.entries(observe).flatMap(([id, until]): Item[] => {
    const item = itemOf(checklist, id);
    return item === undefined ? [] : [{ ...item, mode: 'observe', observeUntil: new Date(until).toISOString() }];
  });
  const after = changing(checklist, changed);
  return { checklist: after, misfits: misfits.length > 0 ? misfits : emptied(after) };
};

/** Who may not be waived may not be passed over in another way. */
const whyNotObserved = (item: Item | undefined, id: string): string | undefined => {
  if (item === undefined || item.gate === null) return `no gate judges a check ${id}`;
  if (item.source === 'profile') return `${id} is a check of this profile: leave it out until it counts`;
  return item.waivable ? undefined : `${id} may not be waived, so it is required from the first day`;
};

/** A gate that requires nothing would pass by itself, and so would a check that is computed from checks of which none counts. */
const emptied = (checklist: Checklist): readonly Misfit[] => {
  const isRequired = ({ mode }: Item): boolean => mode === 'required';
  const gates = gatesOf(checklist).flatMap(({ id, title }) => {
    const asked = checksOf(checklist, id).filter(({ kind, source }) => kind !== 'sign-off' && source === 'document');
    return asked.length > 0 && !asked.some(isRequired)
      ? [misfit(['observe'], `no check of the document would be required at the gate ${title} (${id}): leave one of them required`)]
      : [];
  });
  const lines = checklist.items.filter(isRequired).flatMap(({ id, rule }) => {
    const named =
      rule === null
        ? []
        : kindOf(rule)
            .refersTo(rule)
            .flatMap((other) => itemOf(checklist, other) ?? []);
    return named.length > 0 && !named.some(isRequired)
      ? [misfit(['observe'], `${id} is computed from ${named.map((one) => one.id).join(', ')}, and none of them would be required`)]
      : [];
  });
  return [...gates, ...lines];
};

/**
 * Checks that are observed for longer than in the profile in force, or again, and no deviation says why: a date that moves each time drops the check.
 * A check that `before` does not have is new.
 */
export const unexplainedObservations = (before: Checklist, after: Checklist): readonly Misfit[] => {
  if (before.profile === undefined) return [];
  const explained = new Set(after.deviations.filter(({ parameter }) => parameter === 'mode').map(({ check }) => check));
  return after.items.flatMap((item) => {
    const known = itemOf(before, item.id);
    if (known === undefined || explained.has(item.id) || observedUntil(item) <= observedUntil(known)) return [];
    const was = known.mode === 'required' ? 'requires it' : `observes it until ${known.observeUntil}`;
    return [
      misfit(
        ['observe', item.id],
        `the profile in force ${was}: to observe it for longer is a deviation, and needs one with the parameter mode, from required to observe, and a reason`,
      ),
    ];
  });
};

/** Milliseconds since 1970; 0 where the check is required. */
const observedUntil = ({ mode, observeUntil }: Item): number => {
  if (mode === 'required') return 0;
  return observeUntil === undefined ? Number.POSITIVE_INFINITY : Date.parse(observeUntil);
};
