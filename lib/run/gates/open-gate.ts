import * as z from 'zod';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import type { World } from '../../ports.ts';
import { hardStopAt } from './decide.ts';
import type { Gates } from '../state/gate-entries.ts';
import { appendTo, leadOpensAt, type RunHead, readHead, scaledMs, system } from '../state/run-context.ts';
import { lookAgain, promiseLook } from '../writing/recheck.ts';
import { finishedAt, hasPassed, readGates, stableSince } from '../state/gate-inputs.ts';

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

type OpenWorld = Pick<World, 'trail' | 'definitions' | 'clock' | 'tokens' | 'due' | 'settler'>;

const dayMs = 86_400_000;
/** Task tokens are kept this much longer than the state can wait. */
const keepTokenMs = 14 * dayMs;

/**
 * Opens a gate: stores the token, arms what the pulse must not miss, records the opening, and asks the settler to look. It never
 * answers the workflow. Called again for the same entry it changes nothing, and after a fault it goes on where it broke off: the
 * machine calls once for an entry, so whoever is called tries again.
 */
export const openGate = async (world: OpenWorld, opening: Opening): Promise<Opened> => {
  const found = await readHead(world, opening.run);
  if (found.refused) throw new Error(`cannot open gate ${opening.gate}: ${found.refused.detail}`);
  const head = found.ok;
  if (head.ended !== undefined)
    throw new Error(`cannot open gate ${opening.gate}: run ${head.run} has ended as ${head.ended.event.data.outcome}`);
  const now = world.clock.now();
  const due = new Date(now.getTime() + deadlineSeconds(head, opening.gate) * 1000);
  await world.tokens.put({
    run: opening.run,
    gate: opening.gate,
    entry: opening.entry,
    token: opening.token,
    execution: opening.execution,
    expires: new Date(due.getTime() + dayMs + keepTokenMs),
  });
  const gates = await readGates(world, head);
  const wake = await foreseeWake(world, head, opening.gate, now);
  for (const at of new Set([due.toISOString(), hardStopAt(due.toISOString()), ...(wake === null ? [] : [wake])]))
    await lookAgain(world, head.run, opening.gate, Date.parse(at));
  const look = await promiseLook(world, head.run, `${opening.gate}/${opening.entry}`);
  const { adopted } = await appendTo(world, head.opener, gates.lanes.get(lanes.gate(opening.gate)) ?? [], {
    scope: head.scope,
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
      interrupted: opening.gate === 'incident' ? interruptedGate(head, gates) : null,
    },
  });
  await world.settler.nudge(head.run, opening.gate, look.item);
  return { gate: opening.gate, adopted };
};

const deadlineSeconds = (head: RunHead, gate: string): number =>
  gateOf(head.checklist, gate)?.deadlineSeconds ?? head.checklist.incidentDeadlineSeconds;

/** The end of the gate's window as it can be foreseen at opening. */
const foreseeWake = async (world: Pick<World, 'trail'>, head: RunHead, gateId: string, now: Date): Promise<string | null> => {
  const gate = gateOf(head.checklist, gateId);
  const { plannedT0, waitScale } = head.started.event.data;
  const opens = leadOpensAt(head, gate);
  if (opens !== null) return opens > now.toISOString() ? opens : plannedT0;
  if (gate?.window == null) return null;
  const deployment = await world.trail.read(head.scope, { lane: lanes.deployment });
  const observation = gate.window.anchor === 'stable-since' ? await world.trail.read(head.scope, { lane: lanes.observation }) : [];
  const anchor = gate.window.anchor === 'stable-since' ? stableSince({ head, deployment, observation }) : finishedAt({ head, deployment });
  return anchor === undefined ? null : new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale)).toISOString();
};

/** The gate at which something went wrong: the last one entered, or the one behind it that could not be opened. */
const interruptedGate = (head: RunHead, gates: Gates): string | null => {
  const last = gates.entries.findLast((entry) => entry.gate !== 'incident');
  if (last === undefined || !hasPassed(gates, last)) return last?.gate ?? null;
  const ids = head.checklist.gates.map(({ id }) => id as string);
  return ids[ids.indexOf(last.gate) + 1] ?? last.gate;
};
