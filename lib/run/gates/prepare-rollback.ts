import type { Draft, EventType, Stored } from '../../audit/event.ts';
import { isType } from '../../audit/event.ts';
import { rollbackStepIds } from '../../audit/events/rollback.ts';
import { lanes } from '../../audit/lane.ts';
import type { Gate } from '../../checklist/definition.ts';
import { dataStep, decisionStep, endedBy, foldRollback, isMeasured, type Rollback } from '../../folds/rollback.ts';
import { budgetsOf, tookOf } from '../../folds/rollback-budgets.ts';
import { nextOfStep, nextOfUndo, type Progress } from '../../folds/rollback-progress.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';
import { targetsOf } from '../state/targets.ts';
import { askWrites } from './ask-writes.ts';
import { claimFor } from './claim.ts';
import { claimMail } from './claim-mail.ts';
import { asMailed } from './mailing.ts';
import { prepareDrill } from './prepare-drill.ts';
import type { Reconciliation } from './reconciliation.ts';
import { askedAfter } from './review-cap.ts';
import { planOf } from './rollback-plan.ts';
import { isDecisionOpen, silenceAt } from './way-back.ts';

/** A function that was asked may have been lost with the answer of the asking; it is asked again after this time. Milliseconds. */
const askAgainMs = 20_000;
/** People are paged again about a rollback that cannot begin. Milliseconds. */
const pagedAgainMs = 600_000;
/** When a page that the pager did not take is tried again. Milliseconds. */
const pageAgainMs = 60_000;
/** More than any step needs in one reconciliation: it is skipped, or requested, or proved. */
export const turns = 6;

/** Does what a gate of the way back needs before it can be decided. Every part is an event with an id of its own and can be repeated. */
export const prepareRollback = async (deps: Reconciliation, given: GateInputs, entry: Entry, gate: Gate): Promise<GateInputs> => {
  const inputs = await recordBudgets(deps, given);
  if (gate.role === 'decision') return prepareDecision(deps, inputs, entry);
  return gate.step === null ? inputs : prepareStep(deps, inputs, entry, gate.step);
};

type RollbackEvent = Extract<EventType, `rollback.${string}`>;
type Fact = { [T in RollbackEvent]: { readonly type: T; readonly data: Extract<Draft, { type: T }>['data'] } }[RollbackEvent];

/** Records an event of the rollback; `step` is its logical step in the lane. */
export type RecordRollback = (inputs: GateInputs, step: string, fact: Fact) => Promise<GateInputs>;

/** What carrying a step on reads, and gives back with the events that it recorded. */
export type OnTheWay = Pick<GateInputs, 'context' | 'rollback' | 'now'>;

const record = async <I extends OnTheWay>(deps: Pick<Reconciliation, 'trail'>, inputs: I, step: string, fact: Fact): Promise<I> => {
  const draft = { scope: inputs.context.scope, lane: lanes.rollback, step, actor: system('reconciler'), ...fact } as Draft<RollbackEvent>;
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.rollback, draft);
  return { ...inputs, rollback: await withAppended(deps, inputs.rollback, stored as Stored) };
};

/** Pages people, and decides where the profile or silence decides. */
const prepareDecision = async (deps: Reconciliation, inputs: GateInputs, entry: Entry): Promise<GateInputs> => {
  if (!isDecisionOpen(inputs)) return inputs;
  const { triggers, round } = foldRollback(inputs.rollback);
  const decides = (how: 'silence' | 'by-itself'): Promise<GateInputs> =>
    record(deps, inputs, decisionStep(round), {
      type: 'rollback.decided',
      data: { round, decision: 'roll-back', how, by: null, reason: null },
    });
  const itself = targetsOf(deps, inputs.context)?.rollback?.decideThemselves ?? [];
  if (triggers.some(({ event: { data } }) => isMeasured(data) && itself.some((id) => id === data.trigger))) return decides('by-itself');
  const silence = silenceAt(inputs, entry);
  if (silence !== null && inputs.now >= silence) return decides('silence');
  return pageDecision(deps, inputs, entry);
};

/** Why people are paged about the decision, in the order of time. */
const pageReasons = ['opened', 'reminder', 'escalated'] as const;

