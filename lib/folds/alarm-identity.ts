import type { DataOf, Stored } from '../audit/event.ts';

/** Which alarm is meant, and whose word ends what another one said. Alarms of one name stand in several accounts and regions. */

export type NamedAlarm = { readonly subject: string; readonly where?: string | undefined };

/** Two alarms have the same key only where they are the same one. */
export const alarmKey = ({ subject, where = '' }: NamedAlarm): string => `${where} ${subject}`;

export const reporters = ['ci', 'person', 'feed'] as const;
export type Reporter = (typeof reporters)[number];

/** Who said it: a feed, a person, or a CI identity. */
export const reporterOf = ({ event: { actor } }: Stored): Reporter => (actor.kind === 'system' ? 'feed' : actor.kind);

/** What was said of an alarm, and by whom. */
type Said = NamedAlarm & { readonly reporter: Reporter };

/**
 * Whether an OK ends what was said of an alarm. Nobody ends what a better informed reporter said: CI would clear what takes its own release
 * back. Where the place of the red alarm is known, only an OK from there ends it.
 */
export const ends = (ok: Said, red: Said): boolean =>
  ok.subject === red.subject &&
  reporters.indexOf(ok.reporter) >= reporters.indexOf(red.reporter) &&
  (red.where === undefined || ok.where === red.where);

type Recorded = Stored<'observation.recorded'>;

/** What an event says of which alarm. */
export const saidIn = (stored: Recorded): Said => ({ ...namedIn(stored.event.data), reporter: reporterOf(stored) });

const namedIn = ({ subject, where }: Pick<DataOf<'observation.recorded'>, 'subject' | 'where'>): NamedAlarm => ({ subject, where });
