import type { DataOf, Stored } from '../../audit/event.ts';
import { isLater, standingOf } from '../../evaluation/standing.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { covers, type EvidenceRule } from '../../registry/rules.ts';
import { readFacts } from '../../registry/stored-facts.ts';

type Judged = Stored<'check.judged'>;

/** A judgement that later results of its subject cover, and the ids of their judgements. */
export type Replaced = Pick<DataOf<'check.replaced'>, 'judgement' | 'by'>;

/** Reads stored facts by digest, each once. */
export type FactsReader = (digest: string) => Promise<StoredFacts>;

export const readFactsOnce = (deps: Pick<Dependencies, 'evidence'>, scope: string): FactsReader => {
  const known = new Map<string, Promise<StoredFacts>>();
  return (digest) => {
    const found = known.get(digest) ?? storedFacts(deps, scope, digest);
    known.set(digest, found);
    return found;
  };
};

/**
 * The judgements of a check's lane that did not pass, still count, and are covered by later results of their subject. Reports arrive and
 * are judged in any order, so the whole lane is asked, after every judgement. Facts are read only where something did not pass.
 */
export const coveredIn = async (factsOf: FactsReader, rule: EvidenceRule, lane: readonly Stored[]): Promise<readonly Replaced[]> => {
  const judged = lane.filter((stored): stored is Judged => stored.event.type === 'check.judged');
  const replaced: Replaced[] = [];
  for (const { event } of standingOf(lane)) {
    const { verdict, facts, subject } = event.data;
    const later = judged.filter((one) => one.event.data.subject === subject && isLater(one.event.data, event.data));
    if (verdict === 'pass' || later.length === 0) continue;
    const laterFacts = await Promise.all(later.flatMap((one) => one.event.data.facts ?? []).map(factsOf));
    if (facts === null || covers(rule, laterFacts, await factsOf(facts)))
      replaced.push({ judgement: event.id, by: later.map((one) => one.event.id) });
  }
  return replaced;
};

/** Facts as they were stored before the event that names their digest. */
export const storedFacts = async ({ evidence }: Pick<Dependencies, 'evidence'>, scope: string, digest: string): Promise<StoredFacts> => {
  const bytes = await evidence.get(scope, digest);
  if (bytes === undefined) throw new Error(`facts ${digest} are not in the evidence store`);
  return readFacts(bytes);
};
