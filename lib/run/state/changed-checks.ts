import type { Gate } from '../../checklist/definition.ts';
import type { Round } from '../../folds/approval-rounds.ts';
import type { GateInputs } from './gate-inputs.ts';
import { type GateReport, reportOf } from './gate-report.ts';

/** The checks whose part of the report is another one than when approvals were requested, ten at most. */
export const changedChecks = (inputs: GateInputs, gate: Gate, round: Round, report: GateReport): string[] => {
  const requestedAt = round.requests[0]?.event.at ?? '';
  const before = (of: GateInputs['checks']): GateInputs['checks'] =>
    new Map([...of].map(([lane, events]) => [lane, events.filter((stored) => stored.event.at < requestedAt)]));
  const past = { checks: before(inputs.checks), allChecks: before(inputs.allChecks), now: new Date(requestedAt) };
  const then = reportOf({ ...inputs, ...past }, gate).byCheck;
  // An exception elsewhere in the run that ended has no entry any more.
  return [...new Set([...Object.keys(report.byCheck), ...Object.keys(then)])]
    .filter((check) => report.byCheck[check] !== then[check])
    .slice(0, 10);
};
