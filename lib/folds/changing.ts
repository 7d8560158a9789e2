import { isType, type Stored } from '../audit/event.ts';
import type { Artifact } from '../fields.ts';
import { type DeploymentReport, isDeploymentReport } from './deployment.ts';
import { foldRollback, proofOf } from './rollback.ts';

/** A time in which a run may change its environment. `until` is undefined while it goes on. Instants in ISO 8601. */
export type Span = { readonly during: 'deployment' | 'rollback'; readonly from: string; readonly until: string | undefined };

/** What the spans are folded from: the lanes of one run, and what it releases. */
export type ChangingLanes = {
  readonly own: readonly Stored[];
  readonly deployment: readonly Stored[];
  readonly rollback: readonly Stored[];
  readonly artifacts: readonly Artifact[];
};

/**
 * When a run may change its environment: from the admission of its deployment until its components have finished or failed, again whenever
 * CI reports another start, and while its rollback carries out steps. In between it only watches.
 */
export const changingSpans = ({ own, deployment, rollback, artifacts }: ChangingLanes): readonly Span[] => [
  ...deploymentSpans(own, deployment, artifacts),
  ...rollbackSpans(rollback),
];

const deploymentSpans = (own: readonly Stored[], deployment: readonly Stored[], artifacts: readonly Artifact[]): readonly Span[] => {
  const admitted = own.find(isType('deployment.admitted'))?.event.at;
  if (admitted === undefined) return [];
  const spans: Span[] = [];
  const last = new Map<string, DeploymentReport['event']['type']>();
  let from: string | undefined = admitted;
  for (const { event } of deployment.filter(isDeploymentReport)) {
    last.set(event.data.component, event.type);
    if (event.type === 'deployment.started') from ??= event.at;
    if (from === undefined || !isOver(last, artifacts)) continue;
    spans.push({ during: 'deployment', from, until: event.at });
    from = undefined;
  }
  return from === undefined ? spans : [...spans, { during: 'deployment', from, until: undefined }];
};

/** No component is under way, and either none is left or one has failed: what comes next begins with another report. */
const isOver = (last: ReadonlyMap<string, string>, artifacts: readonly Artifact[]): boolean => {
  const states = [...last.values()];
  if (states.includes('deployment.started')) return false;
  return states.includes('deployment.failed') || artifacts.every(({ component }) => last.has(component));
};

/** An attempt is over when it is proved, or when the next one was requested: also one of another step, because they have an order. */
const rollbackSpans = (lane: readonly Stored[]): readonly Span[] => {
  const attempts = [...foldRollback(lane).steps.values()].flatMap((step) => step.attempts).toSorted((a, b) => a.seq - b.seq);
  return attempts.flatMap((attempt, place): readonly Span[] => {
    if (attempt.actuator === 'none') return [];
    return [
      {
        during: 'rollback',
        from: attempt.requestedAt,
        until: proofOf(attempt)?.answer?.at ?? attempts[place + 1]?.requestedAt,
      },
    ];
  });
};
