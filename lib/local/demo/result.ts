import type { RunView } from '../../query/view.ts';
import type { RunCost } from './run-cost.ts';

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
} & RunCost;

export const resultOf = (view: RunView, cost: RunCost, rest: { readonly mails: number; readonly wallSeconds: number }): DemoResult => ({
  run: view.run,
  // The demo has ended, so a run that still waits will wait for ever: it is blocked.
  outcome: view.outcome === 'running' ? 'blocked' : view.outcome,
  waitScale: view.waitScale,
  definitionDigest: view.definition.digest,
  gates: view.gates.map(({ id, state, openedAt, settledAt }) => ({ id, state, openedAt, settledAt })),
  checks: view.checkCounts,
  events: view.events,
  ...cost,
  ...rest,
});

export const costText = ({ events, transitions, invocations, writeUnits, readUnits, mails, wallSeconds }: DemoResult): string =>
  `${events} audit events, ${transitions} state transitions, ${invocations} function calls, ${writeUnits} write units, ${readUnits} read units, ${mails} mails, ${wallSeconds.toFixed(0)} s in all`;

export const checksText = ({ checks }: DemoResult): string => {
  const counts = Object.entries(checks).filter(([, count]) => count > 0);
  return `checks from the checklist document: ${counts.map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`).join(', ')}`;
};
