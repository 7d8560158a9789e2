import * as z from 'zod';
import { type Checklist, checklistSchema, type Deviation } from '../checklist/definition.ts';
import { deviate } from '../checklist/deviations.ts';
import { schemaWords } from '../schema-words.ts';
import { type Applied, inTurn, misfit } from './applied.ts';
import { withLooserRollbacks } from './looser-rollbacks.ts';
import { withNeededEvidence } from './needed-evidence.ts';
import { observed, withDropped } from './observe.ts';
import { withOwnChecks } from './own-checks.ts';
import { withParameters } from './parameters.ts';
import type { Misfit } from './read.ts';
import { withRemovedFeatures } from './removed-features.ts';
import { type Profile, profileDigest } from './schema.ts';
import { tightened } from './tighten.ts';
import { titled } from './titles.ts';

/**
 * The definition for a service: another value with another digest, and the same gates. Whatever does not fit is said, all of it at once.
 * Stricter figures are compared with the document's, and looser ones apply to what the profile has set.
 */
export const profiled = (checklist: Checklist, profile: Profile): { readonly ok: Checklist } | { readonly wrong: readonly Misfit[] } => {
  if (checklist.profile !== undefined) return { wrong: [misfit([], 'the definition has a profile already')] };
  const misfits: Misfit[] = [];
  let applied = checklist;
  for (const step of [
    withOwnChecks,
    withParameters,
    tightened,
    withNeededEvidence,
    withDropped,
    deviating,
    observed,
    withRemovedFeatures,
    withLooserRollbacks,
  ]) {
    const after = step(applied, profile);
    misfits.push(...after.misfits);
    applied = after.checklist;
  }
  if (misfits.length > 0) return { wrong: misfits };
  const { service, features, targets } = profile;
  return {
    ok: checklistSchema.parse({
      ...applied,
      items: applied.items.map((item) => titled(item, profile)),
      profile: {
        service,
        digest: profileDigest(profile),
        features: features.map(({ id, title }) => ({ id, title })),
        ...(targets === undefined ? {} : { targets }),
      },
    }),
  };
};

/** Figures that a service loosens, by the same rules as a stage. Dropped checks were seen to before. */
const deviating = (checklist: Checklist, { deviations = [], tighten = {} }: Profile): Applied =>
  inTurn(
    checklist,
    deviations.flatMap((deviation, place) => (deviation.parameter === 'mode' ? [] : [{ deviation, place }])),
    (before, { deviation, place }) => {
      const { check, parameter } = deviation;
      const path = ['deviations', place];
      if (Object.hasOwn(tighten, check) && Object.hasOwn(tighten[check] ?? {}, parameter))
        return misfit(path, `${parameter} of ${check} is tightened, too`);
      const result = deviated(before, deviation);
      return typeof result === 'string' ? misfit(path, result) : result;
    },
  );

/** `deviate` throws, because a stage's configuration is read once; a file of a user is answered. */
const deviated = (checklist: Checklist, deviation: Deviation): Checklist | string => {
  try {
    return deviate(checklist, [deviation]);
  } catch (fault) {
    const [issue] = fault instanceof z.ZodError ? fault.issues : [];
    if (issue !== undefined) return schemaWords(issue);
    return fault instanceof Error ? fault.message : 'the deviation does not fit';
  }
};
