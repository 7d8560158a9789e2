import { evidenceOf } from './builders.ts';
import { type Checklist, checklistDigest, type Gate, type Item } from './definition.ts';

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
  'sources',
  'scope',
  'after',
  'waivable',
  'maxWaiverSeconds',
  'optional',
  'unless',
  'shows',
  'tells',
] as const satisfies readonly (keyof Item)[];

export type ListedMember = (typeof listed)[number];

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

/** The heading under which an item stands: its gate, or what the way back calls its own lists. */
export const sectionOf = (
  { gates }: { readonly gates: readonly { readonly id: string; readonly title: string }[] },
  { kind, gate }: { readonly kind: string; readonly gate: string | null },
): string => {
  if (kind === 'trigger') return 'Rollback: trigger conditions';
  if (kind === 'step') return 'Rollback: procedure';
  if (kind === 'target') return 'Rollback: time targets';
  return gates.find(({ id }) => id === gate)?.title ?? gate ?? kind;
};