/** First at once, then at the reminder, then where silence decides nothing and the budget is nearly spent. */
const pageDecision = async (deps: Reconciliation, inputs: GateInputs, entry: Entry): Promise<GateInputs> => {
  const { triggers, round } = foldRollback(inputs.rollback);
  const { budgets, remindAfterSeconds, silenceLeadSeconds } = inputs.context.checklist.rollback;
  const passed = (inputs.now.getTime() - Date.parse(triggers[0]?.event.at ?? entry.opened.event.at)) / 1000;
  const from = { opened: 0, reminder: remindAfterSeconds, escalated: budgets.decision - silenceLeadSeconds };
  const due = pageReasons.filter((one) => passed >= from[one]);
  const isPaged = (why: string): boolean =>
    inputs.rollback.some(
      (stored) => isType('rollback.paged')(stored) && stored.event.data.round === round && stored.event.data.why === why,
    );
  // Where the first look or an accepted page came late, what comes before it is not made up for: pages would go out backwards.
  const why = due.slice(pageReasons.findLastIndex(isPaged) + 1).at(-1);
  if (why === undefined) return inputs;
  const named = [...new Set(triggers.map(({ event }) => event.data.trigger))].join(' and ');
  const about = named || asMailed(deps, askedAfter(inputs, entry));
  if (why === 'escalated') deps.signal('RollbackUndecided');
  const paged = await page(
    deps,
    inputs.context,
    { opened: 'Decide', reminder: 'Still to decide', escalated: 'Nobody has decided' }[why],
    `Because of ${about}`,
  );
  if (!paged.accepted) {
    deps.retryAt(new Date(inputs.now.getTime() + pageAgainMs));
    return inputs;
  }
  return record(deps, inputs, `paged/${round}/${why}`, { type: 'rollback.paged', data: { round, why } });
};

const page = async (
  deps: Pick<Reconciliation, 'pager' | 'stage'>,
  context: RunContext,
  what: string,
  why: string,
): Promise<{ readonly accepted: boolean }> => {
  const { service, environment, version } = context.started.event.data;
  const release = `${service} ${version} in ${environment}`;
  return deps.pager.page(
    `${what}: rollback of ${release}`,
    [`${what}: rollback of ${release}.`, `${why}.`, `${deps.stage.publicUrl}/runs/${context.run}/rollback`].join('\n'),
  );
};

/** Warns at a share of a running budget, and records each breach. Nothing is ever ended by a budget. */
export const recordBudgets = async <I extends OnTheWay>(deps: Reconciliation, inputs: I): Promise<I> => {
  const { budgets, warnPct } = inputs.context.checklist.rollback;
  const { round } = foldRollback(inputs.rollback);
  let current = inputs;
  for (const { budget, since, until } of budgetsOf(inputs.rollback)) {
    const limitSeconds = budgets[budget];
    const { seconds, met } = tookOf({ since, until }, limitSeconds, inputs.now);
    const data = { budget, round, limitSeconds, since };
    const isRecorded = (type: EventType): boolean =>
      current.rollback.some(
        ({ event }) => event.type === type && 'budget' in event.data && event.data.budget === budget && event.data.since === since,
      );
    if (!met && !isRecorded('rollback.budget-breached')) {
      // The signal raises an alarm on the same topic, so that people hear of it also when this page gets lost.
      deps.signal('RollbackBudgetBreached');
      await page(deps, inputs.context, `Budget breached (${budget}, ${limitSeconds} s)`, 'Because of the time that it takes');
      current = await record(deps, current, `budget/${budget}/${since}/breached`, { type: 'rollback.budget-breached', data });
    } else if (met && until === null && seconds * 100 >= limitSeconds * warnPct && !isRecorded('rollback.budget-warned')) {
      const paged = await page(
        deps,
        inputs.context,
        `Budget nearly spent (${budget}, ${limitSeconds} s)`,
        'Because of the time that it takes',
      );
      if (!paged.accepted) {
        deps.retryAt(new Date(inputs.now.getTime() + pageAgainMs));
        continue;
      }
      current = await record(deps, current, `budget/${budget}/${since}/warned`, { type: 'rollback.budget-warned', data });
    }
  }
  return current;
};

/** Carries the step on as far as it can go without an answer from outside. */
const prepareStep = async (deps: Reconciliation, given: GateInputs, entry: Entry, step: string): Promise<GateInputs> => {
  const targets = targetsOf(deps, given.context);
  const plan = planOf(targets, step, given.rollback);
  const drill = await prepareDrill(deps, given, (inputs, id, fact) => record(deps, inputs, id, fact));
  if (drill.waits !== undefined) return drill.inputs;
  let { inputs } = drill;
  if (step === rollbackStepIds[0]) {
    const environment = await holdEnvironment(deps, inputs);
    if (!environment.held) return environment.inputs;
  }
  for (let turn = 0; turn < turns; turn += 1) {
    const rollback = foldRollback(inputs.rollback);
    const at = { now: inputs.now, openedAt: entry.opened.event.at };
    const next = endedBy(rollback) === undefined ? nextOfStep(rollback, step, plan, at) : nextOfUndo(rollback, inputs.now);
    if (next.is === 'wait' || next.is === 'ask') await askWrites(deps, inputs, { plan, targets });
    if (next.is === 'wait') await askAgain(deps, inputs, rollback, next);
    if (next.is === 'ask') await pageAsked(deps, inputs, step, next.reason);
    const carried = await carryOn(deps, inputs, step, next);
    if (carried === undefined) return inputs;
    inputs = carried;
  }
  return inputs;
};

