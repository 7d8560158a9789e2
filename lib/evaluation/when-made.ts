import type { Stored } from '../audit/event.ts';
import type { Item } from '../checklist/definition.ts';

type Judged = Stored<'check.judged'>;

/** Since when the judged evidence says something: a series from its first point on. A UTC instant, as the next one. */
export const beganAt = ({ event: { data } }: Judged): string => data.beganAt ?? data.madeAt;

/** When Holdpoint looked: a series says how far it goes, and not when somebody read it. */
export const lookedAt = ({ needs }: Pick<Item, 'needs'>, { event: { at, data } }: Judged): string =>
  needs === 'metrics' ? at : data.madeAt;
