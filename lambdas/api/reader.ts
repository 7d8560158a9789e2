import type { Names } from '../../lib/console/format.ts';
import type { Outcome } from '../../lib/outcome.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import type { RunView } from '../../lib/query/view.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import type { PeopleDependencies, PeopleParts } from './people-dependencies.ts';

/** What pages for people ask about their readers. */

/** Names people by their ids; one whom the roster does not have any more by the id itself. */
export const namesOf =
  ({ roster }: Pick<PeopleDependencies, 'roster'>): Names =>
  (id) =>
    roster.person(id)?.name ?? id;

/** The run as its reader may see it: what people wrote is for people who hold a role. */
export const readRunOf = ({ deps }: PeopleParts, run: string, { roles }: PersonCaller): Promise<Outcome<RunView>> =>
  readRunFor(deps, run, roles.length > 0);
