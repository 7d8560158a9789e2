import { quoted } from '../../canonical-json.ts';
import { type Gate, itemOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { lastIncident } from '../../folds/observations.ts';
import { finishedAt, type GateInputs, isAfterT0, windowEndsAt } from '../state/gate-inputs.ts';

/** What is said about a review beside its checks: extended until when and why, or late. Pure. */

const hourMs = 3_600_000;

/** Why the gate waits for its window, where nothing but time is missing. */
export const windowReason = (inputs: GateInputs, gate: Gate, ends: string): string => {
  const finish = finishedAt(inputs);
  const incident = gate.window?.anchor === 'stable-since' && finish !== undefined ? lastIncident(finish, inputs.observation) : undefined;
  if (incident === undefined) return `the window ends at ${ends}`;
  return `extended: the window ends at ${ends}, because ${quoted(incident.observation, 64)} (${incident.kind}) of ${quoted(incident.subject, 100)} started it anew`;
};

/** Of a review that passes more than an hour after its window: so much later. Holdpoint was down, or a check was not satisfied before. */
export const lateBy = (inputs: GateInputs, gate: Gate): string => {
  const ended = gate.role === 'review' ? windowEndsAt(inputs, gate) : undefined;
  const late = ended === undefined ? 0 : inputs.now.getTime() - ended;
  if (ended === undefined || late <= hourMs) return '';
  return `; the window ended at ${new Date(ended).toISOString()}, ${Math.floor(late / hourMs)} h before this decision`;
};

/** What lets a review say no: its checks that failed, and those of earlier gates that are no longer satisfied. What is open or missing may still come. */
export const failedOfReview = ({ context }: GateInputs, { id }: Gate, unsatisfied: readonly Finding[]): readonly Finding[] =>
  unsatisfied.filter(({ check, verdict }) => verdict === 'fail' || itemOf(context.checklist, check)?.gate !== id);

/** Said of a failing check that opens the decision about a rollback. */
export const opensRollback = ({ context, gates }: GateInputs, { check, verdict }: Finding): string =>
  verdict === 'fail' && itemOf(context.checklist, check)?.onFail === 'trigger' && isAfterT0(context, gates)
    ? '; this opens the decision about a rollback'
    : '';
