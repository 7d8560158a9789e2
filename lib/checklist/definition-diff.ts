import type { Checklist, Deviation, Gate, Item } from './definition.ts';
import { listing } from './listing.ts';
import { diffListings, type ListingDiff } from './listing-diff.ts';
import { type TargetChange, targetChanges } from './targets-diff.ts';
import { deviationInWords, titlesIn } from './thresholds.ts';

/** A deviation, its check's title, and what it changes, as people read it. */
export type SaidDeviation = Deviation & { readonly title: string; readonly says: string };

type Feature = { readonly id: string; readonly title: string };

/** How the definition of a service differs from another one: what people approve. */
export type DefinitionDiff = ListingDiff & {
  /** Checks that are observed on one side or until another date. Null where the check is required; `for good`: it has no date. */
  readonly observed: readonly {
    readonly check: string;
    readonly title: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly deviations: { readonly added: readonly SaidDeviation[]; readonly removed: readonly SaidDeviation[] };
  readonly features: {
    readonly added: readonly Feature[];
    /** Each is a deviation of `to`; null where it has none. */
    readonly removed: readonly (Feature & { readonly deviation: SaidDeviation | null })[];
    readonly renamed: readonly { readonly id: string; readonly from: string; readonly to: string }[];
  };
  readonly targets: readonly TargetChange[];
};

export const diffDefinitions = (from: Checklist, to: Checklist): DefinitionDiff => ({
  ...diffListings(listing(from), listing(to)),
  observed: observedIn(from, to),
  deviations: deviationChanges(from, to),
  features: featuresIn(from, to),
  targets: targetChanges(from, to),
});

/** What a definition and its listing have in common. */
type Saying = Pick<Checklist, 'deviations'> & {
  readonly gates: readonly Pick<Gate, 'id' | 'title'>[];
  readonly items: readonly Pick<Item, 'id' | 'title' | 'rule'>[];
};

/** A deviation of the checklist as people read it. */
export const saidIn = (checklist: Saying, deviation: Deviation): SaidDeviation => {
  const titleOf = titlesIn(checklist);
  const rule = checklist.items.find(({ id }) => id === deviation.check)?.rule ?? null;
  return { ...deviation, title: titleOf(deviation.check), says: deviationInWords(deviation, rule, titleOf) };
};

const observedIn = (from: Checklist, to: Checklist): DefinitionDiff['observed'] => {
  const before = new Map(from.items.map((item) => [item.id, untilOf(item)]));
  return to.items.flatMap((item) => {
    const [was, is] = [before.get(item.id) ?? null, untilOf(item)];
    return was === is ? [] : [{ check: item.id, title: item.title, from: was, to: is }];
  });
};

const untilOf = ({ mode, observeUntil }: Item): string | null => (mode === 'required' ? null : (observeUntil ?? 'for good'));

export const deviationChanges = (from: Saying, to: Saying): DefinitionDiff['deviations'] => ({
  added: missingIn(from.deviations, to.deviations).map((one) => saidIn(to, one)),
  removed: missingIn(to.deviations, from.deviations).map((one) => saidIn(from, one)),
});

/** Those of `all` that do not stand in `known` word by word. */
const missingIn = (known: readonly Deviation[], all: readonly Deviation[]): readonly Deviation[] => {
  const texts = new Set(known.map(textOf));
  return all.filter((deviation) => !texts.has(textOf(deviation)));
};

const textOf = ({ check, parameter, document, here, reason, approver }: Deviation): string =>
  JSON.stringify([check, parameter, document, here, reason, approver]);

const featuresIn = (from: Checklist, to: Checklist): DefinitionDiff['features'] => {
  const [before, after] = [from.profile?.features ?? [], to.profile?.features ?? []];
  const known = new Map(before.map(({ id, title }) => [id, title]));
  return {
    added: after.filter(({ id }) => !known.has(id)),
    removed: before
      .filter(({ id }) => !after.some((one) => one.id === id))
      .map((feature) => ({ ...feature, deviation: removalIn(to, feature.id) })),
    renamed: after.flatMap(({ id, title }) => {
      const was = known.get(id) ?? title;
      return was === title ? [] : [{ id, from: was, to: title }];
    }),
  };
};

const removalIn = (checklist: Checklist, id: string): SaidDeviation | null => {
  const removal = removalOf(checklist, id);
  return removal === undefined ? null : saidIn(checklist, removal);
};

/** How the deviation of a removed feature names the feature. */
export const featureParameter = (id: string): string => `feature ${id}`;

/** The deviation under which the feature is removed. */
export const removalOf = ({ deviations }: Pick<Checklist, 'deviations'>, id: string): Deviation | undefined =>
  deviations.find(({ parameter, here }) => parameter === featureParameter(id) && here === 'removed');
