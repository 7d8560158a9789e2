import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import type { Dependencies } from '../../lib/ports.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import type { Broken } from './sabotages.ts';
import { seeingElse, writing } from './seeing.ts';

/** Ways to break the reviews, each for one of their invariants. */

/** What the process reads of observations is something else. */
const seeing = seeingElse((range) => 'prefix' in range && range.prefix === lanes.observations);

const seeingDeployment = seeingElse((range) => 'lane' in range && range.lane === lanes.deployment);
const later = ({ event, ...stored }: Stored, hours: number): Stored => ({
  ...stored,
  event: { ...event, at: new Date(Date.parse(event.at) + hours * 3_600_000).toISOString() },
});

/** While the run stands at a review, the process sees no decision about a rollback. */
const forgettingAnswers = (deps: Dependencies): Dependencies => {
  let isAtReview = false;
  return {
    ...deps,
    trail: {
      ...deps.trail,
      read: async (scope, range) => {
        const lane = await deps.trail.read(scope, range);
        if ('prefix' in range && range.prefix === lanes.gates) isAtReview = foldGates(lane).open?.gate === 'review-48h';
        const isHidden = isAtReview && 'lane' in range && range.lane === lanes.rollback;
        return isHidden ? lane.filter((stored) => !isType('rollback.decided')(stored)) : lane;
      },
    },
  };
};

let copies = 0;

export const reviewSabotages: readonly Broken[] = [
  {
    name: 'a review that counts no incident',
    seed: 1,
    sabotage: { deps: seeing((lane) => lane.filter((stored) => !isType('observation.recorded')(stored) || !stored.event.data.bad)) },
    breaks: ['reviews-wait'],
    on: 'reviews',
  },
  {
    name: 'a table that records a second delivery as another observation',
    seed: 4,
    sabotage: {
      deps: writing((draft) => {
        copies += 1;
        return draft.type === 'observation.recorded' ? { ...draft, step: `${draft.step}/${copies}` } : draft;
      }),
    },
    breaks: ['reviews-wait'],
    on: 'reviews',
  },
  {
    name: 'a cap of which nobody is told',
    seed: 5,
    sabotage: {
      deps: writing((draft) =>
        draft.type === 'gate.overdue' ? { ...draft, type: 'gate.notified', data: { entry: 'none', notice: 'overdue', people: [] } } : draft,
      ),
    },
    breaks: ['cap-asks-people'],
    on: 'reviews',
  },
  {
    name: 'a cap at which nobody decides',
    seed: 4,
    sabotage: {
      deps: seeingDeployment((lane) => lane.map((stored) => (isType('deployment.finished')(stored) ? later(stored, 5) : stored))),
    },
    breaks: ['cap-asks-people'],
    on: 'capped',
  },
  {
    name: 'a cap that comes too early',
    seed: 2,
    sabotage: {
      deps: seeingDeployment((lane) => lane.map((stored) => (isType('deployment.finished')(stored) ? later(stored, -5) : stored))),
    },
    breaks: ['cap-asks-once'],
    on: 'capped',
  },
  {
    name: 'a review that forgets that people have answered its cap',
    seed: 37,
    sabotage: { deps: forgettingAnswers },
    breaks: ['cap-asks-once'],
    on: 'capped',
  },
  {
    name: 'a review that hides that it is late',
    seed: 4,
    sabotage: {
      deps: writing((draft) =>
        draft.type === 'gate.settled'
          ? { ...draft, data: { ...draft.data, reason: draft.data.reason.replace(/; the window ended.*/, '') } }
          : draft,
      ),
    },
    breaks: ['late-reviews-say-so'],
    on: 'reviews',
  },
  {
    name: 'a review that waits for an hour longer than its window',
    seed: 14,
    sabotage: { deps: seeingDeployment((lane) => lane.map((stored) => later(stored, 1))) },
    breaks: ['reviews-run-at-once'],
    on: 'reviews',
  },
];
