import type { DataOf, Stored } from '../audit/event.ts';
import type { Item } from '../checklist/definition.ts';
import { groupsOf, ownSource, type Proof, proofNamed, wantsOf } from '../checklist/proofs.ts';
import { kindOf, type Rule } from '../registry/rules.ts';
import type { Basis } from '../verdict.ts';
import { isComparison } from './beside.ts';

/** A check with several sources: what counts of each, and which is missing. */

type Judged = Stored<'check.judged'>;

/** The rule by which it was judged; null where the check has none, or not this source. */
export const ruleOf = (check: Item, { source }: Pick<DataOf<'check.judged'>, 'source'>): Rule | null =>
  source === undefined ? check.rule : (proofNamed(check, source)?.rule ?? null);

/** The source that a judgement proves; undefined of what is only compared with the reports of the check's own rule. */
const sourceProved = ({ event: { data } }: Judged): string | undefined =>
  data.source ?? (isComparison(data.subject) ? undefined : ownSource);

/**
 * What proves the same in another way and is not clear says nothing where the check is proved otherwise: nobody has to have both. What fails stays,
 * and so does what is not clear of the check's own rule or of a source that is needed.
 */
export const withoutUnclear = (check: Item, standing: readonly Judged[], isOvertaken: (judged: Judged) => boolean): readonly Judged[] => {
  if (check.sources === undefined) return standing;
  const [alternatives = []] = groupsOf(check);
  const isOne = (one: Judged): boolean => alternatives.some(({ source }) => source === sourceProved(one));
  const isProved = standing.some((one) => isOne(one) && one.event.data.verdict === 'pass' && !isOvertaken(one));
  return isProved
    ? standing.filter((one) => !(isOne(one) && one.event.data.source !== undefined && one.event.data.verdict === 'inconclusive'))
    : standing;
};

/** Why a source of the check is missing; undefined where all are there. Of a check about artifacts each source is asked for every component. */
export const lackingIn = (check: Item, standing: readonly Judged[], components: readonly string[]): string | undefined => {
  if (check.sources === undefined) return undefined;
  const isGiven = (group: readonly Proof[], component?: string): boolean =>
    standing.some(
      (one) =>
        group.some(({ source }) => source === sourceProved(one)) &&
        (component === undefined || one.event.data.subject.startsWith(`${component}/`)),
    );
  for (const group of groupsOf(check)) {
    const without = check.scope === 'artifact' ? components.filter((component) => !isGiven(group, component)) : [];
    if (isGiven(group) && without.length === 0) continue;
    const [first] = group;
    const what = first?.asks === 'needed' ? `from the source ${first.source}` : 'of the check itself';
    const about = without.length === 0 ? '' : ` for the component ${without.join(', ')}`;
    return `no evidence yet ${what}${about}: it needs ${group.map(wantsOf).join(', or ')}`;
  }
  return undefined;
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
