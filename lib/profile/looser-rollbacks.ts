import { type Checklist, type Deviation, itemOf } from '../checklist/definition.ts';
import { type Applied, misfit } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/**
 * By the document people decide about a rollback and about the data. Where a profile lets nobody be asked, that is a deviation of the trigger or
 * the step: it stands in every report, beside its reason.
 */
export const withLooserRollbacks = (checklist: Checklist, { targets = {} }: Profile): Applied => {
  const found = Object.entries(targets).flatMap(([environment, { decideThemselves = [], backwardCompatible }]) => {
    const path = ['targets', environment];
    const triggers = decideThemselves.map(({ trigger, ...explained }, place) => ({
      path: [...path, 'decideThemselves', place, 'trigger'],
      repeated: decideThemselves.findIndex((one) => one.trigger === trigger) < place,
      deviation: { ...explained, check: trigger, parameter: `decision in ${environment}`, document: 'a person', here: 'by itself' },
    }));
    const keeping =
      backwardCompatible === undefined || backwardCompatible === false
        ? []
        : [
            {
              path: [...path, 'backwardCompatible'],
              repeated: false,
              deviation: {
                ...backwardCompatible,
                check: 'restore-database',
                parameter: `data in ${environment}`,
                document: 'decided by a person',
                here: 'kept after silence',
              },
            },
          ];
    return [...triggers, ...keeping];
  });
  const misfits = found.flatMap(({ path, repeated, deviation: { check } }): Misfit[] => {
    if (repeated) return [misfit(path, `${check} stands here twice`)];
    return itemOf(checklist, check) === undefined ? [misfit(path, `the document has no check ${check}`)] : [];
  });
  if (misfits.length > 0) return { checklist, misfits };
  const deviations = found.map(({ deviation }): Deviation => deviation);
  return { checklist: { ...checklist, deviations: [...checklist.deviations, ...deviations] }, misfits };
};
