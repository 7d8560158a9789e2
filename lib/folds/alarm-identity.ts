import type { DataOf, Stored } from '../audit/event.ts';

/** Which alarm is meant, and whose word ends what another one said. Alarms of one name stand in several accounts and regions. */

export type NamedAlarm = { readonly subject: string; readonly where?: string | undefined };

/** Two alarms have the same key only where they are the same one. */
export const alarmKey = ({ subject, where = '' }: NamedAlarm): string => `${where} ${subject}`;

/** Account and region, as far as they are known. */
export type Somewhere = { readonly account?: string | undefined; readonly region?: string | undefined };

/** Whether an alarm may be there. Where nobody said its place it may be anywhere. */
export const mayBeAt = ({ where }: Pick<NamedAlarm, 'where'>, { account, region }: Somewhere): boolean => {
  const [ownAccount, ownRegion] = where?.split('/') ?? [];
  const fits = (own: string | undefined, other: string | undefined): boolean => own === undefined || other === undefined || own === other;
  return fits(ownAccount, account) && fits(ownRegion, region);
};

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
