import { isType } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Gate } from '../../checklist/definition.ts';
import { currentRound, foldRounds, isOpenRound, type Round, resultOf } from '../../folds/approval-rounds.ts';
import type { Dependencies, RunSummary } from '../../ports.ts';
import { type Entry, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';

/**
 * Before T0 the newest request of a service and environment counts: a run ends its own requests when a newer run has asked for the same
 * approvals after it, so that nobody signs for a release which another one is about to replace. People can be asked again, and that stands.
 */

type Deps = Pick<Dependencies, 'trail' | 'index'>;

/** Ends the requests that are open while a newer run asks. The list of runs only says where to look; the lane of the newer run decides. */
export const giveWay = async (deps: Deps, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  const key = visitOf(entry);
  const round = currentRound(foldRounds(inputs.approval, key));
  if (round === undefined || !isOpenRound(round) || isDecided(round, gate) || isAfterT0(inputs.context, inputs.gates)) return inputs;
  const newer = await newerRequest(deps, inputs.context, gate, round);
  if (newer === undefined) return inputs;
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${key}/${round.round}/overtaken`,
    type: 'approval.overtaken',
    actor: system('reconciler'),
    data: { gate: gate.id, entry: key, round: round.round, by: newer },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};

/** Lets older runs look that wait at the same gate. Safe to repeat; one whose request is lost looks again at its next reminder. */
export const overtake = async (
  { index, reconciler }: Pick<Dependencies, 'index' | 'reconciler'>,
  { context, gates }: GateInputs,
  gate: Gate,
): Promise<void> => {
  if (isAfterT0(context, gates)) return;
  for (const other of await openRuns({ index }, context))
    if (isNewer(context, other) && other.gate === gate.id) await reconciler.request(other.run);
};

const isDecided = (round: Round, { asks }: Gate): boolean => ['approved', 'rejected'].includes(resultOf(round, asks).says);

const openRuns = ({ index }: Pick<Dependencies, 'index'>, { started }: RunContext): Promise<readonly RunSummary[]> =>
  index.open(started.event.data.service, started.event.data.environment, 'may-lag');

/** Whether the run started after the other one. */
const isNewer = ({ run, started }: RunContext, other: RunSummary): boolean =>
  other.startedAt === started.event.at ? other.run < run : other.startedAt < started.event.at;

const newerRequest = async (deps: Deps, context: RunContext, gate: Gate, round: Round): Promise<string | undefined> => {
  const asked = round.requests[0]?.event.at ?? '';
  for (const other of await openRuns(deps, context)) {
    if (other.run === context.run || isNewer(context, other)) continue;
    const lane = await deps.trail.read(scopes.run(other.run), { lane: lanes.approval(gate.id) });
    if (lane.filter(isType('approval.requested')).some(({ event }) => event.at > asked)) return other.run;
  }
  return undefined;
};
