import { type DataOf, isType, type Stored } from '../audit/event.ts';

export type Observed = DataOf<'observation.recorded'> & {
  /** What operations said that it was; the last label counts. */
  readonly label: DataOf<'observation.labelled'>['label'] | undefined;
};

/** Every observation of the lane with its label, in the order in which they were recorded. */
export const foldObservations = (lane: readonly Stored[]): readonly Observed[] => {
  const labels = new Map(lane.filter(isType('observation.labelled')).map(({ event: { data } }) => [data.observation, data.label]));
  return lane.filter(isType('observation.recorded')).map(({ event: { data } }) => ({ ...data, label: labels.get(data.observation) }));
};

/** Since when operation counts as stable: the finish of the deployment, or the last bad observation since that was not labelled away. */
export const stableSince = (finishedAt: string, lane: readonly Stored[]): string => {
  const incidents = foldObservations(lane).filter(({ bad, label }) => bad && (label ?? 'true') === 'true');
  return [finishedAt, ...incidents.map(({ observedAt }) => observedAt)].toSorted().at(-1) ?? finishedAt;
};
