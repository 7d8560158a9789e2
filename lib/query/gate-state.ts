import { incidentId, rollbackGateIds } from '../checklist/gates.ts';
import type { GateView, RunView } from './view.ts';

export { incidentId };

/** The gate is not in the order of the run, which comes to it from any other gate: one of a rollback, or the incident. */
export const isAside = ({ id }: Pick<GateView, 'id'>): boolean => id === incidentId || (rollbackGateIds as readonly string[]).includes(id);

/** The run has its end. A run that is blocked goes on when somebody mends what blocks it. */
export const hasEnded = ({ outcome }: { readonly outcome: string }): boolean => outcome !== 'running' && outcome !== 'blocked';

/** The gate is open: it waits for evidence, people or time, or a check blocks it. */
export const isOpen = ({ state }: Pick<GateView, 'state'>): boolean => state === 'waiting' || state === 'blocked';

/** The gate has its result, and the run has left it. */
export const isOver = (gate: Pick<GateView, 'state'>): boolean => gate.state !== 'ahead' && !isOpen(gate);

export const hasPassed = ({ state }: Pick<GateView, 'state'>): boolean => state === 'passed';

/** After an escalated rollback everything is answered, and the trail stays open only until what runs is known. */
export const waitsForEnvironment = ({ outcome, closed, followUps }: Pick<RunView, 'outcome' | 'closed' | 'followUps'>): boolean =>
  outcome === 'rollback-escalated' && !closed && followUps.every(({ answer }) => answer !== null);

/** The gate at which the run waits now; undefined between two gates and after the end. */
export const openGateOf = (run: Pick<RunView, 'gate' | 'gates' | 'outcome'>): GateView | undefined =>
  hasEnded(run) ? undefined : run.gates.find((gate) => gate.id === run.gate && isOpen(gate));

/** The requests of the present visit of a gate. Rounds are counted anew in each visit. */
export const approvalsNow = ({ approvals, earlier }: GateView): GateView['approvals'] =>
  approvals.filter(({ entry }) => entry === earlier.length + 1);

/** No answer to the request is taken any more: the gate is over, or the run has come to it again and asks anew. */
export const isRequestOver = (gate: GateView, { entry }: Pick<GateView['approvals'][number], 'entry'>): boolean =>
  isOver(gate) || entry <= gate.earlier.length;

/** Bad observations that count and that nobody has labelled: the reviews wait for them. */
export const unlabelled = ({ observations }: Pick<RunView, 'observations'>): RunView['observations'] =>
  observations.filter(({ bad, label, setAside }) => bad && label === null && setAside === null);
