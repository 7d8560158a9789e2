import type { DataOf, Draft, Stored } from '../../audit/event.ts';
import { type End, endSchema } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { isClosed } from '../../audit/verify-lane.ts';
import { gateOfRole, incidentId } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { type Entry, endOf, type Gates, isDelivered } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { appendThere, appendToLane, type RunContext, system } from '../state/run-context.ts';
import { readingOf, updateSummary } from '../state/run-summary.ts';
import type { NotYet } from './close-run.ts';
import { closeRun } from './closing.ts';
import { passedGate } from './keep-environment.ts';
import type { Reconciliation } from './reconciliation.ts';

type How = 'sent' | 'closed-already' | 'execution-over';

/** The only error for which the state machine takes its rollback edge. */
export const rollbackTriggered = 'Rollback.Triggered';

/** The answer that the workflow took: the settlement that it was, what it leads to, and why a run whose path has ended cannot end yet. */
export type Delivery = {
  readonly settled: Stored<'gate.settled'>;
  readonly how: How;
  readonly end: End | null;
  readonly notYet: NotYet;
};

/** What is sent, of which entry, and what was read before. */
export type Sending = {
  readonly entry: Entry;
  readonly settled: Stored<'gate.settled'>;
  readonly gates: Gates;
  /** When `gates` was read. */
  readonly asOf: Date;
};

/**
 * Sends the workflow the answer of a settle event, and records what the workflow took. A closed token (a lost answer, a second reconciler, a
 * fired hard stop) is not a fault: what happened is asked of the execution. It stays `unsure`, and nothing is recorded, while the execution
 * runs and the answer would end the run, or another settlement may have been sent before: the execution is about to end, or enters another
 * gate, and the next reconciliation finds out.
 */
export const sendTaskResult = async (deps: Reconciliation, context: RunContext, sending: Sending): Promise<Delivery | 'unsure'> => {
  const { entry, settled, gates, asOf } = sending;
  const { gate, outcome, resume, reason } = settled.event.data;
  const key = entry.opened.event.data.entry;
  const token = await deps.tokens.get(context.run, gate, key);
  if (token === undefined)
    throw new Error(
      `no task token for gate ${gate} of run ${context.run}: it is stored before the gate opens, so the tokens table has lost it`,
    );
  const sent =
    outcome === 'triggered'
      ? await deps.workflow.fail(token.token, rollbackTriggered, reason)
      : await deps.workflow.succeed(token.token, { run: context.run, outcome, resume: resume ?? '' });
  // Somebody who stood still since the reading may find here that another answer went out: what is known now counts.
  const seen = sent === 'sent' ? sending : await readAgain(deps, context, sending);
  const taken: Taken | undefined =
    sent === 'sent' ? { settled, how: 'sent' } : seen && answerTaken(context, seen, await deps.workflow.describe(token.execution));
  if (taken === undefined || seen === undefined) return 'unsure';
  const { settlement } = taken.settled.event.data;
  await passedGate(deps, context, taken.settled.event.data);
  const draft = {
    scope: context.scope,
    lane: lanes.gate(gate),
    step: `${key}/delivered/${settlement}`,
    type: 'gate.delivered',
    actor: system('reconciler'),
    data: {
      gate,
      entry: key,
      settlement,
      how: taken.how,
      settled: taken.settled.hash,
      ...(taken.end === undefined ? {} : { end: taken.end }),
    },
  } as const;
  const stored =
    sent === 'sent' ? await recordSent(deps, context, sending, draft) : await recordFound(deps, context, seen.entry.lane, draft);
  if (stored === undefined) return 'unsure';
  const end = endOf({ settled: taken.settled, regressions: [], delivered: stored });
  const isLast = nextOf(seen.gates, entry) === undefined;
  if (isLast && end === null) await updateSummary(deps, context, { gate }, readingOf(gates, asOf));
  const notYet = isLast && end !== null ? await closeRun(deps, context, end, gate) : undefined;
  return { settled: taken.settled, how: stored.event.data.how, end, notYet };
};

