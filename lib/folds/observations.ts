import { type DataOf, isType, type Stored } from '../audit/event.ts';

export type Observed = Omit<DataOf<'observation.recorded'>, 'observation'> & {
  /** The producer's id; of a later occurrence under the same id with the place in the lane, such as `restart-web~7`. Labels name it. */
  readonly observation: string;
  readonly recordedAt: string;
  /** What operations said that it was; the last label counts. */
  readonly label: DataOf<'observation.labelled'>['label'] | undefined;
  /** Who labelled it, and the digest of the explanation. */
  readonly labelledBy: string | undefined;
  readonly explanation: string | undefined;
};

/** Every observation of the lane with its label, in the order in which they were recorded. */
export const foldObservations = (lane: readonly Stored[]): readonly Observed[] => {
  const labels = new Map(lane.filter(isType('observation.labelled')).map(({ event: { data } }) => [data.observation, data]));
  const known = new Set<string>();
  return lane.filter(isType('observation.recorded')).map(({ event: { data, at, seq } }) => {
    // A producer's id has no tilde, so no producer can take the name of another's observation.
    const observation = known.has(data.observation) ? `${data.observation}~${seq}` : data.observation;
    known.add(data.observation);
    const last = labels.get(observation);
    return { ...data, observation, recordedAt: at, label: last?.label, labelledBy: last?.by, explanation: last?.explanation };
  });
};

/** Since when operation counts as stable: the finish of the deployment, or the last bad observation since that was not labelled away. */
export const stableSince = (finishedAt: string, lane: readonly Stored[]): string => {
  const incidents = foldObservations(lane).filter(({ bad, label }) => bad && (label ?? 'true') === 'true');
  return [finishedAt, ...incidents.map(({ observedAt }) => observedAt)].toSorted().at(-1) ?? finishedAt;
};
