import type { Draft, EventType } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { gateOf } from '../../lib/checklist/definition.ts';
import { foldRollback, type Rollback } from '../../lib/folds/rollback.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Dependencies } from '../../lib/ports.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import type { Entry } from '../../lib/run/state/gate-entries.ts';
import { isAfterT0, readGates } from '../../lib/run/state/gate-inputs.ts';
import { actorOf, type RunContext, readContext, system } from '../../lib/run/state/run-context.ts';
import { appendToRun, noFollowUp } from '../../lib/run/writing/append.ts';

/**
 * What people say on the way back, appended as the people function does. The commands of `lib/run/commands` have the same form, so that this
 * file can become their imports.
 */
type Said = Promise<Outcome<{ readonly event: string }>>;
type DecideRollback = { readonly run: string; readonly decision: 'roll-back' | 'continue'; readonly reason: string };
type HandleStep = {
  readonly run: string;
  readonly step: string;
  readonly choice: 'retry' | 'by-hand' | 'end';
  readonly reason: string;
  readonly evidence: readonly string[];
  readonly request: string;
};
type DecideData = { readonly run: string; readonly choice: 'restore' | 'keep'; readonly reason: string };
type RollbackType = Extract<EventType, `rollback.${string}`>;
type About = { readonly context: RunContext; readonly entry: Entry | undefined; readonly rollback: Rollback };

const no = (detail: string): { readonly refused: Refusal } =>
  refuse('run-ended', detail, { got: detail, expected: 'a run that waits for this', fix: 'Read the run.' });

const about = async (deps: Dependencies, run: string): Promise<Outcome<About>> => {
  const found = await readContext(deps, run);
  if (found.refused) return found;
  if (found.ok.ended !== undefined) return no('the run has ended');
  const gates = await readGates(deps, found.ok);
  const lane = await deps.trail.read(found.ok.scope, { lane: lanes.rollback });
  return ok({ context: found.ok, entry: gates.open, rollback: foldRollback(lane) });
};

const say = async (deps: Dependencies, { context, rollback }: About, draft: Omit<Draft<RollbackType>, 'scope' | 'lane'>): Said => {
  const whole = { scope: context.scope, lane: lanes.rollback, ...draft } as Draft<RollbackType>;
  const { stored } = await appendToRun(deps, context, { draft: whole, lane: rollback.lane, followUp: noFollowUp });
  return ok({ event: stored.event.id });
};

export const decideRollback = async (deps: Dependencies, input: DecideRollback, caller: PersonCaller): Said => {
  const found = await about(deps, input.run);
  if (found.refused) return found;
  const { context, entry, rollback } = found.ok;
  if (gateOf(context.checklist, entry?.gate ?? '')?.role !== 'decision') return no('no decision is open');
  if (rollback.decision !== undefined) return no('the rollback is decided');
  const reason = await deps.people.keep(input.run, input.reason);
  return say(deps, found.ok, {
    step: `decided/${rollback.round}/${caller.id}`,
    type: 'rollback.decided',
    actor: actorOf(caller),
    data: { round: rollback.round, decision: input.decision, how: 'person', by: caller.id, reason },
  });
};

export const handleStep = async (deps: Dependencies, input: HandleStep, caller: PersonCaller): Said => {
  const found = await about(deps, input.run);
  if (found.refused) return found;
  const { context, entry } = found.ok;
  const gate = gateOf(context.checklist, entry?.gate ?? '');
  if (gate?.role !== 'step' && gate?.role !== 'verification') return no('no step is open');
  const reason = await deps.people.keep(input.run, input.reason);
  return say(deps, found.ok, {
    step: `handled/${input.step}/${input.request}`,
    type: 'rollback.step-handled',
    actor: actorOf(caller),
    data: { step: input.step, choice: input.choice, by: caller.id, reason, evidence: [...input.evidence] },
  });
};

export const decideData = async (deps: Dependencies, input: DecideData, caller: PersonCaller): Said => {
  const found = await about(deps, input.run);
  if (found.refused) return found;
  const { entry, rollback } = found.ok;
  if (entry?.gate !== 'restore-database' || rollback.data !== undefined) return no('nobody asks about data');
  const reason = await deps.people.keep(input.run, input.reason);
  return say(deps, found.ok, {
    step: 'data/decided',
    type: 'rollback.data-decided',
    actor: actorOf(caller),
    data: { choice: input.choice, by: caller.id, reason, backupAt: deps.clock.now().toISOString() },
  });
};

/** What the reconciler records when it has measured a trigger. */
export const measureTrigger = async (
  deps: Dependencies,
  input: { readonly run: string; readonly trigger: string; readonly detail: string },
): Said => {
  const found = await about(deps, input.run);
  if (found.refused) return found;
  const { context } = found.ok;
  if (!isAfterT0(context, await readGates(deps, context))) return no('T0 has not come');
  return say(deps, found.ok, {
    step: `measured/${input.trigger}/${input.detail}`,
    type: 'rollback.triggered',
    actor: system('reconciler'),
    data: { trigger: input.trigger, by: null, reason: null, detail: input.detail, evidence: [], decides: false },
  });
};
