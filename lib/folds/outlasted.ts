import type { Stored } from '../audit/event.ts';
import { digestOf } from '../canonical-json.ts';
import type { NamedAlarm } from './alarm-identity.ts';

/** An alarm that was set aside for an announcement, and was not OK again when the announced time ended. */

type Recorded = Stored<'observation.recorded'>;

/** Callers and feeds may name no observation so: they could take the name of what is to be recorded before it is. */
export const outlastedPrefix = 'outlasted-';

/** The name under which it is recorded; `until` is the last announced instant. */
export const outlastedName = ({ subject, where }: NamedAlarm, until: string): string =>
  `${outlastedPrefix}${digestOf([subject, until, ...(where === undefined ? [] : [where])]).slice(0, 16)}`;

/** By who recorded it and not by its name, which a run of an older version took from anybody. */
export const isOutlasted = ({ event: { actor, data } }: Recorded): boolean =>
  data.via === 'reconciler' && actor.kind === 'system' && actor.id === 'reconciler';

/** What a feed has said. A caller's OK does not end what the feed reported: CI would clear what takes its own release back. */
export const isFed = ({ event: { actor } }: Stored): boolean => actor.kind === 'system' && actor.id === 'feed';
