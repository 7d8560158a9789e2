import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { itemOf } from '../../checklist/definition.ts';
import { supplyWayOf } from '../../checklist/supply-way.ts';
import type { Finding } from '../../evaluation/finding.ts';
import type { CallbackMessage } from '../../ports.ts';
import { kindOf } from '../../registry/rules.ts';
import { blockingFindings } from '../state/current-findings.ts';
import { type Entry, effectiveSettlement, type Gates } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { ofType, type RunContext, readContext, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import type { Wait } from './decide.ts';
import { headOf, recordNotice } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** Older messages are not sent: a callback that is configured today must not act on a gate of last week. Milliseconds. */
const sentWithinMs = 24 * 3_600_000;

/** `step` names the message within the run. */
type Due = Pick<CallbackMessage, 'event' | 'gate' | 'outcome' | 'blockers'> & { readonly step: string };
type Sending = { readonly context: RunContext; readonly scope: string; readonly due: readonly Due[] };

/**
 * Tells the callbacks of the service what happened to the gates: each gate that was decided, once the workflow has taken the answer, and that the open
 * one is blocked. It does so while a gate waits, which after a decision is the next gate, a moment later.
 */
export const callBack = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, decision: Wait): Promise<void> => {
  const { context, gates, now } = inputs;
  if (targetsOf(deps, context).length === 0) return;
  const due = [...decidedBefore(gates, entry, now), ...(decision.blocked ? [blocked(inputs, entry)] : [])];
  await sendAll(deps, { context, scope: context.scope, due });
};

/** Tells, once, how the run ended, behind its closing as the mails about it. */
export const callBackAtEnd = async (deps: Reconciliation, run: string): Promise<void> => {
  if (deps.callbacks === null) return;
  const found = await readContext(deps, run);
  const ended = found.ok?.ended?.event;
  if (found.ok === undefined || ended === undefined || isOld(ended.at, deps.clock.now())) return;
  const { gate, outcome } = ended.data;
  await sendAll(deps, { context: found.ok, scope: scopes.late(run), due: [{ event: 'run', gate, outcome, step: 'ended' }] });
};

const isOld = (at: string, now: Date): boolean => now.getTime() - Date.parse(at) > sentWithinMs;

const decidedBefore = ({ entries }: Gates, open: Entry, now: Date): readonly Due[] =>
  entries
    .slice(
      0,
      entries.findIndex((one) => one.opened.event.id === open.opened.event.id),
    )
    .flatMap((entry) => {
      const settlement = effectiveSettlement(entry);
      if (settlement?.delivered === undefined || isOld(settlement.delivered.event.at, now)) return [];
      const { gate, outcome } = settlement.settled.event.data;
      const step = `${gate}/${entry.opened.event.data.entry}/${outcome}`;
      return [{ event: 'gate', gate, outcome, step }];
    });

/** Again only when other checks block the gate. */
const blocked = (inputs: GateInputs, { gate, opened }: Entry): Due => {
  const blocking = blockingFindings(gate, inputs);
  const checks = blocking.map(({ check }) => check).sort();
  const step = `${gate}/${opened.event.data.entry}/blocked/${digestOf(checks).slice(0, 16)}`;
  return { event: 'gate', gate, outcome: 'blocked', step, blockers: blockersOf(inputs.context, blocking) };
};

/** A message lists so many checks: GitHub takes 64 KB at most. */
const mostListed = 50;

const blockersOf = ({ checklist }: RunContext, blocking: readonly Finding[]): CallbackMessage['blockers'] => ({
  checks: blocking.slice(0, mostListed).flatMap(({ check, verdict }) => {
    const item = itemOf(checklist, check);
    if (item === undefined) return [];
    const { way, roles } = supplyWayOf(item);
    return { gate: item.gate ?? '', check, verdict, way, evidence: item.rule === null ? null : kindOf(item.rule).evidence, roles };
  }),
  leftOut: Math.max(0, blocking.length - mostListed),
});

const targetsOf = ({ stage }: Pick<Reconciliation, 'stage'>, { started }: RunContext) => {
  const { service, environment } = started.event.data;
  return (stage.callbacks[service] ?? []).filter(({ environments }) => environments?.includes(environment) ?? true);
};

const sendAll = async (deps: Reconciliation, { context, scope, due }: Sending): Promise<void> => {
  const targets = targetsOf(deps, context).map(({ id, gates }) => ({
    id,
    wanted: due.filter(({ event, gate }) => event === 'run' || (gates?.includes(gate) ?? true)),
  }));
  if (deps.callbacks === null || targets.every(({ wanted }) => wanted.length === 0)) return;
  let lane = await deps.trail.read(scope, { lane: lanes.notice });
  for (const { id, wanted } of targets)
    for (const one of wanted) {
      const sent = await sendOne(deps, { context, scope, lane }, id, one);
      lane = sent.lane;
      // Who does not take one message now is not asked to take others: each would cost its time limit.
      if (sent.failed) break;
    }
};

type Place = { readonly context: RunContext; readonly scope: string; readonly lane: readonly Stored[] };

type Sent = { readonly lane: readonly Stored[]; readonly failed: boolean };

const sendOne = async (deps: Reconciliation, { context, scope, lane }: Place, target: string, due: Due): Promise<Sent> => {
  const notice = `callback/${target}/${due.step}`;
  const untouched = { lane, failed: false };
  if (ofType(lane, 'notice.sent').some(({ event }) => event.data.notice === notice)) return untouched;
  const first = ofType(lane, 'mail.claimed').find(({ event }) => event.data.purpose === notice);
  if (first !== undefined && isOld(first.event.at, deps.clock.now())) return untouched;
  const claimed = await claimMail(deps, context, { purpose: notice, lane, scope });
  if (claimed === undefined) return untouched;
  const { url, ...head } = headOf(deps, context);
  const { event, gate, outcome, blockers } = due;
  const message = {
    id: digestOf([context.run, notice]).slice(0, 32),
    event,
    ...head,
    commit: context.started.event.data.commit,
    gate,
    outcome,
    link: url,
    ...(blockers === undefined ? {} : { blockers }),
  };
  const answer = await deps.callbacks?.call(target, message);
  if (answer?.accepted !== true) {
    retryClaim(deps, claimed, notice);
    return { lane: claimed, failed: true };
  }
  const person = { id: `callback/${target}`, name: target, address: '', roles: [] };
  const stored = await recordNotice(deps, context, claimed, { notice, accepted: [{ person, message: message.id }], scope });
  return { lane: await withAppended(deps, claimed, stored), failed: false };
};
