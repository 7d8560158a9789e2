import type { Actor } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { decisionOf, decisionStep, foldRollback, type RollbackDecision } from '../../folds/rollback.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { signerRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { isDecisionAsked } from '../state/decision-visit.ts';
import { decidingDeputies } from '../state/deputies.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate, needsRole, notStarter, staleSignIn } from './authorize.ts';
import { append, runCommand, type Step } from './command.ts';
import { rollbackDecisionSchema } from './inputs.ts';
import { decisionWords } from './rollback-round.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Decision = { readonly run: string; readonly decision: 'roll-back' | 'continue'; readonly reason: string };
type Decided = { readonly event: string; readonly decision: string; readonly alreadyRecorded: boolean };

type Deciding = DecideRunDependencies & Pick<Dependencies, 'roster'>;

/**
 * Decides the open round of the rollback: the first decision counts. To roll back takes any operating role and no new sign-in, because it is
 * the safe direction. To continue takes a signer who has just signed in and did not start the run.
 * A dated deputy of the operations lead decides in their stead, unless they started the run; both names are kept.
 */
export const decideRollback = runCommand({
  id: 'decideRollback',
  input: rollbackDecisionSchema,
  callers: ['person'],
  action: ({ decision }: Decision) => `rollback ${decision}`,
  decide: async (deps: Deciding, context, input: Decision, caller: PersonCaller) => {
    const own = input.decision === 'roll-back' ? mayOperate(caller, 'a rollback') : needsRole(caller, signerRoles, goingOn);
    const principal = own === undefined ? undefined : principalOf(deps, context, caller);
    const no =
      (principal === undefined ? own : undefined) ??
      (input.decision === 'roll-back' ? undefined : mayContinue(context, caller, deps.clock.now()));
    return no ?? decideAs(deps, context, input, { actor: actorOf(caller), by: caller.id, for: principal });
  },
});

/** Who says it, once it is known that they may. `for`: of a deputy, the person in whose stead they decide. */
export type Speaker = { readonly actor: Actor; readonly by: string; readonly for?: string | undefined };

/** Decides the open round as somebody who may. */
export const decideAs = async (
  deps: DecideRunDependencies,
  context: RunContext,
  input: Decision,
  speaker: Speaker,
): Promise<Outcome<Step<Decided>>> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const { round, triggers, decision, continues } = foldRollback(lane);
  const isAsked = triggers.length > 0 || isDecisionAsked(context.checklist, await readGates(deps, context), lane);
  const before = decision ?? (isAsked ? undefined : continues.at(-1));
  if (before !== undefined) return settled(before, input, speaker);
  if (!isAsked)
    return refuse('rollback-not-open', 'No rollback trigger waits for a decision.', {
      got: input.decision,
      expected: 'a run with a rollback trigger that nobody has decided',
      fix: 'Read the run. `holdpoint rollback RUN --trigger … --reason …` declares a trigger.',
    });
  return append({
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: decisionStep(round),
      type: 'rollback.decided',
      actor: speaker.actor,
      data: {
        round,
        decision: input.decision,
        how: 'person',
        by: speaker.by,
        ...(speaker.for === undefined ? {} : { for: speaker.for }),
        reason: await deps.people.keep(context.run, input.reason),
      },
    },
    lane,
    followUp: noFollowUp,
    answer: async ({ stored, adopted }): Promise<Outcome<Decided>> => {
      const { by, decision } = stored.event.data;
      if (by !== speaker.by || decision !== input.decision) return alreadyDecided(input.decision, decisionWords(decisionOf(stored)));
      // A trigger whose declarer decided may have come between the reading and the append.
      const now = await deps.trail.read(context.scope, { lane: lanes.rollback });
      const before = foldRollback(now.filter(({ event }) => event.seq < stored.event.seq)).decision;
      if (before !== undefined && decision === 'continue') return alreadyDecided(decision, decisionWords(before));
      return ok({ event: stored.event.id, decision, alreadyRecorded: adopted });
    },
  });
};

const mayContinue = (context: RunContext, caller: PersonCaller, now: Date): { readonly refused: Refusal } | undefined =>
  notStarter(context, caller, 'decide to continue') ?? staleSignIn(caller, now);

const goingOn = 'going on in spite of a rollback trigger';

/** The operations lead for whom the person decides now, as the roster says. */
const principalOf = ({ roster, clock }: Deciding, { started }: RunContext, caller: PersonCaller): string | undefined =>
  decidingDeputies(roster, { starter: started.event.data.starter, now: clock.now() }).find(({ deputy }) => deputy.id === caller.id)
    ?.principal.id;

/** Saying again what was decided is no error, when it is the person who decided. */
const settled = (before: RollbackDecision, { decision }: Decision, { by }: Speaker): Outcome<Step<Decided>> => {
  if (before.decision !== decision || before.by !== by) return alreadyDecided(decision, decisionWords(before));
  return ok(async () => ok({ event: before.event, decision, alreadyRecorded: true }));
};

const alreadyDecided = (got: string, expected: string): { readonly refused: Refusal } =>
  refuse('rollback-decided', 'The rollback is decided already. The first decision counts.', {
    got,
    expected,
    fix: 'Read the run. A new trigger opens a new decision when the run was continued.',
  });
