import type * as z from 'zod';
import type { Stored } from '../../audit/event.ts';
import { deploymentStartedAt } from '../../folds/deployment.ts';
import { foldObservations, type Observed } from '../../folds/observations.ts';
import { computedRule } from '../kind.ts';

/** What a measured trigger sees: the run's lanes as they were read. `since`: what was recorded up to this instant has been decided. */
export type TriggerInputs = {
  readonly deployment: readonly Stored[];
  readonly observation: readonly Stored[];
  readonly measurement: readonly Stored[];
  readonly since?: string | undefined;
};

/** That the release must perhaps be taken back: what was measured, in one line, and the ids of the events that show it. */
export type Measured = { readonly detail: string; readonly evidence: readonly string[] };

type Shape = z.core.$ZodLooseShape;
type Given<K extends string, S extends Shape> = Pick<
  Parameters<typeof computedRule<K, S>>[0],
  'kind' | 'description' | 'parameters' | 'bounds' | 'lanes' | 'concernedBy'
>;

/**
 * A rule of a trigger. It judges no check: it finds in the lanes what opens the decision about a rollback, oldest first, with the same events
 * for the same finding each time, so that who records it records it once.
 */
export const triggerRule = <const K extends string, S extends Shape>(
  given: Given<K, S> & {
    readonly measure: (
      rule: z.infer<z.ZodObject<S & { kind: z.ZodLiteral<K> }, z.core.$strict>>,
      inputs: TriggerInputs,
    ) => readonly Measured[];
  },
) => ({ ...computedRule<K, S>({ ...given, supplier: 'rollback', judge: () => undefined }), measure: given.measure });

/**
 * What machines observed of this release: not what was set aside (announced tests, children of composite alarms), not what people labelled as
 * no incident, and not what a person reported, who declares a trigger instead.
 */
export const machineObservations = ({ deployment, observation, since = '' }: TriggerInputs): readonly Observed[] => {
  const started = deploymentStartedAt(deployment);
  if (started === undefined) return [];
  return foldObservations(observation)
    .filter(({ bad, setAside, label, words }) => bad && setAside === undefined && words === null && (label ?? 'true') === 'true')
    .filter(({ observedAt, recordedAt }) => (observedAt >= started || recordedAt >= started) && recordedAt > since);
};
