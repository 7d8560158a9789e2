import { quoted } from '../../canonical-json.ts';
import { type Gate, gateOf, gateTitle } from '../../checklist/definition.ts';
import { opensDecisionAtCap } from '../../checklist/gate-graph.ts';
import { lastIncident } from '../../folds/observations.ts';
import { foldRollback, type RollbackDecision } from '../../folds/rollback.ts';
import { stopBefore } from '../state/decision-visit.ts';
import { type Entry, effectiveSettlement, entryOf, isSound } from '../state/gate-entries.ts';
import { finishedAt, type GateInputs, windowEndsAt } from '../state/gate-inputs.ts';
import { seenOfRollback } from '../state/lane-heads.ts';
import { scaledMs } from '../state/run-context.ts';

/** For how long incidents may extend a review, and what people have decided about that. Pure. */

/**
 * When incidents may extend the review no longer; null where nothing limits that. A decision to continue that was made when the cap had passed
 * answers it, whatever had opened it: from then on incidents may extend the review for as long again.
 */
export const capAt = (inputs: GateInputs, gate: Gate): Date | null => {
  const finish = finishedAt(inputs);
  if (gate.capSeconds === null || finish === undefined) return null;
  const lengthMs = capMs(inputs, gate.capSeconds);
  const first = Date.parse(finish) + lengthMs;
  if (!opensDecisionAtCap(gate)) return new Date(first);
  const answers = answersOf(inputs, gate);
  const last = foldRollback(inputs.rollback).continues.reduce((cap, one) => {
    const at = Date.parse(one.at);
    return at >= cap || answers.has(one.event) ? Math.max(at, cap) + lengthMs : cap;
  }, first);
  return new Date(last);
};

/** How long a cap lasts on this stage, in milliseconds. */
export const capMs = ({ context }: Pick<GateInputs, 'context'>, capSeconds: number): number =>
  scaledMs(capSeconds, context.started.event.data.waitScale);

/** The decisions that followed a cap, by their place in the lane: the clock of who decides may be behind that of the reconciler. */
const answersOf = ({ gates, rollback }: GateInputs, { id }: Gate): ReadonlySet<string> => {
  const { continues } = foldRollback(rollback);
  const places = new Map(rollback.map(({ event }) => [event.id, event.seq]));
  const answerTo = (seen: number): RollbackDecision | undefined => continues.find(({ event }) => (places.get(event) ?? 0) > seen);
  return new Set(
    gates.entries.flatMap((entry) => {
      const settlement = entry.gate === id ? effectiveSettlement(entry) : undefined;
      if (settlement?.settled.event.data.outcome !== 'capped' || !(settlement.delivered !== undefined || isSound(settlement))) return [];
      return answerTo(seenOfRollback(settlement.settled))?.event ?? [];
    }),
  );
};

export type Cap = {
  readonly at: Date;
  readonly reached: boolean;
  /** Why the review has not ended by then. */
  readonly reason: string;
};

/** The cap of the review; null where nothing limits it, or no incident has extended it. */
export const capOf = (inputs: GateInputs, gate: Gate): Cap | null => {
  const finish = finishedAt(inputs);
  const at = capAt(inputs, gate);
  if (at === null || finish === undefined) return null;
  const last = lastIncident(finish, inputs.observation);
  if (last === undefined) return null;
  const reached = inputs.now >= at;
  const by = at.toISOString();
  const name = quoted(last.observation, 64);
  if (!opensDecisionAtCap(gate)) {
    const reason = `not stable for long enough by ${by}, the last incident was ${name}: people decide whether to roll back or to go on`;
    return { at, reached, reason };
  }
  // An incident whose window was over when the review began has not extended it.
  const ends = windowEndsAt(inputs, gate);
  const began = inputs.gates.entries.find((entry) => entry.gate === gate.id)?.opened.event.at;
  if (ends !== undefined && began !== undefined && ends <= Date.parse(began)) return null;
  const isStable = ends !== undefined && ends <= inputs.now.getTime();
  const incident = `the last incident, ${name} (${last.kind}) of ${quoted(last.subject, 100)}, was seen at ${last.seenAt}`;
  return { at, reached, reason: `${isStable ? 'not passed' : 'not stable for long enough'} by ${by}; ${incident}` };
};

/** What a decision to continue allows after a cap: so many seconds longer, and no longer than until the deadline of the review. */
export type Extension = { readonly seconds: number; readonly until: string };

/** Null where this visit of the rollback decision was not opened by the cap of a review. */
export const extensionOf = (inputs: Pick<GateInputs, 'context' | 'gates'>, visit: Entry): Extension | null => {
  const review = entryOf(inputs.gates, visit.opened.event.data.interrupted ?? '');
  const capSeconds = gateOf(inputs.context.checklist, review?.gate ?? '')?.capSeconds ?? null;
  if (review === undefined || capSeconds === null || stopBefore(inputs.gates, visit)?.event.data.outcome !== 'capped') return null;
  return { seconds: capMs(inputs, capSeconds) / 1000, until: review.opened.event.data.due };
};

/** Why a visit of the rollback decision without a trigger asks people: after what. */
export const askedAfter = ({ context, gates }: Pick<GateInputs, 'context' | 'gates'>, visit: Pick<Entry, 'opened'>): string => {
  const title = gateTitle(context.checklist, visit.opened.event.data.interrupted ?? '');
  const stop = stopBefore(gates, visit)?.event.data;
  return stop?.outcome === 'capped' ? `the cap of ${title} (${stop.reason})` : `the rejection at ${title}`;
};
