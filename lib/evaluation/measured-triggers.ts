import type { Checklist } from '../checklist/definition.ts';
import { measureTrigger } from '../registry/rules.ts';
import type { TriggerInputs } from '../rules/triggers/kind.ts';

/** A trigger that was measured: its id in the checklist, what was measured, and the ids of the events that show it. */
export type MeasuredTrigger = { readonly trigger: string; readonly detail: string; readonly evidence: readonly string[] };

/**
 * The document's triggers that the run's lanes show, in the order of the checklist. Pure: the same events give the same findings with the
 * same evidence, so that trigger and evidence name a finding. Nothing is found before the deployment started. `decidedOf`: what people have decided
 * about a trigger, where that differs between them.
 */
export const measuredTriggers = (
  { items }: Pick<Checklist, 'items'>,
  inputs: TriggerInputs,
  decidedOf: (trigger: string) => Pick<TriggerInputs, 'since' | 'decided'> = () => ({}),
): readonly MeasuredTrigger[] =>
  items.flatMap(({ id, kind, rule }) =>
    kind === 'trigger' && rule !== null
      ? measureTrigger(rule, { ...inputs, ...decidedOf(id) }).map((found) => ({ trigger: id, ...found }))
      : [],
  );
