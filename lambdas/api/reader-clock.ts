import { clockTimeAt } from '../../lib/checklist/local-time.ts';
import type { Clock } from '../../lib/console/operating-forms.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

/** The zone of a person, as the roster names it; UTC where it names none. */
export const zoneOf = ({ roster }: Pick<PeopleDependencies, 'roster'>, person: string): string => roster.person(person)?.zone ?? 'UTC';

/** Instants as the clock of a person shows them. */
export const clockOf = (deps: Pick<PeopleDependencies, 'roster'>, person: string): Clock => {
  const zone = zoneOf(deps, person);
  return (at) => ({ at, local: clockTimeAt(new Date(at), zone), zone });
};
