import type { RollbackView } from '../../query/rollback-view.ts';

/** A line about a rollback. Without `ok` it is a heading. */
export type RollbackLine = { readonly text: string; readonly ok?: boolean };

/** Trigger, decision, the six steps with proof and time, and the four budgets with what was measured. */
export const rollbackLines = (view: RollbackView, nameOf: (id: string) => string): readonly RollbackLine[] => [
  { text: 'Rollback' },
  ...view.triggers.map(({ title, detail, at }) => ({ text: `trigger: ${title} (${detail ?? 'declared'}) at ${clock(at)}`, ok: true })),
  { text: decisionText(view, nameOf), ok: view.decision !== null },
  { text: 'Steps' },
  ...view.steps.map((step, place) => ({
    text: `${place + 1}. ${stepText(step)}`,
    ok: step.outcome !== 'failed' && step.outcome !== 'open',
  })),
  { text: 'Budgets' },
  ...view.budgets.map(({ budget, seconds, limitSeconds, until, met, over }) => ({
    text: `${budget}: ${seconds} s${over ? ', not reached' : until === null ? ' so far' : ''}, at most ${limitSeconds} s`,
    ok: met && until !== null,
  })),
];

const clock = (at: string): string => at.slice(11, 19);

const decisionText = ({ decision }: RollbackView, nameOf: (id: string) => string): string => {
  if (decision === null) return 'nobody has decided';
  const by = `by ${decision.by === null ? decision.how.replace('by-itself', 'itself') : nameOf(decision.by)}`;
  return `decision: ${decision.decision}, ${by} at ${clock(decision.at)}`;
};

const stepText = ({ title, outcome, reason, startedAt, endedAt, proof }: RollbackView['steps'][number]): string => {
  const took = startedAt === null || endedAt === null ? '' : ` in ${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
  const shown = proof === null ? (reason ?? 'no proof') : `proved at ${clock(proof.at)}: ${proof.detail}`;
  return `${title}: ${outcome}${took}, ${shown}`;
};
