import type { Gate } from '../../checklist/definition.ts';
import type { Round } from '../../folds/approval-rounds.ts';
import type { GateInputs } from './gate-inputs.ts';
import { type GateReport, reportOf } from './gate-report.ts';

/** The checks whose part of the report is another one than when approvals were requested, ten at most. */
export const changedChecks = (inputs: GateInputs, gate: Gate, round: Round, report: GateReport): string[] => {
  const requestedAt = round.requests[0]?.event.at ?? '';
  const then = reportBefore(requestedAt, inputs, gate);
  const changed = differing(report, then);
  if (changed.length > 0 || report.digest === round.report || then.digest === round.report) return changed;
  // Something was recorded after the report was made and before its requests were: the report that was sent is an earlier one.
  const sent = instantsBefore(requestedAt, inputs).find((instant) => reportBefore(instant, inputs, gate).digest === round.report);
  return sent === undefined ? [] : differing(report, reportBefore(sent, inputs, gate));
};

/** Of the checks as they were before this instant. */
const reportBefore = (instant: string, inputs: GateInputs, gate: Gate): GateReport => {
  const before = (of: GateInputs['checks']): GateInputs['checks'] =>
    new Map([...of].map(([lane, events]) => [lane, events.filter((stored) => stored.event.at < instant)]));
  return reportOf({ ...inputs, checks: before(inputs.checks), allChecks: before(inputs.allChecks), now: new Date(instant) }, gate);
};

/** When something was recorded of a check, the last ten instants before this one, the latest first. */
const instantsBefore = (instant: string, { allChecks }: GateInputs): readonly string[] => {
  const at = [...allChecks.values()].flat().flatMap(({ event }) => (event.at < instant ? event.at : []));
  return [...new Set(at)].sort().reverse().slice(0, 10);
};

// An exception elsewhere in the run that ended has no entry any more.
const differing = (report: GateReport, then: GateReport): string[] =>
  [...new Set([...Object.keys(report.byCheck), ...Object.keys(then.byCheck)])]
    .filter((check) => report.byCheck[check] !== then.byCheck[check])
    .slice(0, 10);
