import { evidenceTypes } from '../registry/evidence.ts';
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
  'rule',
  'scope',
  'after',
  'waivable',
  'optional',
] as const satisfies readonly (keyof Item)[];

type EvidenceFormat = {
  readonly id: string;
  readonly description: string;
  readonly fileNames: readonly string[];
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
};

export type Listing = {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly gates: readonly Pick<Gate, 'id' | 'title'>[];
  readonly items: readonly (Pick<Item, (typeof listed)[number]> & { readonly evidence: readonly string[] })[];
  readonly deviations: Checklist['deviations'];
  /** The types of evidence that the checks need, with what a report of the type may be. */
  readonly evidenceTypes: readonly EvidenceFormat[];
};

/** The checklist as people and programs list it, in the document's order. */
export const listing = (checklist: Checklist): Listing => {
  const items = checklist.items.map((item) => ({
    ...(Object.fromEntries(listed.map((name) => [name, item[name]])) as Pick<Item, (typeof listed)[number]>),
    evidence: evidenceOf(item),
  }));
  const needed = new Set(items.flatMap(({ evidence }) => evidence));
  return {
    name: checklist.name,
    version: checklist.version,
    digest: checklistDigest(checklist),
    gates: checklist.gates.map(({ id, title }) => ({ id, title })),
    items,
    deviations: checklist.deviations,
    evidenceTypes: Object.values(evidenceTypes)
      .filter(({ id }) => needed.has(id))
      .map(({ id, description, fileNames, mediaTypes, maxBytes }) => ({ id, description, fileNames, mediaTypes, maxBytes })),
  };
};
