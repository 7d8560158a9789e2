import { cut } from '../canonical-json.ts';
import { isEmptyTree } from '../evidence/empty-trees.ts';
import type { Judgement } from '../verdict.ts';

/** What is live where the release goes: nothing, or a version with the commit from which it was built. */
export type LiveVersion =
  | { readonly version: null }
  | {
      readonly version: string;
      readonly run: string | null;
      /** Null: nothing tells it. */
      readonly commit: string | null;
    };

/**
 * Why a list that begins behind `base` may leave out what differs from the live version; undefined where it leaves nothing out. Null: the list
 * does not say where it begins.
 */
export const notBehindLive = (live: LiveVersion, base: string | null): string | undefined => {
  if (live.version === null || (base !== null && (isEmptyTree(base) || base === live.commit))) return undefined;
  const named = liveNamed(live);
  if (live.commit === null)
    return `it is not known of which commit the ${named} was built: name its commit when you adopt it, or list everything from the first commit on`;
  return `it ${base === null ? 'does not say where it begins' : `begins at ${base}`}, and the ${named} was built from ${live.commit}`;
};

const liveNamed = ({ version, run }: Extract<LiveVersion, { readonly version: string }>): string =>
  `version ${cut(version, 60)} that is live${run === null ? '' : ` (run ${run})`}`;

/**
 * Reviews count when they begin behind the commit of the live version: behind a later one, commits of the release are in no list. `bases`: where
 * the lists begin that count for the check; null of one that does not say it.
 */
export const baseReviewed = (live: LiveVersion, bases: readonly (string | null)[]): Judgement => {
  const others = bases.filter((base) => base === null || !isEmptyTree(base));
  if (live.version === null)
    return {
      verdict: 'pass',
      reason: 'nothing is live yet: this is the first release, and there is no commit behind which the reviews must begin',
    };
  const { commit } = live;
  const named = liveNamed(live);
  if (others.length === 0)
    return { verdict: 'pass', reason: `the reviews list every commit from the first one on, and so all behind ${named}` };
  if (commit === null)
    return {
      verdict: 'inconclusive',
      reason: `it is not known of which commit the ${named} was built, so the reviews may leave commits out: name its commit when you adopt it, or list every commit`,
    };
  const other = others.find((base) => base !== commit);
  if (other === undefined) return { verdict: 'pass', reason: `the reviews begin behind ${commit}, the commit of the ${named}` };
  const from = other === null ? 'do not say behind which commit they begin' : `begin behind ${other}`;
  return { verdict: 'inconclusive', reason: `the reviews do not count: they ${from}, and the ${named} was built from ${commit}` };
};
