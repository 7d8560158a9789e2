import type { Listing } from './listing.ts';
import { type Change, changeInWords } from './member-words.ts';
import { titlesIn } from './thresholds.ts';

type Line = Listing['items'][number];
type Compared = { readonly id: string; readonly title: string; readonly words: string };

/** A member of a checklist item that differs. A member of the rule, such as a threshold, is named `rule.<parameter>`; null where one side lacks it. */
export type MemberChange = Change & {
  /** The change as people read it, with units. */
  readonly says: string;
};

export type ListingDiff = {
  readonly from: Pick<Listing, 'name' | 'version' | 'digest'>;
  readonly to: Pick<Listing, 'name' | 'version' | 'digest'>;
  readonly added: readonly Compared[];
  readonly removed: readonly Compared[];
  readonly changed: readonly (Compared & { readonly changes: readonly MemberChange[] })[];
  /** Whether the items that both have stand in another order. */
  readonly reordered: boolean;
};

const compared = ({ id, title, words }: Line): Compared => ({ id, title, words });

/** How one checklist differs from another: an item is the same by its id. */
export const diffListings = (from: Listing, to: Listing): ListingDiff => {
  const before = linesById(from);
  const after = linesById(to);
  const titleOf = titlesIn({ items: [...from.items, ...to.items], gates: [...from.gates, ...to.gates] });
  const kept = to.items.filter(({ id }) => before.has(id));
  return {
    from: named(from),
    to: named(to),
    added: to.items.filter(({ id }) => !before.has(id)).map(compared),
    removed: from.items.filter(({ id }) => !after.has(id)).map(compared),
    changed: kept.flatMap((item) => {
      const was = before.get(item.id) ?? item;
      const rules = { before: was.rule ?? null, after: item.rule ?? null, titleOf };
      const changes = changesOf(was, item).map((change) => ({ ...change, says: changeInWords(change, rules) }));
      return changes.length === 0 ? [] : [{ ...compared(item), changes }];
    }),
    reordered: kept.map(({ id }) => id).join() !== from.items.flatMap(({ id }) => (after.has(id) ? [id] : [])).join(),
  };
};

const linesById = ({ items }: Listing): ReadonlyMap<string, Line> => new Map(items.map((item) => [item.id, item]));

const named = ({ name, version, digest }: Listing): ListingDiff['from'] => ({ name, version, digest });

const changesOf = (before: Line, after: Line): Change[] => memberChanges(flat(before), flat(after));

/** Members that differ, in the order in which they stand. */
export const memberChanges = (old: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): Change[] =>
  [...new Set([...old.keys(), ...now.keys()])].flatMap((member) => {
    const [from = null, to = null] = [old.get(member), now.get(member)];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ member, from, to }];
  });

const flat = ({ rule, ...line }: Line): ReadonlyMap<string, unknown> =>
  new Map([...Object.entries(line), ...Object.entries(rule ?? {}).map(([name, value]): [string, unknown] => [`rule.${name}`, value])]);
