import type { RunView } from '../../query/view.ts';
import { type Cost, costInWords } from '../prices.ts';
import { costOfRun, type RunCost } from './run-cost.ts';

/** What `npm start -- --json` prints. Every figure is counted, none is assumed. */
export type DemoResult = {
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
  readonly wallSeconds: number;
  /** What the run would cost on AWS by its list prices, in dollars. Durations are those of this machine. */
  readonly cost: { readonly dollars: number; readonly parts: Cost['parts'] };
} & Omit<RunCost, 'billed'>;

/** The `cost` member of the result. */
export const dollarsOf = (cost: Pick<RunCost, 'billed'>, mails: number): DemoResult['cost'] => {
  const { total, parts } = costOfRun(cost, mails);
  return { dollars: total, parts };
};

export const resultOf = (
  view: RunView,
  { billed, ...figures }: RunCost,
  rest: { readonly mails: number; readonly wallSeconds: number },
): DemoResult => ({
  run: view.run,
  // The demo has ended, so a run that still waits will wait for ever: it is blocked.
  outcome: view.outcome === 'running' ? 'blocked' : view.outcome,
  waitScale: view.waitScale,
  definitionDigest: view.definition.digest,
  gates: view.gates.map(({ id, state, openedAt, settledAt }) => ({ id, state, openedAt, settledAt })),
  checks: view.checkCounts,
  events: view.events,
  ...figures,
  ...rest,
  cost: dollarsOf({ billed }, rest.mails),
});

export const costText = ({ events, transitions, invocations, writeUnits, readUnits, mails, wallSeconds, cost }: DemoResult): string =>
  `${events} audit events, ${transitions} state transitions, ${invocations} function calls, ${writeUnits} write units, ${readUnits} read units, ${mails} mails, ${wallSeconds.toFixed(0)} s in all; ${costInWords({ total: cost.dollars, parts: cost.parts })} by list prices, with the durations of this machine`;

export const checksText = ({ checks }: DemoResult): string => {
  const counts = Object.entries(checks).filter(([, count]) => count > 0);
  return `checks from the checklist document: ${counts.map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`).join(', ')}`;
};
