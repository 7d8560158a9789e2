import { isType, type Stored } from '../audit/event.ts';

type Judged = Stored<'check.judged'>['event']['data'];

/**
 * Since when staging runs every one of these components, by the lane of the check that tells it: the earliest time at which each was proved to run
 * there, so that a later reading makes no test too early. What was proved before staging was seen in another state says nothing any more.
 * Undefined while it is not proved of one. Further sources of the check tell nothing of what runs. `proves`: whether a reading proves it.
 */
export const stagedSince = (
  lane: readonly Stored[],
  components: readonly string[],
  proves: (judged: Judged) => boolean = ({ verdict }) => verdict === 'pass',
): string | undefined => {
  const own = lane.filter(isType('check.judged')).flatMap(({ event: { data } }) => (data.source === undefined ? [data] : []));
  const times = components.map((component) => {
    const read = own.filter(({ subject }) => subject.startsWith(`${component}/`));
    const otherwise =
      read
        .flatMap((one) => (proves(one) ? [] : [one.madeAt]))
        .toSorted()
        .at(-1) ?? '';
    return read
      .filter((one) => proves(one) && one.madeAt > otherwise)
      .map(({ beganAt, madeAt }) => [beganAt ?? madeAt, otherwise].toSorted().at(-1))
      .toSorted()
      .at(0);
  });
  return times.some((time) => time === undefined) ? undefined : times.toSorted().at(-1);
};