type DeliveredDraft = Draft<'gate.delivered'>;

const recordSent = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  { entry, settled }: Sending,
  draft: DeliveredDraft,
): Promise<Stored<'gate.delivered'>> => {
  const known = [...entry.lane.filter((one) => one.event.seq < settled.event.seq), settled];
  return (await appendToLane(deps, context.parentHash, known, draft)).stored;
};

/** What was found out is recorded only where nobody has written since: another one may have found it out, too. */
const recordFound = async (
  deps: Pick<Dependencies, 'trail'>,
  { parentHash }: RunContext,
  lane: readonly Stored[],
  draft: DeliveredDraft,
): Promise<Stored<'gate.delivered'> | undefined> => {
  const last = lane.at(-1);
  return last !== undefined && isClosed(last) ? undefined : appendThere(deps, parentHash, last, draft);
};

/** The same entry as it stands now; undefined where its answer is recorded already. */
const readAgain = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, sending: Sending): Promise<Sending | undefined> => {
  const gates = await readGates(deps, context);
  const entry = gates.entries.find(({ opened }) => opened.event.id === sending.entry.opened.event.id);
  return entry === undefined || isDelivered(entry) ? undefined : { ...sending, gates, entry };
};

export const nextOf = ({ entries }: Gates, { opened }: Entry): Entry | undefined =>
  entries[entries.findIndex((one) => one.opened.event.id === opened.event.id) + 1];

/** `end`: how the execution ended, where no settlement of the gate says so. */
type Taken = { readonly settled: Stored<'gate.settled'>; readonly how: How; readonly end?: End };

/** What the closed token was answered with, as far as the execution shows it. */
const answerTaken = (
  context: RunContext,
  { entry, settled, gates }: Sending,
  { running, end: reached }: { readonly running: boolean; readonly end?: string | undefined },
): Taken | undefined => {
  const next = nextOf(gates, entry);
  const all = [settled, ...entry.settlements.map((one) => one.settled).toReversed()];
  const how = running ? 'closed-already' : 'execution-over';
  if (next !== undefined) return { settled: all.find((one) => leadsTo(context, one.event.data, next.gate)) ?? settled, how };
  if (running) {
    const isAlone = all.every(({ event }) => event.data.outcome === settled.event.data.outcome);
    return isAlone && settled.event.data.end === null ? { settled, how } : undefined;
  }
  const end = endReached(reached);
  // Stopped from outside, timed out, or forgotten: nobody took an answer that we know of, so that no end of ours was reached.
  if (end === undefined) return { settled, how, end: 'incident' };
  const found = all.find(({ event }) => event.data.end === end);
  if (found === undefined) return { settled, how, end };
  return { settled: found, how: found === settled ? how : 'closed-already' };
};

/**
 * A pass leads to a later gate of its path, a return to an earlier one, a resumption and a decision to continue to the gate that they name, a
 * trigger, a cap and a rejection that does not end the run to the rollback decision.
 */
const leadsTo = ({ checklist }: RunContext, { gate, outcome, end, resume }: DataOf<'gate.settled'>, next: string): boolean => {
  if (next === incidentId) return false;
  const ids: readonly string[] = [...checklist.gates, ...checklist.rollback.gates].map(({ id }) => id);
  const isBack = ids.indexOf(next) <= ids.indexOf(gate);
  if (outcome === 'passed' || outcome === 'continued') return resume === null ? !isBack : resume === next;
  if (outcome === 'returned') return isBack;
  return (
    next === gateOfRole(checklist, 'decision')?.id &&
    (outcome === 'triggered' || outcome === 'capped' || (outcome === 'rejected' && end === null))
  );
};

const endReached = (reached: string | undefined): End | undefined => {
  const end = endSchema.safeParse(reached === 'succeeded' ? 'production-stable' : reached);
  return end.success ? end.data : undefined;
};
