import { copyOf, type FakeDependencies } from './fakes.ts';
import type { Machine } from './machine.ts';

type Played = { readonly deps: FakeDependencies; readonly machine?: Machine };

/**
 * A story that is played once for all who begin there: each gets a copy of its world as it was at the end. Where a story is not over
 * dependencies as `fakeDependencies` makes them, it is played each time.
 */
export const playedOnce = <S extends Played>(play: () => Promise<S>): (() => Promise<S>) => {
  let first: Promise<S> | undefined;
  return async () => {
    first ??= play();
    const story = await first;
    const deps = copyOf(story.deps);
    if (deps === undefined) return play();
    return { ...story, deps, ...(story.machine === undefined ? {} : { machine: story.machine.over(deps) }) };
  };
};
