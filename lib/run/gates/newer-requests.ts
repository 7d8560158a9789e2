import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Gate } from '../../checklist/definition.ts';
import { currentRound, foldRounds, type Round, resultOf } from '../../folds/approval-rounds.ts';
import type { Dependencies, RunSummary } from '../../ports.ts';
import { type Entry, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';

/**
 * Before T0 the newest request of a service and environment counts: a run ends its own requests when a newer run has asked for the same
 * approvals after it, so that nobody signs for a release which another one is about to replace. What people have asked again stands.
 */

type Deps = Pick<Dependencies, 'trail' | 'index'>;

/**
 * Ends the requests, also before they are made again after a change, while a newer run asks. The list of runs only says where to look; the
 * lane of the newer run decides.
 */
export const giveWay = async (deps: Deps, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  const key = visitOf(entry);
  const rounds = foldRounds(inputs.approval, key);
  const round = currentRound(rounds);
  const asked = askedSince(rounds);
  if (round === undefined || asked === undefined || isOver(round, gate) || isAfterT0(inputs.context, inputs.gates)) return inputs;
  const newer = await newerRequest(deps, inputs.context, gate, asked);
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

/**
 * Requests a reconciliation of each older run that waits at the same gate. Safe to repeat. If such a request is lost, the older run gives way
 * at its next reminder.
 */
export const overtake = async (
  { index, reconciler }: Pick<Dependencies, 'index' | 'reconciler'>,
  { context, gates }: GateInputs,
  gate: Gate,
): Promise<void> => {
  if (isAfterT0(context, gates)) return;
  for (const other of await openRuns({ index }, context))
    if (isNewer(context, other) && other.gate === gate.id) await reconciler.request(other.run);
};

/** When the visit to the gate first asked, or first asked again for people. Rounds after a change of the report are the same request. */
const askedSince = (rounds: readonly Round[]): string | undefined =>
  rounds[rounds.findLastIndex(({ reopened }) => reopened !== undefined) + 1]?.requests[0]?.event.at;

const isOver = (round: Round, { asks }: Gate): boolean =>
  round.recalled !== undefined ||
  round.withdrawn !== undefined ||
  (round.invalidated === undefined && ['approved', 'rejected'].includes(resultOf(round, asks).says));

const openRuns = ({ index }: Pick<Dependencies, 'index'>, { started }: RunContext): Promise<readonly RunSummary[]> =>
  index.open(started.event.data.service, started.event.data.environment, 'may-lag');

/** Whether the run started after the other one. */
const isNewer = ({ run, started }: RunContext, other: RunSummary): boolean =>
  other.startedAt === started.event.at ? other.run < run : other.startedAt < started.event.at;

const newerRequest = async (deps: Deps, context: RunContext, gate: Gate, asked: string): Promise<string | undefined> => {
  for (const other of await openRuns(deps, context)) {
    if (other.run === context.run || isNewer(context, other)) continue;
    if (isAsking(await deps.trail.read(scopes.run(other.run), { lane: lanes.approval(gate.id) }), gate, asked)) return other.run;
  }
  return undefined;
};

/** Whether the lane asks since a later instant, and its requests were neither taken back nor rejected. */
const isAsking = (lane: readonly Stored[], { asks }: Gate, asked: string): boolean => {
  const last = lane.filter(isType('approval.requested')).at(-1);
  const rounds = last === undefined ? [] : foldRounds(lane, last.event.data.entry);
  const round = currentRound(rounds);
  const since = askedSince(rounds);
  if (round === undefined || since === undefined || since <= asked) return false;
  return round.recalled === undefined && round.withdrawn === undefined && resultOf(round, asks).says !== 'rejected';
};
