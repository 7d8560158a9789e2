import { byLane, type Stored } from '../../audit/event.ts';
import { type LaneHead, lanes } from '../../audit/lane.ts';
import { authorLanes } from './authors.ts';
import { environmentScope } from './environment.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { RunContext } from './run-context.ts';

/** The head of a lane that was read. `scope` is absent for lanes of the run. */
type Head = LaneHead & { readonly scope?: string };

/**
 * The lane heads that the reading saw, also those of environments: what `gate.settled` says it was judged on. Lanes of the run belong here only
 * where they were read whole, because the settlement vouches for everything up to their heads (`audit/verifier.ts`).
 */
export const laneHeadsOf = (inputs: GateInputs): Head[] => {
  const seen = [
    inputs.context.own,
    ...inputs.gates.lanes.values(),
    ...inputs.checks.values(),
    // Who wrote the release is compared at T0 with what people signed.
    ...authorLanes(inputs.context.checklist).flatMap((lane) => (inputs.checks.has(lane) ? [] : [inputs.allChecks.get(lane) ?? []])),
    inputs.approval,
    inputs.deployment,
    inputs.measurement,
    inputs.notice,
    inputs.rollback,
  ];
  const own = [...seen, ...byLane(inputs.observation).values()].flatMap(headOf).sort((a, b) => (a.lane < b.lane ? -1 : 1));
  return [...own, ...environmentHeads(inputs)];
};

const headOf = (lane: readonly Stored[]): LaneHead[] => {
  const last = lane.at(-1);
  return last === undefined ? [] : [{ lane: last.event.lane, seq: last.event.seq, head: last.hash }];
};

/** Rehearsals stand in every environment of the service, its profiles in its own scope. */
const environmentHeads = ({ live, environment, holding, profile }: GateInputs): Head[] => {
  const read = new Map(
    [...(live ?? []), ...(environment ?? []), ...(holding?.lane ?? []), ...(profile ?? [])].map((stored) => [stored.event.id, stored]),
  );
  const scopes = [...new Set([...read.values()].map(({ event }) => event.scope))].sort();
  return scopes.flatMap((scope) => {
    const own = byLane([...read.values()].filter(({ event }) => event.scope === scope));
    return [...own.values()].flatMap(headOf).map((head) => ({ ...head, scope }));
  });
};

/** How far a settlement had read what was live; 0 where nothing was. */
export const seenLive = (context: RunContext, { event }: Stored<'gate.settled'>): number =>
  event.data.judgedOn.find(({ scope, lane }) => scope === environmentScope(context) && lane === lanes.live)?.seq ?? 0;

/** How far a settlement had read the way back of its run; 0 where nothing of it was recorded. */
export const seenOfRollback = (settled: Pick<Stored<'gate.settled'>, 'event'>): number => seenOfRun(settled).get(lanes.rollback) ?? 0;

/** How far a settlement had read the lanes of the run. */
export const seenOfRun = ({ event }: Pick<Stored<'gate.settled'>, 'event'>): ReadonlyMap<string, number> =>
  new Map(event.data.judgedOn.flatMap(({ lane, seq, scope }) => (scope === undefined ? [[lane, seq] as const] : [])));
