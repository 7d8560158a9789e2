import type { RunView } from '../../query/view.ts';
import type { Figures } from './figures.ts';

/** The one JSON document of a play. Everything in it is counted, nothing assumed. */
export type PlayDocument = {
  readonly run: string;
  readonly outcome: string;
  readonly waitScale: number;
  readonly definitionDigest: string;
  readonly gates: readonly {
    readonly id: string;
    readonly outcome: string | null;
    readonly openedAt: string | null;
    readonly settledAt: string | null;
  }[];
  readonly checks: RunView['checkCounts'];
  readonly events: number;
  readonly transitions: number;
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly mails: number;
  readonly wallSeconds: number;
};

export const documentOf = (
  view: RunView,
  figures: Figures,
  rest: { readonly mails: number; readonly wallSeconds: number },
): PlayDocument => ({
  run: view.run,
  // The play is over when this is written: a run that still waits is held, whatever it waits for.
  outcome: view.outcome === 'running' ? 'blocked' : view.outcome,
  waitScale: view.waitScale,
  definitionDigest: view.definition.digest,
  gates: view.gates.map(({ id, outcome, openedAt, settledAt }) => ({ id, outcome, openedAt, settledAt })),
  checks: view.checkCounts,
  events: view.events,
  ...figures,
  ...rest,
});

export const figuresText = (document: PlayDocument): string =>
  [
    `${document.events} audit events, ${document.transitions} transitions, ${document.invocations} function calls, ${document.writeUnits} write units, ${document.readUnits} read units (both estimated from item sizes), ${document.mails} mails, ${document.wallSeconds.toFixed(0)} s`,
    `checks of the document: ${Object.entries(document.checks)
      .filter(([, count]) => count > 0)
      .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`)
      .join(', ')}`,
  ].join('\n  ');
