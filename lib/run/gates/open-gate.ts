import * as z from 'zod';
import { lanes, scopes } from '../../audit/lane.ts';
import { gateOf, incidentId } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates, visitOf } from '../state/gate-entries.ts';
import { hasPassed, readGates } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, readContext, system } from '../state/run-context.ts';
import { dueOfOpening } from '../state/t0.ts';
import { storeRecheck } from '../writing/recheck.ts';

/** What the state machine hands to the opener. */
export const openingSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.string(),
  gate: z.string(),
  /** `$$.State.EnteredTime`: entering the state again is another entry. */
  entry: z.string().min(1),
  token: z.string().min(1).max(2048),
  execution: z.string(),
  graph: z.string(),
});
export type Opening = z.infer<typeof openingSchema>;

export type Opened = { readonly gate: string; readonly adopted: boolean };

type OpenerDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'tokens' | 'due' | 'reconciler'>;

const dayMs = 86_400_000;
/** Task tokens are kept this much longer than the state can wait. */
const keepTokenMs = 14 * dayMs;

/**
 * Opens a gate: stores the token and a recheck, records the opening and requests a reconciliation. It never answers the workflow. For the
 * same entry it can be repeated: it changes nothing twice and completes what a crash left undone. The state machine calls it once per
 * entry, so the caller retries.
 */
export const openGate = async (deps: OpenerDependencies, opening: Opening): Promise<Opened> => {
  // The gates first: their last answer vouches for the run's own lane, about which KMS need not be asked then.
  const gates = await readGates(deps, { scope: scopes.run(opening.run) });
  const found = await readContext(deps, opening.run);
  if (found.refused) throw new Error(`cannot open gate ${opening.gate}: ${found.refused.detail}`);
  const context = found.ok;
  if (context.ended !== undefined)
    throw new Error(`cannot open gate ${opening.gate}: run ${context.run} has ended as ${context.ended.event.data.outcome}`);
  const interrupted = interruptedVisit(gates, opening.gate);
  const due = new Date(interrupted?.opened.event.data.due ?? deps.clock.now().getTime() + deadlineSeconds(context, opening.gate) * 1000);
  await deps.tokens.put({
    run: opening.run,
    gate: opening.gate,
    entry: opening.entry,
    token: opening.token,
    execution: opening.execution,
    expires: new Date(deps.clock.now().getTime() + deadlineSeconds(context, opening.gate) * 1000 + dayMs + keepTokenMs),
  });
  // The reconciliation that this recheck guarantees stores the gate's first deadline.
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
      due: interrupted === undefined ? dueOfOpening(context, gates, { gate: opening.gate, due: due.toISOString() }) : due.toISOString(),
      interrupted: interruptedBy(context, gates, opening.gate),
      ...(interrupted === undefined ? {} : { continues: visitOf(interrupted) }),
    },
  });
  await deps.reconciler.request(context.run, recheck.item);
  return { gate: opening.gate, adopted };
};

const deadlineSeconds = (context: RunContext, gate: string): number =>
  (gateOf(context.checklist, gate) ?? context.checklist.incident).deadlineSeconds;

/** Of the gates from which a person may send the run back to where it was: that gate. The rollback decision interrupts no gate of the way back. */
const interruptedBy = (context: RunContext, gates: Gates, gate: string): string | null => {
  const isDecision = ({ gate: id }: Pick<Entry, 'gate'>): boolean => gateOf(context.checklist, id)?.role === 'decision';
  if (gate === incidentId)
    return interruptedGate(
      context,
      gates.entries.filter((entry) => entry.gate !== incidentId),
      gates,
    );
  if (!isDecision({ gate })) return null;
  return interruptedGate(
    context,
    gates.entries.filter((entry) => entry.gate !== incidentId && !isDecision(entry)),
    gates,
  );
};

/**
 * The visit that a rollback decision interrupted and that goes on now, with its deadline and its approvals. A visit that people rejected does
 * not go on: they are asked again.
 */
const interruptedVisit = (gates: Gates, gate: string): Entry | undefined => {
  const last = gates.entries.at(-1);
  const settled = last === undefined ? undefined : effectiveSettlement(last)?.settled.event.data;
  if (settled?.outcome !== 'continued' || settled.resume !== gate) return undefined;
  const visit = entryOf(gates, gate);
  const outcome = visit === undefined ? undefined : effectiveSettlement(visit)?.settled.event.data.outcome;
  return outcome === 'triggered' || outcome === 'capped' ? visit : undefined;
};

/** The gate at which something went wrong: the last one entered, or the one to which its answer led when that could not be opened. */
const interruptedGate = ({ checklist }: RunContext, entries: readonly Entry[], gates: Gates): string | null => {
  const last = entries.at(-1);
  if (last === undefined) return null;
  const settled = effectiveSettlement(last)?.settled.event.data;
  if (settled?.outcome === 'continued') return settled.resume;
  if (!hasPassed(gates, last)) return last.gate;
  const path = [checklist.gates, checklist.rollback.gates].find((one) => one.some(({ id }) => id === last.gate)) ?? [];
  const ids = path.map(({ id }) => id as string);
  return ids[ids.indexOf(last.gate) + 1] ?? last.gate;
};
