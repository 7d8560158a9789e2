import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { type Artifact, isDigestOf } from '../fields.ts';

type Released = readonly Artifact[];

/** The time at which the first component's deployment started. */
export const deploymentStartedAt = (lane: readonly Stored[]): string | undefined => lane.find(isType('deployment.started'))?.event.at;

/** The first time at which every component had finished: from then on whatever is seen is seen of this release. */
export const firstFinishedAt = (lane: readonly Stored[], artifacts: Released): string | undefined => {
  const finished = lane.filter(isType('deployment.finished'));
  return latest(artifacts.map(({ component }) => finished.find((stored) => stored.event.data.component === component)?.event.at));
};

/** The time from which monitoring and the 24 hours count: the last finish of the last component, with the run's digest. */
export const lastFinishedAt = (lane: readonly Stored[], artifacts: Released): string | undefined => {
  const finished = lane.filter(isType('deployment.finished'));
  return latest(
    artifacts.map(
      (artifact) =>
        finished.findLast(({ event: { data } }) => data.component === artifact.component && isDigestOf(artifact, data.digest))?.event.at,
    ),
  );
};

/** Undefined as soon as one of the times is missing. */
const latest = (times: readonly (string | undefined)[]): string | undefined =>
  times.some((time) => time === undefined) ? undefined : (times as string[]).toSorted().at(-1);

export type DeploymentReport = Stored<'deployment.started' | 'deployment.finished' | 'deployment.failed'>;
export const isDeploymentReport = (stored: Stored): stored is DeploymentReport =>
  isType('deployment.started')(stored) || isType('deployment.finished')(stored) || isType('deployment.failed')(stored);

/** What was reported last of a component. */
export const lastReportOf = (lane: readonly Stored[], component: string): DeploymentReport | undefined =>
  lane.filter(isDeploymentReport).findLast((report) => report.event.data.component === component);

/** What the platform of a component said that it runs, each time it said something else, since the last report that its deployment had finished. */
export const readBacksOf = (lane: readonly Stored[], component: string): readonly Stored<'deployment.read-back'>[] => {
  const finished = lane.findLast((stored) => isType('deployment.finished')(stored) && stored.event.data.component === component);
  return lane
    .filter(isType('deployment.read-back'))
    .filter(({ event: { data, seq } }) => data.component === component && !data.before && seq > (finished?.event.seq ?? 0));
};

/** The last of it; undefined before the platform was asked. */
export const readBackOf = (lane: readonly Stored[], component: string): Stored<'deployment.read-back'>['event']['data'] | undefined =>
  readBacksOf(lane, component).at(-1)?.event.data;

/** Whether the platform says that it runs what the run releases. */
export const isReadBack = (lane: readonly Stored[], artifact: Artifact): boolean =>
  isDigestOf(artifact, readBackOf(lane, artifact.component)?.digest ?? undefined);

/** What the platforms reported of the run's deployments and of its rollback. */
export const seenDeployments = (lane: readonly Stored[]): readonly DataOf<'deployment.seen'>[] =>
  lane.filter(isType('deployment.seen')).map(({ event }) => event.data);
