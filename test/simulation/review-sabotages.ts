import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import type { Broken } from './sabotages.ts';
import { seeingElse, writing } from './seeing.ts';

/** Ways to break the reviews, each for one of their invariants. */

/** What the process reads of observations is something else. */
const seeing = seeingElse((range) => 'prefix' in range && range.prefix === lanes.observations);

const seeingDeployment = seeingElse((range) => 'lane' in range && range.lane === lanes.deployment);
const anHourLater = ({ event, ...stored }: Stored): Stored => ({
  ...stored,
  event: { ...event, at: new Date(Date.parse(event.at) + 3_600_000).toISOString() },
});

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
    seed: 1,
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
    seed: 8,
    sabotage: {
      deps: writing((draft) =>
        draft.type === 'gate.overdue' ? { ...draft, type: 'gate.notified', data: { entry: 'none', notice: 'overdue', people: [] } } : draft,
      ),
    },
    breaks: ['cap-asks-people'],
    on: 'reviews',
  },
  {
    name: 'a review that hides that it is late',
    seed: 3,
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
    seed: 3,
    sabotage: { deps: seeingDeployment((lane) => lane.map(anHourLater)) },
    breaks: ['reviews-run-at-once'],
    on: 'reviews',
  },
];
