import { isType, type Stored } from '../audit/event.ts';
import type { Finding } from './finding.ts';
import { ownSubjects } from './own-subjects.ts';

type Side = NonNullable<Finding['flapping']>[number];

/** So many of the last results are shown. */
const mostShown = 10;

/** Two turns: passed, failed and passed again, or the other way round. One turn is a repair, or a regression. */
const turnsOfFlapping = 2;

/**
 * The results of a check that alternated in this run, oldest first: those of the subject that turned most often. What is inconclusive is no
 * result. Undefined: it does not flap. What Holdpoint itself says is judged anew whenever something has changed, and each time it is exact.
 */
export const flappingIn = (events: readonly Stored[]): Finding['flapping'] => {
  const bySubject = new Map<string, Map<number, Side>>();
  for (const { event } of events.filter(isType('check.judged'))) {
    const { subject, attempt, verdict } = event.data;
    const side = sideOf(verdict);
    if (side === undefined || ownSubjects.includes(subject)) continue;
    const own = bySubject.get(subject) ?? new Map<number, Side>();
    bySubject.set(subject, own);
    // Reports of one attempt are parts of one result: it is as good as its worst part.
    if (own.get(attempt) !== 'fail') own.set(attempt, side);
  }
  const all = [...bySubject.values()].map((own) => [...own].sort(([a], [b]) => a - b).map(([, side]) => side));
  const worst = all.toSorted((a, b) => turnsIn(b) - turnsIn(a))[0] ?? [];
  return turnsIn(worst) < turnsOfFlapping ? undefined : worst.slice(-mostShown);
};

const sideOf = (verdict: string): Side | undefined =>
  verdict === 'pass' ? 'pass' : verdict === 'fail' || verdict === 'error' ? 'fail' : undefined;

const turnsIn = (sides: readonly Side[]): number => sides.filter((side, place) => place > 0 && side !== sides[place - 1]).length;
