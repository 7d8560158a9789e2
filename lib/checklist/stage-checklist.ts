import { baseChecklist } from './checklist.ts';
import type { Checklist } from './definition.ts';
import type { Deviation } from './deviation.ts';
import { deviate } from './deviations.ts';

/** The definition of a stage: the document's, with the deviations of the stage file. Throws where a deviation fits nothing. */
export const checklistFor = (deviations: readonly Deviation[]): Checklist => deviate(baseChecklist, deviations);
