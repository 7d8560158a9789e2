import * as z from 'zod';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import type { Gates } from '../state/gate-entries.ts';
import { finishedAt, hasPassed, readGates, stableSince } from '../state/gate-inputs.ts';
import { appendToLane, leadOpensAt, type RunContext, readContext, scaledMs, system } from '../state/run-context.ts';
import { scheduleRecheck, storeRecheck } from '../writing/recheck.ts';
import { hardStopAt } from './decide.ts';

/** What the state machine hands to the opener. */
export const openingSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.string(),
  gate: z.string(),
  /** `$$.State.EnteredTime`: a re-entry is another entry. */
  entry: z.string().min(1),
  token: z.string().min(1).max(2048),
  execution: z.string(),
  graph: z.string(),
});
export type Opening = z.infer<typeof openingSchema>;

export type Opened = { readonly gate: string; readonly adopted: boolean };

type OpenWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'tokens' | 'due' | 'reconciler'>;

const dayMs = 86_400_000;
/** Task tokens are kept this much longer than the state can wait. */
const keepTokenMs = 14 * dayMs;

/**
 * Opens a gate: stores the token, arms what the sweep must not miss, records the opening, and asks the reconciler to look. It never
 * answers the workflow. Called again for the same entry it changes nothing, and after a fault it goes on where it broke off: the
 * machine calls once for an entry, so whoever is called tries again.
 */
export const openGate = async (deps: OpenWorld, opening: Opening): Promise<Opened> => {
  const found = await readContext(deps, opening.run);
  if (found.refused) throw new Error(`cannot open gate ${opening.gate}: ${found.refused.detail}`);
  const context = found.ok;
  if (context.ended !== undefined)
    throw new Error(`cannot open gate ${opening.gate}: run ${context.run} has ended as ${context.ended.event.data.outcome}`);
  const now = deps.clock.now();
  const due = new Date(now.getTime() + deadlineSeconds(context, opening.gate) * 1000);
  await deps.tokens.put({
    run: opening.run,
    gate: opening.gate,
    entry: opening.entry,
    token: opening.token,
    execution: opening.execution,
    expires: new Date(due.getTime() + dayMs + keepTokenMs),
  });
  const gates = await readGates(deps, context);
  const wake = await foreseeWake(deps, context, opening.gate, now);
  for (const at of new Set([due.toISOString(), hardStopAt(due.toISOString()), ...(wake === null ? [] : [wake])]))
    await scheduleRecheck(deps, context.run, opening.gate, Date.parse(at));
  const recheck = await storeRecheck(deps, context.run, `${opening.gate}/${opening.entry}`);
  const { adopted } = await appendToLane(deps, context.parentHash, gates.lanes.get(lanes.gate(opening.gate)) ?? [], {
    scope: context.scope,
    lane: lanes.gate(opening.gate),
    step: `${opening.entry}/opened`,
    type: 'gate.opened',
    actor: system('opener'),
    data: {
      gate: opening.gate,
      entry: opening.entry,
      graph: opening.graph,
      due: due.toISOString(),
      wake,
      interrupted: opening.gate === 'incident' ? interruptedGate(context, gates) : null,
    },
  });
  await deps.reconciler.request(context.run, opening.gate, recheck.item);
  return { gate: opening.gate, adopted };
};

const deadlineSeconds = (context: RunContext, gate: string): number =>
  (gateOf(context.checklist, gate) ?? context.checklist.incident).deadlineSeconds;

/** The end of the gate's window as it can be foreseen at opening. */
const foreseeWake = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, gateId: string, now: Date): Promise<string | null> => {
  const gate = gateOf(context.checklist, gateId);
  const { plannedT0, waitScale } = context.started.event.data;
  const opens = leadOpensAt(context, gate);
  if (opens !== null) return opens > now.toISOString() ? opens : plannedT0;
  if (gate?.window == null) return null;
  const deployment = await deps.trail.read(context.scope, { lane: lanes.deployment });
  const observation = gate.window.anchor === 'stable-since' ? await deps.trail.read(context.scope, { lane: lanes.observation }) : [];
  const anchor =
    gate.window.anchor === 'stable-since' ? stableSince({ context, deployment, observation }) : finishedAt({ context, deployment });
  return anchor === undefined ? null : new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale)).toISOString();
};

/** The gate at which something went wrong: the last one entered, or the one behind it that could not be opened. */
const interruptedGate = (context: RunContext, gates: Gates): string | null => {
  const last = gates.entries.findLast((entry) => entry.gate !== 'incident');
  if (last === undefined || !hasPassed(gates, last)) return last?.gate ?? null;
  const ids = context.checklist.gates.map(({ id }) => id as string);
  return ids[ids.indexOf(last.gate) + 1] ?? last.gate;
};