/**
 * A newer release may run there by now: to take this one back would take that one away. Then no step is taken, people are paged, and they end
 * the rollback.
 */
const holdEnvironment = async (
  deps: Reconciliation,
  inputs: GateInputs,
): Promise<{ readonly held: boolean; readonly inputs: GateInputs }> => {
  const { steps, round } = foldRollback(inputs.rollback);
  if (steps.size > 0) return { held: true, inputs };
  const claim = await claimFor(deps, inputs.context, 'rollback');
  if (claim.held) return { held: true, inputs };
  if (await pageUntilOver(deps, inputs, 'rollback-cannot-begin', ['The rollback cannot begin', claim.reason]))
    deps.signal('RollbackUndecided');
  // What is looked at again is whether the environment is free by now.
  deps.retryAt(new Date(inputs.now.getTime() + pagedAgainMs));
  const said = { type: 'rollback.paged', data: { round, why: 'cannot-begin' } } as const;
  return { held: false, inputs: await record(deps, inputs, `paged/${round}/cannot-begin`, said) };
};

/** A step that waits for people waits while a budget runs. The pause between the pages grows. */
export const pageAsked = async (deps: Reconciliation, inputs: OnTheWay, step: string, reason: string): Promise<void> => {
  const { steps } = foldRollback(inputs.rollback);
  const tried = [...steps.values()].reduce((all, { attempts }) => all + attempts.length, 0);
  await pageUntilOver(deps, inputs, `rollback-asks/${step}/${tried}`, [`The rollback waits for people at ${step}`, reason]);
};

const pageUntilOver = async (
  deps: Reconciliation,
  inputs: OnTheWay,
  purpose: string,
  [what, about]: readonly [string, string],
): Promise<boolean> => {
  const notices = await deps.trail.read(inputs.context.scope, { lane: lanes.notice });
  if ((await claimMail(deps, inputs.context, { purpose, lane: notices })) === undefined) return false;
  await page(deps, inputs.context, what, about);
  return true;
};

/** One event further; undefined where only an answer from outside leads further. */
export const carryOn = async <I extends OnTheWay>(
  deps: Reconciliation,
  inputs: I,
  step: string,
  next: Progress,
): Promise<I | undefined> => {
  const { run } = inputs.context;
  if (next.is === 'skip')
    return record(deps, inputs, `${step}/skipped`, { type: 'rollback.step-skipped', data: { step, reason: next.reason } });
  if (next.is === 'keep-data')
    return record(deps, inputs, dataStep, {
      type: 'rollback.data-decided',
      data: { choice: 'keep', by: null, reason: null, backupAt: null },
    });
  if (next.is === 'act') {
    const { actuator } = planOf(targetsOf(deps, inputs.context), next.step, inputs.rollback);
    const attempt = { step: next.step, action: next.action, attempt: next.attempt };
    const requested = await record(deps, inputs, `${next.step}/${next.attempt}/requested`, {
      type: 'rollback.step-requested',
      data: { ...attempt, actuator },
    });
    if (actuator !== 'none' && actuator !== 'person') await deps.actuator.request(run, attempt);
    return requested;
  }
  if (next.is === 'prove') {
    const { is: _, ...proof } = next;
    const requested = await record(deps, inputs, `${next.step}/${next.attempt}/proof/${next.proof}`, {
      type: 'rollback.proof-requested',
      data: proof,
    });
    await deps.collector.request(run, { kind: 'proof', ...proof });
    return requested;
  }
  return undefined;
};

/** The event was recorded, and its writer may have died before it asked the function: the function does nothing twice. */
export const askAgain = async (
  deps: Reconciliation,
  inputs: OnTheWay,
  rollback: Rollback,
  { until }: Extract<Progress, { is: 'wait' }>,
): Promise<void> => {
  deps.retryAt(until);
  const { run } = inputs.context;
  const isOld = (at: string): boolean => inputs.now.getTime() - Date.parse(at) >= askAgainMs;
  for (const { step, attempts } of rollback.steps.values()) {
    const last = attempts.at(-1);
    if (last === undefined) continue;
    const attempt = { step, action: last.action, attempt: last.attempt };
    const proof = last.proofs.at(-1);
    if (last.answer === undefined && isOld(last.requestedAt) && last.actuator !== 'person') await deps.actuator.request(run, attempt);
    if (proof !== undefined && proof.answer === undefined && isOld(proof.requestedAt))
      await deps.collector.request(run, { kind: 'proof', proof: proof.proof, ...attempt });
  }
};
