import { appliesTo, type EvidenceRule, isEvidenceRule, kindOf, type StoredFacts } from '../registry/rules.ts';
import type { Item } from './definition.ts';

/** What can prove a check by evidence: the check's own rule, and the rules of its further sources. */
export type Proof = {
  readonly source: string;
  readonly rule: EvidenceRule;
  readonly asks: 'own' | 'needed' | 'either' | 'beside';
  readonly maxAgeSeconds?: number | undefined;
};

/** Names the check's own rule among its sources. */
export const ownSource = 'own';

type Proved = Pick<Item, 'rule' | 'sources'>;

export const proofsOf = ({ rule, sources = [] }: Proved): readonly Proof[] => [
  ...(rule !== null && isEvidenceRule(rule) ? [{ source: ownSource, rule, asks: 'own' as const }] : []),
  ...sources.flatMap(({ id, rule: further, ...one }) => (isEvidenceRule(further) ? [{ ...one, source: id, rule: further }] : [])),
];

export const proofNamed = (item: Proved, source: string = ownSource): Proof | undefined =>
  proofsOf(item).find((proof) => proof.source === source);

/** The proofs whose rules judge this kind of report. */
export const proofsBy = (item: Proved, facts: StoredFacts): readonly Proof[] => proofsOf(item).filter(({ rule }) => appliesTo(rule, facts));

/**
 * What must be there together, each list by any one of its sources: the check's own rule or one that proves the same, and every source that is
 * needed beside it.
 */
export const groupsOf = (item: Proved): readonly (readonly Proof[])[] => {
  const all = proofsOf(item);
  return [
    all.filter(({ asks }) => asks === 'own' || asks === 'either'),
    ...all.filter(({ asks }) => asks === 'needed').map((proof) => [proof]),
  ];
};

/** What a sender would have to send, in words. */
export const wantsOf = ({ rule }: Proof): string => kindOf(rule).wants(rule);

type Serving = { readonly sources?: Readonly<Record<string, readonly string[]>> | undefined };

/** Which sources of a check a piece of evidence is, as its event says it: the check's own rule, where it says nothing. */
export const sourcesServed = ({ sources = {} }: Serving, check: string): readonly string[] =>
  Object.hasOwn(sources, check) ? (sources[check] ?? []) : [ownSource];

/** What the event says, of the checks that have several sources; nothing where no check has several. */
export const servingBy = (
  checks: readonly (Proved & Pick<Item, 'id'>)[],
  facts: StoredFacts,
): { readonly sources?: Record<string, string[]> } => {
  const found = checks.flatMap((check) =>
    check.sources === undefined ? [] : [[check.id, proofsBy(check, facts).map(({ source }) => source)] as const],
  );
  return found.length === 0 ? {} : { sources: Object.fromEntries(found) };
};
