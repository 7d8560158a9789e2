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
  /** Ids of the events that showed the triggers about which people have decided to go on. */
  readonly decided?: ReadonlySet<string> | undefined;
};

/** So much the clocks of functions may differ. Milliseconds. */
const skewMs = 5_000;

/**
 * Whether something was recorded that people did not know when they decided to go on. What was recorded in the seconds before, by another
 * function's clock, may have come after it: it counts unless it is what they decided about, because a trigger too many is better than a lost one.
 */
export const isNew = ({ since = '', decided }: Pick<TriggerInputs, 'since' | 'decided'>, at: string, evidence: string): boolean =>
  since === '' || (at > new Date(Date.parse(since) - skewMs).toISOString() && decided?.has(evidence) !== true);

/** That the release must perhaps be taken back: what was measured, in one line, and the ids of the events that show it. */
export type Measured = { readonly detail: string; readonly evidence: readonly string[] };

type Shape = z.core.$ZodLooseShape;
type Given<K extends string, S extends Shape> = Pick<
  Parameters<typeof computedRule<K, S>>[0],
  'kind' | 'description' | 'parameters' | 'words' | 'bounds' | 'lanes' | 'concernedBy'
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
export const machineObservations = ({ deployment, observation, ...decided }: TriggerInputs): readonly Observed[] => {
  const started = deploymentStartedAt(deployment);
  if (started === undefined) return [];
  return foldObservations(observation)
    .filter(({ bad, setAside, label, words }) => bad && setAside === undefined && words === null && (label ?? 'true') === 'true')
    .filter(({ observedAt, recordedAt, event }) => (observedAt >= started || recordedAt >= started) && isNew(decided, recordedAt, event));
};
