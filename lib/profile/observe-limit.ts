import { misfit } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/** A check that is observed for longer is dropped, and that needs a reason. Days. */
export const mostDaysObserved = 400;
const dayMs = 86_400_000;

/** Checks that would be observed until too late, counted from `now`. */
export const observedTooLong = ({ observe = {} }: Profile, now: Date): readonly Misfit[] =>
  Object.entries(observe).flatMap(([id, until]) =>
    Date.parse(until) > now.getTime() + mostDaysObserved * dayMs
      ? [misfit(['observe', id], `more than ${mostDaysObserved} days from today: a deviation with its reason drops a check`)]
      : [],
  );
