import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import type { Item } from '../../checklist/definition.ts';
import { proofNamed } from '../../checklist/proofs.ts';
import { isLater, standingOf } from '../../evaluation/standing.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { covers, type EvidenceRule } from '../../registry/rules.ts';
import { readFacts } from '../../registry/stored-facts.ts';

type Judged = Stored<'check.judged'>;

/** A judgement that later results of its subject cover, and the ids of the newest of their judgements. */
export type Replaced = Pick<DataOf<'check.replaced'>, 'judgement' | 'by'>;

/** Reads the facts of a judgement: those of carried evidence stand where it stands. */
export type FactsReader = (judged: Pick<DataOf<'check.judged'>, 'carried'> & { readonly facts: string }) => Promise<StoredFacts>;

/** So many bytes of facts a process remembers for a store: facts are never changed, and each report of a source asks for those before it. */
const rememberedBytes = 8 * 1024 * 1024;
type Remembered = Map<string, { readonly facts: StoredFacts; readonly bytes: number }>;
const ofStores = new WeakMap<object, Remembered>();

export const readFactsOnce = ({ evidence }: Pick<Dependencies, 'evidence'>, own: string): FactsReader => {
  const known: Remembered = ofStores.get(evidence) ?? new Map();
  ofStores.set(evidence, known);
  return async ({ facts: digest, carried }) => {
    const scope = carried?.scope ?? own;
    const key = `${scope}/${digest}`;
    const found = known.get(key);
    if (found !== undefined) return found.facts;
    const bytes = await bytesOfFacts(evidence, scope, digest);
    const facts = readFacts(bytes);
    known.set(key, { facts, bytes: bytes.length });
    let held = [...known.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [oldest, one] of known) {
      if (held <= rememberedBytes) break;
      known.delete(oldest);
      held -= one.bytes;
    }
    return facts;
  };
};

/**
 * So many judgements of a subject that did not pass and are not covered are looked for. While one of them counts the subject does not
 * pass, whatever is behind them; when they are covered the next ones are asked.
 */
const uncoveredMax = 16;

/** So many of the later results are named, the newest ones: an event has to stay small. */
const namedMax = 50;

/**
 * The judgements of a check's lane that did not pass, still count, and are covered by later results of their subject. Reports arrive and
 * are judged in any order, so the whole lane is asked, after every judgement: the latest results first, and no further than matters, so
 * that hundreds of failing reports do not each ask about all others. Facts are read only where something did not pass.
 */
export const coveredIn = async (
  factsOf: FactsReader,
  check: Pick<Item, 'rule' | 'sources'>,
  lane: readonly Stored[],
): Promise<readonly Replaced[]> => {
  const failing = bySubject(standingOf(lane).filter(({ event }) => event.data.verdict !== 'pass'));
  if (failing.size === 0) return [];
  const judged = bySubject(lane.filter(isType('check.judged')));
  const replaced: Replaced[] = [];
  for (const [subject, open] of failing) {
    let uncovered = 0;
    for (const { event } of latestFirst(open)) {
      if (uncovered === uncoveredMax) break;
      const later = (judged.get(subject) ?? []).filter((one) => isLater(one.event.data, event.data));
      const rule = proofNamed(check, event.data.source)?.rule;
      const isCovered = later.length > 0 && rule !== undefined && (await areCovering(factsOf, rule, later, event.data));
      if (isCovered) replaced.push({ judgement: event.id, by: later.slice(-namedMax).map((one) => one.event.id) });
      else uncovered += 1;
    }
  }
  return replaced;
};

const areCovering = async (
  factsOf: FactsReader,
  rule: EvidenceRule,
  later: readonly Judged[],
  { facts, carried }: DataOf<'check.judged'>,
): Promise<boolean> => {
  if (facts === null) return true;
  // The same measurement has the same digest, however often it was repeated.
  const measured = new Map(later.flatMap(({ event: { data } }) => (data.facts === null ? [] : [[data.facts, data.carried] as const])));
  const read = [...measured].map(([digest, from]) => factsOf(withOrigin(digest, from)));
  return covers(rule, await Promise.all(read), await factsOf(withOrigin(facts, carried)));
};

const withOrigin = (facts: string, carried: DataOf<'check.judged'>['carried']): Parameters<FactsReader>[0] =>
  carried === undefined ? { facts } : { facts, carried };

const bySubject = (judged: readonly Judged[]): ReadonlyMap<string, Judged[]> => {
  const subjects = new Map<string, Judged[]>();
  for (const one of judged) {
    const known = subjects.get(one.event.data.subject);
    if (known === undefined) subjects.set(one.event.data.subject, [one]);
    else known.push(one);
  }
  return subjects;
};

const latestFirst = (judged: readonly Judged[]): readonly Judged[] =>
  judged.toSorted(({ event: a }, { event: b }) => Number(isLater(b.data, a.data)) - Number(isLater(a.data, b.data)) || b.seq - a.seq);

/** Facts as they were stored before the event that names their digest. */
export const storedFacts = async ({ evidence }: Pick<Dependencies, 'evidence'>, scope: string, digest: string): Promise<StoredFacts> =>
  readFacts(await bytesOfFacts(evidence, scope, digest));

/** Facts that a retention has taken away, or that were never stored. */
export class FactsGone extends Error {
  override readonly name = 'FactsGone';
}

const bytesOfFacts = async (evidence: Dependencies['evidence'], scope: string, digest: string): Promise<Uint8Array> => {
  const bytes = await evidence.get(scope, digest);
  if (bytes === undefined) throw new FactsGone(`facts ${digest} are not in the evidence store`);
  return bytes;
};
