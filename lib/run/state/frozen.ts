import type { PlannedT0 } from '../../audit/events/run.ts';
import { type Freeze, freezesAt } from '../../checklist/freezes.ts';
import { clockTimeAt } from '../../checklist/local-time.ts';

/** A freeze that covers the planned T0, as people see it. UTC instants, and the zone in which they were written. */
export type FreezeView = {
  readonly name: string;
  readonly reason: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  /** The same as clocks of the zone show it, without the zone. */
  readonly fromLocal: string;
  readonly toLocal: string;
  readonly overridden: boolean;
};

/** What is frozen when T0 is planned; of a run without a planned instant, what is frozen now. */
export const frozenAt = (freezes: readonly Freeze[], plannedT0: PlannedT0, now: Date): readonly FreezeView[] =>
  freezesAt(freezes, plannedT0 === 'when-released' ? now : new Date(plannedT0)).map(({ freeze: { name, reason, zone }, from, to }) => ({
    name,
    reason,
    zone,
    from: from.toISOString(),
    to: to.toISOString(),
    fromLocal: clockTimeAt(from, zone),
    toLocal: clockTimeAt(to, zone),
    overridden: false,
  }));
