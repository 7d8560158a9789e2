import { type DataOf, isType, type Stored } from '../audit/event.ts';

/**
 * Which judgements of a check count. Reports of one subject from the same attempt of the same run of their producer are parts of one
 * result: each counts. A later result takes the place of an earlier judgement that passed. A judgement that did not pass counts until
 * `replaces` of a later judgement or `check.replaced` says that later results cover it: knowing that takes the facts of the reports.
 */

type Judged = Stored<'check.judged'>;
type Made = Pick<DataOf<'check.judged'>, 'producer' | 'madeAt'>;

/** Attempts of one run are ordered by their number, results of different runs by the time at which they were made. */
export const isLater = (a: Made, b: Made): boolean =>
  a.producer.run === b.producer.run ? a.producer.attempt > b.producer.attempt : a.madeAt > b.madeAt;

export const standingOf = (lane: readonly Stored[]): readonly Judged[] => {
  const judged = lane.filter(isType('check.judged'));
  const replaced = new Set([
    ...lane.filter(isType('check.replaced')).map(({ event }) => event.data.judgement),
    ...judged.flatMap(({ event }) => event.data.replaces ?? []),
  ]);
  return judged.filter(
    ({ event: { id, data } }) =>
      !replaced.has(id) &&
      !(data.verdict === 'pass' && judged.some((one) => one.event.data.subject === data.subject && isLater(one.event.data, data))),
  );
};

/** Results are numbered in the order in which their first report arrived; the parts of one result have one number. */
export const attemptOf = (ofSubject: readonly Judged[], producer: Made['producer']): number => {
  const nameOf = ({ run, attempt }: Made['producer']): string => JSON.stringify([run, attempt]);
  const results = [...new Set(ofSubject.map(({ event }) => nameOf(event.data.producer)))];
  const place = results.indexOf(nameOf(producer));
  return (place === -1 ? results.length : place) + 1;
};
