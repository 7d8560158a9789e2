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
import { type RunContext, readContext } from '../state/run-context.ts';
import type { Wait } from './decide.ts';
import { headOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { isOld, type Message, sendOnce } from './send-once.ts';

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

/** Older messages are not sent: a callback that is configured today must not act on a gate of last week. */
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
      const sent = await sendOnce(deps, { context, scope, lane }, messageOf(deps, context, id, one));
      lane = sent.lane;
      // Who does not take one message now is not asked to take others: each would cost its time limit.
      if (sent.failed) break;
    }
};

const messageOf = (deps: Reconciliation, context: RunContext, target: string, { event, gate, outcome, blockers, step }: Due): Message => {
  const { url, ...head } = headOf(deps, context);
  const { commit } = context.started.event.data;
  const notice = `callback/${target}/${step}`;
  return {
    notice,
    to: `callback/${target}`,
    send: async (id) => {
      const answer = await deps.callbacks?.call(target, {
        id,
        event,
        ...head,
        commit,
        gate,
        outcome,
        link: url,
        ...(blockers && { blockers }),
      });
      return answer?.accepted === true ? notice : undefined;
    },
  };
};
