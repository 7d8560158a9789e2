import type { DataOf, Stored } from '../audit/event.ts';
import type { Item } from '../checklist/definition.ts';
import { groupsOf, ownSource, proofNamed, wantsOf } from '../checklist/proofs.ts';
import { kindOf, type Rule } from '../registry/rules.ts';
import type { Basis } from '../verdict.ts';

/** A check with several sources: what counts of each, and which is missing. */

type Judged = Stored<'check.judged'>;

/** The rule by which it was judged; null where the check has none, or not this source. */
export const ruleOf = (check: Item, { source }: Pick<DataOf<'check.judged'>, 'source'>): Rule | null =>
  source === undefined ? check.rule : (proofNamed(check, source)?.rule ?? null);

/**
 * What proves the same in another way and is not clear says nothing where the check is proved otherwise: nobody has to have both. What fails stays,
 * and so does what is not clear of the check's own rule or of a source that is needed.
 */
export const withoutUnclear = (check: Item, standing: readonly Judged[], isOvertaken: (judged: Judged) => boolean): readonly Judged[] => {
  if (check.sources === undefined) return standing;
  const [alternatives = []] = groupsOf(check);
  const isOne = ({ event: { data } }: Judged): boolean => alternatives.some(({ source }) => source === (data.source ?? ownSource));
  const isProved = standing.some((one) => isOne(one) && one.event.data.verdict === 'pass' && !isOvertaken(one));
  return isProved
    ? standing.filter((one) => !(isOne(one) && one.event.data.source !== undefined && one.event.data.verdict === 'inconclusive'))
    : standing;
};

/** Why a source of the check is missing; undefined where all are there. */
export const lackingIn = (check: Item, standing: readonly Judged[]): string | undefined => {
  if (check.sources === undefined) return undefined;
  const given = new Set(standing.map(({ event: { data } }) => data.source ?? ownSource));
  const missing = groupsOf(check).find((group) => !group.some(({ source }) => given.has(source)));
  if (missing === undefined) return undefined;
  const needs = missing.map(wantsOf).join(', or ');
  const [first] = missing;
  return first?.asks === 'needed'
    ? `no evidence yet from the source ${first.source}: it needs ${needs}`
    : `no evidence yet of the check itself: it needs ${needs}`;
};

/** As weak as the weakest proof that counts. */
export const basisOf = (
  check: Item,
  standing: readonly Judged[],
  { local, scaled }: { readonly local: boolean; readonly scaled: boolean },
): Basis => {
  const isAttested = standing.some(({ event: { data } }) => {
    const rule = ruleOf(check, data);
    return rule !== null && kindOf(rule).basis === 'attested';
  });
  if (isAttested) return local ? 'simulated' : 'attested';
  return scaled ? 'shortened' : 'measured';
};
