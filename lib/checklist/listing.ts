import { evidenceOf } from './builders.ts';
import { checklistDigest } from './checklist.ts';
import type { Checklist, Gate, Item } from './definition.ts';

const listed = [
  'id',
  'kind',
  'phase',
  'group',
  'gate',
  'words',
  'title',
  'owner',
  'proof',
  'controls',
  'maxAgeSeconds',
  'source',
  'mode',
  'observeUntil',
  'rule',
  'scope',
  'after',
  'waivable',
  'optional',
] as const satisfies readonly (keyof Item)[];

/** Members that an item has or has not are left out where it has not. */
export type Listing = {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly gates: readonly Pick<Gate, 'id' | 'title'>[];
  readonly items: readonly (Pick<Item, (typeof listed)[number]> & { readonly evidence: readonly string[] })[];
  readonly deviations: Checklist['deviations'];
};

/** The checklist as people and programs list it, in the document's order. */
export const listing = (checklist: Checklist): Listing => ({
  name: checklist.name,
  version: checklist.version,
  digest: checklistDigest(checklist),
  gates: checklist.gates.map(({ id, title }) => ({ id, title })),
  items: checklist.items.map((item) => ({
    ...(Object.fromEntries(listed.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]]))) as Pick<
      Item,
      (typeof listed)[number]
    >),
    evidence: evidenceOf(item),
  })),
  deviations: checklist.deviations,
});
