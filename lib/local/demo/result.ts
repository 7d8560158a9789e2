import { baseChecklist } from '../../checklist/checklist.ts';
import type { RollbackView } from '../../query/rollback-view.ts';
import type { RunView } from '../../query/view.ts';
import { type Cost, costInWords } from '../prices.ts';
import { type Part, partsText } from './output.ts';
import { costOfRun, type RunCost } from './run-cost.ts';

type Budget = RollbackView['budgets'][number]['budget'];

/** How a run was taken back, in real time. A figure is null where that part was not reached. */
export type RollbackResult = {
  readonly trigger: string | null;
  readonly decidedSeconds: number | null;
  readonly executedSeconds: number | null;
  readonly verifiedSeconds: number | null;
  readonly totalSeconds: number | null;
  readonly steps: readonly {
    readonly id: string;
    readonly outcome: RollbackView['steps'][number]['outcome'];
    /** Ids of the events that hold what was seen from outside, and when it was seen. */
    readonly proof: { readonly evidence: readonly string[]; readonly at: string } | null;
  }[];
  readonly budgets: { readonly [B in Budget]: { readonly limitSeconds: number; readonly met: boolean } };
};

/** One run. Every figure is counted, none is assumed. */
export type RunResult = {
  readonly run: string;
  readonly outcome: string;
  readonly waitScale: number;
  readonly definitionDigest: string;
  readonly gates: readonly {
    readonly id: string;
    readonly state: string;
    readonly openedAt: string | null;
    readonly settledAt: string | null;
  }[];
  readonly checks: RunView['checkCounts'];
  readonly events: number;
  readonly mails: number;
  /** What the run would cost on AWS by its list prices, in dollars. Durations are those of this machine. */
  readonly cost: { readonly dollars: number; readonly parts: Cost['parts'] };
  /** Of a run that was taken back. */
  readonly rollback?: RollbackResult;
} & Omit<RunCost, 'billed'>;

/** The `cost` member of the result. */
export const dollarsOf = (cost: Pick<RunCost, 'billed'>, mails: number): RunResult['cost'] => {
  const { total, parts } = costOfRun(cost, mails);
  return { dollars: total, parts };
};

export const resultOf = (view: RunView, cost: RunCost, { mails }: { readonly mails: number }): RunResult => {
  const { billed: _billed, ...figures } = cost;
  return {
    run: view.run,
    // The demo has ended, so a run that still waits will wait for ever: it is blocked.
    outcome: view.outcome === 'running' ? 'blocked' : view.outcome,
    waitScale: view.waitScale,
    definitionDigest: view.definition.digest,
    gates: view.gates.map(({ id, state, openedAt, settledAt }) => ({ id, state, openedAt, settledAt })),
    checks: view.checkCounts,
    events: view.events,
    ...figures,
    mails,
    cost: dollarsOf(cost, mails),
    ...(view.rollback === null ? {} : { rollback: rollbackOf(view.rollback) }),
  };
};

const rollbackOf = ({ triggers, steps, budgets }: RollbackView): RollbackResult => {
  // A budget that still runs has measured nothing.
  const seconds = (budget: Budget): number | null => budgets.find((one) => one.budget === budget && one.until !== null)?.seconds ?? null;
  // No deviation changes the limits, so that of a part which was never reached is known, too.
  const met = (budget: Budget): RollbackResult['budgets'][Budget] => {
    const found = budgets.find((one) => one.budget === budget);
    const limitSeconds = found?.limitSeconds ?? baseChecklist.rollback.budgets[budget];
    return { limitSeconds, met: found?.met === true && found.until !== null };
  };
  return {
    trigger: triggers[0]?.trigger ?? null,
    decidedSeconds: seconds('decision'),
    executedSeconds: seconds('execution'),
    verifiedSeconds: seconds('verification'),
    totalSeconds: seconds('total'),
    steps: steps.map(({ id, outcome, proof }) => ({
      id,
      outcome,
      proof: proof === null ? null : { evidence: proof.evidence, at: proof.at },
    })),
    budgets: { decision: met('decision'), execution: met('execution'), verification: met('verification'), total: met('total') },
  };
};

/** How long it took from the command until the first gate of the first run had passed; null where none did. */
export type FirstGate = { readonly seconds: number; readonly parts: readonly Part[] } | null;

/** `began`: when the command was given, in milliseconds since 1970. `partsUntil`: what had ended by then; the parts go on beside each other. */
export const firstGateOf = (
  first: Pick<RunResult, 'gates'> | undefined,
  began: number,
  partsUntil: (instant: number) => readonly Part[],
): FirstGate => {
  const passed = (first?.gates ?? []).flatMap(({ state, settledAt }) =>
    state === 'passed' && settledAt !== null ? [Date.parse(settledAt)] : [],
  );
  if (passed.length === 0) return null;
  const at = Math.min(...passed);
  return { seconds: Math.round((at - began) / 100) / 10, parts: partsUntil(at) };
};

export const firstGateText = ({ seconds, parts }: NonNullable<FirstGate>): string =>
  `the first gate passed ${seconds.toFixed(1)} s after the command; until then: ${partsText(parts)}`;

/** The first run went through, and the second one was taken back. */
export const isAsExpected = (runs: readonly RunResult[]): boolean =>
  runs.length === 2 && runs[0]?.outcome === 'production-stable' && runs[1]?.outcome === 'rolled-back';

export const costText = ({ events, transitions, invocations, writeUnits, readUnits, mails, cost }: RunResult): string =>
  `${events} audit events, ${transitions} state transitions, ${invocations} function calls, ${writeUnits} write units, ${readUnits} read units, ${mails} mails; ${costInWords({ total: cost.dollars, parts: cost.parts })} by list prices, with the durations of this machine`;

export const checksText = ({ checks }: RunResult): string => {
  const counts = Object.entries(checks).filter(([, count]) => count > 0);
  return `checks from the checklist document: ${counts.map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`).join(', ')}`;
};
