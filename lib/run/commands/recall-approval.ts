import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf, gatesOf } from '../../checklist/definition.ts';
import { currentRound, foldRounds, isOpenRound, type Round, resultOf } from '../../folds/approval-rounds.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { type Entry, effectiveSettlement, entryOf, isSound, visitOf } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { recallSchema } from './inputs.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Recall = { readonly run: string; readonly gate: string; readonly action: 'recall' | 'ask-again'; readonly reason: string };

/**
 * Takes the requests of an approval back, or asks again after that. The starter of the run may do both, and operations: a recall can only
 * hold a release up, and asking again decides nothing.
 */
export const recallApproval = runCommand({
  id: 'recallApproval',
  input: recallSchema,
  callers: ['person'],
  action: ({ action, gate }: Recall) => `${action === 'recall' ? 'recall the approval' : 'ask again'} ${gate}`.slice(0, 80),
  decide: async (deps: DecideRunDependencies, context, input: Recall, caller: PersonCaller) => {
    const isStarter = caller.id === context.started.event.data.starter;
    const no = isStarter ? undefined : mayOperate(caller, 'the requests of an approval');
    if (no !== undefined) return no;
    const found = openGateOf(context, (await readGates(deps, context)).open, input.gate);
    if (found.refused !== undefined) return found;
    const { gate, entry } = found.ok;
    const lane = await deps.trail.read(context.scope, { lane: lanes.approval(gate.id) });
    const key = visitOf(entry);
    const round = currentRound(foldRounds(lane, key));
    const wrong = round === undefined ? nothingAsked(gate) : input.action === 'recall' ? notOpen(round, gate) : notRecalled(round, gate);
    if (wrong !== undefined || round === undefined) return wrong ?? nothingAsked(gate);
    const recalls = input.action === 'recall';
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.approval(gate.id),
        step: `${key}/${round.round}/${recalls ? 'recalled' : 'reopened'}`,
        type: recalls ? 'approval.recalled' : 'approval.reopened',
        actor: actorOf(caller),
        data: {
          gate: gate.id,
          entry: key,
          round: round.round,
          by: caller.id,
          reason: await deps.people.keep(context.run, input.reason),
        },
      },
      lane,
      followUp: noFollowUp,
      // The last answer may have been decided upon meanwhile: its decider reads the lane again after the settlement, this reads the settlement.
      answer: async ({ stored, adopted }) => {
        const after = entryOf(await readGates(deps, context), gate.id);
        const settlement = after === undefined ? undefined : effectiveSettlement(after);
        if (recalls && settlement?.settled.event.data.outcome === 'passed' && isSound(settlement)) return tooLate(gate);
        return ok({ event: stored.event.id, alreadyRecorded: adopted, gate: gate.id });
      },
    });
  },
});

const openGateOf = (context: RunContext, open: Entry | undefined, id: string): Outcome<{ readonly gate: Gate; readonly entry: Entry }> => {
  const gate = gateOf(context.checklist, id);
  if (gate === undefined || gate.asks.length === 0)
    return refuse('approval-unknown', 'The run has no gate of this name at which people approve.', {
      got: id.slice(0, 80),
      expected: gatesOf(context.checklist)
        .filter(({ asks }) => asks.length > 0)
        .map((one) => one.id)
        .join(' or '),
      fix: 'Name the gate as `holdpoint status` shows it.',
    });
  return open?.gate === id ? ok({ gate, entry: open }) : nothingAsked(gate);
};

const closed = (detail: string, fix: string): { readonly refused: Refusal } =>
  refuse('approval-closed', detail, { got: 'no such request', expected: 'a request that is open', fix });

const nothingAsked = ({ title }: Gate): { readonly refused: Refusal } =>
  closed(`No approval of ${title} is requested now.`, 'Read the run: it says at which gate it is waiting, and for what.');

const tooLate = ({ title }: Gate): { readonly refused: Refusal } =>
  closed(`${title} had passed before the request was recalled.`, 'Cancel the run while no deployment has started.');

/** A recall that stands already is no error: it is the same recall. */
const notOpen = (round: Round, gate: Gate): { readonly refused: Refusal } | undefined => {
  if (round.recalled !== undefined && round.reopened === undefined) return undefined;
  const isDecided = ['approved', 'rejected'].includes(resultOf(round, gate.asks).says);
  return isOpenRound(round) && !isDecided ? undefined : nothingAsked(gate);
};

const notRecalled = (round: Round, { title }: Gate): { readonly refused: Refusal } | undefined =>
  round.recalled === undefined
    ? closed(`The requests of ${title} were not recalled, so there is nothing to ask again.`, 'Read the run: it says who is asked.')
    : undefined;
