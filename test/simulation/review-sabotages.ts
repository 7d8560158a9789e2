import { isType } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import type { Dependencies } from '../../lib/ports.ts';
import type { Broken } from './sabotages.ts';
import { seeingElse } from './seeing.ts';

/** Ways to break the reviews, each for one of their invariants. */

/** What the process reads of observations is something else. */
const seeing = seeingElse((range) => 'prefix' in range && range.prefix === lanes.observations);

/** What the process appends is something else. */
const writing =
  (written: (draft: Parameters<Dependencies['trail']['append']>[0]) => object) =>
  (deps: Dependencies): Dependencies => ({
    ...deps,
    trail: {
      read: (scope, range) => deps.trail.read(scope, range),
      append: (draft, place) => deps.trail.append(written(draft as never) as typeof draft, place),
    },
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
    seed: 1,
    sabotage: {
      deps: writing((draft) =>
        draft.type === 'gate.overdue' ? { ...draft, type: 'gate.notified', data: { entry: 'none', notice: 'overdue', people: [] } } : draft,
      ),
    },
    breaks: ['cap-asks-people'],
    on: 'reviews',
  },
];
