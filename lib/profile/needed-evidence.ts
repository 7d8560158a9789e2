import { evidenceOf } from '../checklist/builders.ts';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { ownSource, proofsOf } from '../checklist/proofs.ts';
import { isEvidenceRule, kindOf, type Rule } from '../registry/rules.ts';
import { type Applied, changing, misfit, misnamed } from './applied.ts';
import { figureMisfits } from './own-checks.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/** Further evidence of a check, without which it is not satisfied: stricter, so that it needs no reason. */
export const withNeededEvidence = (checklist: Checklist, { evidence = {} }: Profile): Applied => {
  const misfits = Object.entries(evidence).flatMap(([id, sources]) => {
    const item = itemOf(checklist, id);
    if (item === undefined || item.gate === null || item.source === 'profile')
      return [misnamed(['evidence', id], `no gate judges a check ${id} of the document`)];
    if (evidenceOf(item).length === 0)
      return [misnamed(['evidence', id], `${id} is computed from the run, and no evidence is judged for it`)];
    return sources.flatMap((source, place) => sourceMisfits(item, sources, source, ['evidence', id, place]));
  });
  if (misfits.length > 0) return { checklist, misfits };
  const changed = Object.entries(evidence).flatMap(([id, sources]): Item[] => {
    const item = itemOf(checklist, id);
    return item === undefined
      ? []
      : [{ ...item, sources: [...(item.sources ?? []), ...sources.map((one) => ({ ...one, asks: 'needed' as const }))] }];
  });
  return { checklist: changing(checklist, changed), misfits };
};

type Source = { readonly id: string; readonly rule: Rule };

const sourceMisfits = (item: Item, all: readonly Source[], source: Source, path: Misfit['path']): readonly Misfit[] => {
  const { id, rule } = source;
  const known = [ownSource, ...proofsOf(item).map((proof) => proof.source)];
  const { basis } = kindOf(rule);
  const isComparing = kindOf(rule).compares(rule) !== undefined || kindOf(rule).isProvedByDrill(rule);
  return [
    ...(known.includes(id) ? [misfit([...path, 'id'], `${item.id} has a source ${id} already: it needs another id`)] : []),
    ...(all.findIndex((one) => one.id === id) < all.indexOf(source) ? [misfit([...path, 'id'], `two sources have the id ${id}`)] : []),
    ...(!isEvidenceRule(rule) || basis === 'attested'
      ? [misfit([...path, 'rule', 'kind'], `${rule.kind} judges no report and no record: a source is one of them`)]
      : []),
    ...(isComparing
      ? [misfit([...path, 'rule'], 'what is compared with an earlier release or a rehearsal is judged by the check itself only')]
      : []),
    ...figureMisfits(rule, [...path, 'rule']),
  ];
};
