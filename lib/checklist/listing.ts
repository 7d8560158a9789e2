import { checklistDigest } from './checklist.ts';
import { evidenceOf } from './define.ts';
import type { Checklist, Line } from './definition.ts';

export type Listing = {
  readonly version: string;
  readonly digest: string;
  readonly lines: readonly (Pick<
    Line,
    'id' | 'kind' | 'phase' | 'group' | 'gate' | 'words' | 'title' | 'owner' | 'controls' | 'maxAgeSeconds' | 'source' | 'mode'
  > & { readonly evidence: readonly string[] })[];
};

/** The checklist as people and programs list it, in the document's order. */
export const listing = (checklist: Checklist): Listing => ({
  version: checklist.version,
  digest: checklistDigest(checklist),
  lines: checklist.lines.map((line) => ({
    id: line.id,
    kind: line.kind,
    phase: line.phase,
    group: line.group,
    gate: line.gate,
    words: line.words,
    title: line.title,
    owner: line.owner,
    evidence: evidenceOf(line),
    controls: line.controls,
    maxAgeSeconds: line.maxAgeSeconds,
    source: line.source,
    mode: line.mode,
  })),
});
