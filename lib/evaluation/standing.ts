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
  const isOvertaken = overtaking(judged);
  return judged.filter(({ event: { id, data } }) => !replaced.has(id) && !(data.verdict === 'pass' && isOvertaken(data)));
};

/** The latest results of a subject: the last attempt of each run, and when the two runs were made that were made last. */
type Latest = { readonly attempts: Map<string, number>; made: readonly { readonly run: string; readonly madeAt: string }[] };

/** Whether a judgement has a later one of its subject (`isLater`), found without comparing each with each. */
export const overtaking = (judged: readonly Judged[]): ((data: DataOf<'check.judged'>) => boolean) => {
  const latest = new Map<string, Latest>();
  for (const { event } of judged) {
    const { subject, producer, madeAt } = event.data;
    const { run, attempt } = producer;
    const of = latest.get(subject) ?? { attempts: new Map(), made: [] };
    of.attempts.set(run, Math.max(attempt, of.attempts.get(run) ?? 0));
    const own = of.made.find((one) => one.run === run);
    const others = of.made.filter((one) => one !== own);
    of.made = [...others, { run, madeAt: own !== undefined && own.madeAt > madeAt ? own.madeAt : madeAt }]
      .sort((a, b) => (a.madeAt > b.madeAt ? -1 : Number(a.madeAt < b.madeAt)))
      .slice(0, 2);
    latest.set(subject, of);
  }
  return ({ subject, producer, madeAt }) => {
    const of = latest.get(subject);
    const isRepeated = (of?.attempts.get(producer.run) ?? 0) > producer.attempt;
    return isRepeated || (of?.made.some((one) => one.run !== producer.run && one.madeAt > madeAt) ?? false);
  };
};

/** Results are numbered in the order in which their first report arrived; the parts of one result have one number. */
export const attemptOf = (ofSubject: readonly Judged[], producer: Made['producer']): number => {
  const nameOf = ({ run, attempt }: Made['producer']): string => JSON.stringify([run, attempt]);
  const results = [...new Set(ofSubject.map(({ event }) => nameOf(event.data.producer)))];
  const place = results.indexOf(nameOf(producer));
  return (place === -1 ? results.length : place) + 1;
};
