import { isType, type Stored } from '../audit/event.ts';

/**
 * Since when staging runs every one of these components, by the lane of the check that tells it: the earliest time at which each was proved to run
 * there, so that a later reading makes no test too early. Undefined while it is not proved of one.
 */
export const stagedSince = (lane: readonly Stored[], components: readonly string[]): string | undefined => {
  const passed = lane.filter(isType('check.judged')).filter(({ event }) => event.data.verdict === 'pass');
  const times = components.map((component) =>
    passed
      .filter(({ event }) => event.data.subject.startsWith(`${component}/`))
      .map(({ event: { data } }) => data.beganAt ?? data.madeAt)
      .toSorted()
      .at(0),
  );
  return times.some((time) => time === undefined) ? undefined : times.toSorted().at(-1);
};
