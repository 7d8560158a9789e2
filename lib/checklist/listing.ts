import { evidenceOf } from './builders.ts';
import { checklistDigest } from './checklist.ts';
import type { Checklist, Item } from './definition.ts';

export type Listing = {
  readonly version: string;
  readonly digest: string;
  readonly items: readonly (Pick<
    Item,
    'id' | 'kind' | 'phase' | 'group' | 'gate' | 'words' | 'title' | 'owner' | 'controls' | 'maxAgeSeconds' | 'source' | 'mode'
  > & { readonly evidence: readonly string[] })[];
};

/** The checklist as people and programs list it, in the document's order. */
export const listing = (checklist: Checklist): Listing => ({
  version: checklist.version,
  digest: checklistDigest(checklist),
  items: checklist.items.map((item) => ({
    id: item.id,
    kind: item.kind,
    phase: item.phase,
    group: item.group,
    gate: item.gate,
    words: item.words,
    title: item.title,
    owner: item.owner,
    evidence: evidenceOf(item),
    controls: item.controls,
    maxAgeSeconds: item.maxAgeSeconds,
    source: item.source,
    mode: item.mode,
  })),
});
