import type { Stored } from '../../lib/audit/event.ts';
import type { Dependencies } from '../../lib/ports.ts';

export type Seen = (lane: readonly Stored[]) => readonly Stored[];
type Range = Parameters<Dependencies['trail']['read']>[1];

/** A process to which these lanes of the trail read as something else. */
export const seeingElse =
  (isSeen: (range: Range) => boolean) =>
  (seen: Seen) =>
  (deps: Dependencies): Dependencies => ({
    ...deps,
    trail: {
      append: (draft, place) => deps.trail.append(draft, place),
      read: async (scope, range) => {
        const read = await deps.trail.read(scope, range);
        return isSeen(range) ? seen(read) : read;
      },
    },
  });

/** What the process appends is something else. */
export const writing =
  (written: (draft: Parameters<Dependencies['trail']['append']>[0]) => object) =>
  (deps: Dependencies): Dependencies => ({
    ...deps,
    trail: {
      read: (scope, range) => deps.trail.read(scope, range),
      append: (draft, place) => deps.trail.append(written(draft as never) as typeof draft, place),
    },
  });
