import { toItem } from '../lambdas/adapters/dynamo-lane-store.ts';
import type { Stored } from '../lib/audit/event.ts';
import { createTrail } from '../lib/audit/trail.ts';
import { itemBytes } from '../lib/local/item-size.ts';
import { fakeAuthority } from './fakes/services.ts';
import type { FakeDependencies } from './fakes.ts';

/** What a trail of its own process reads: read units as DynamoDB counts them, 4 KB of one query, rounded up; and events. `take` starts anew. */
export const metered = (deps: FakeDependencies) => {
  const read = { units: 0, events: 0 };
  const trail = createTrail({
    store: {
      insert: deps.store.insert,
      query: async (scope, range) => {
        const found = await deps.store.query(scope, range);
        read.units += Math.max(1, Math.ceil(found.reduce((sum, stored: Stored) => sum + itemBytes(toItem(stored)), 0) / 4096));
        read.events += found.length;
        return found;
      },
    },
    clock: deps.clock,
    random: deps.random,
    authority: fakeAuthority(),
    sleep: async () => undefined,
  });
  const taken = (what: keyof typeof read) => (): number => {
    const value = read[what];
    read[what] = 0;
    return value;
  };
  return { deps: { ...deps, trail }, take: taken('units'), takeEvents: taken('events') };
};
