import type { Checklist, Deviation } from '../checklist/definition.ts';
import { featureParameter, removalOf } from '../checklist/definition-diff.ts';
import { kindOf } from '../registry/rules.ts';
import { type Applied, misfit } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/**
 * A feature that a service no longer has is a deviation of the check that judges each feature: it stands in every report, beside its reason.
 * Which features are gone, only a comparison with the profile in force can say (`unexplainedRemovals`).
 */
export const withRemovedFeatures = (checklist: Checklist, { features, removedFeatures = [] }: Profile): Applied => {
  const line = lineOfFeatures(checklist);
  const misfits = removedFeatures.flatMap(({ id }, place): Misfit[] => {
    const at = (message: string): Misfit[] => [misfit(['removedFeatures', place, 'id'], message)];
    if (features.some((feature) => feature.id === id)) return at(`${id} stands among the features`);
    if (removedFeatures.findIndex((one) => one.id === id) < place) return at(`${id} stands here twice`);
    return line === undefined ? at('no check of the document judges features') : [];
  });
  if (misfits.length > 0 || line === undefined) return { checklist, misfits };
  const removed = removedFeatures.map(
    ({ id, reason, approver }): Deviation => ({
      check: line,
      parameter: featureParameter(id),
      document: 'proved',
      here: 'removed',
      reason,
      approver,
    }),
  );
  return { checklist: { ...checklist, deviations: [...checklist.deviations, ...removed] }, misfits };
};

/** The check of the document that judges one feature after the other. */
const lineOfFeatures = ({ items }: Checklist): string | undefined =>
  items.find(({ rule, source }) => rule !== null && source !== 'profile' && kindOf(rule).service.takes(rule).includes('features'))?.id;

/** Features that `before` has and `after` neither has nor gives a reason for: a removed feature needs one. */
export const unexplainedRemovals = (before: Checklist, after: Checklist): readonly Misfit[] => {
  const kept = new Set(after.profile?.features.map(({ id }) => id));
  return (before.profile?.features ?? []).flatMap(({ id, title }) =>
    kept.has(id) || removalOf(after, id) !== undefined
      ? []
      : [
          misfit(
            ['features'],
            `the feature ${id} (${title}) of the profile in force is missing: a removed feature is a deviation and needs its entry in removedFeatures, with a reason`,
          ),
        ],
  );
};
