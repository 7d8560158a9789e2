import { type Outcome, ok } from '../../lib/outcome.ts';
import type { Roster } from '../../lib/ports.ts';
import type { Caller } from '../../lib/run/state/caller.ts';

export type Named = { readonly people: { id: string; name: string }[] };

/** Adds the names of the people in the view, for people of the roster. */
export const withPeople = <View extends object>(
  { roster }: { readonly roster: Pick<Roster, 'person'> },
  found: Outcome<View>,
  caller: Caller,
): Outcome<View & Named> => {
  if (found.refused !== undefined) return found;
  if (caller.kind === 'ci') return ok({ ...found.ok, people: [] });
  const ids = new Set(JSON.stringify(found.ok).match(/\bp-[a-z0-9]{8,32}\b/g) ?? []);
  const people = [...ids].flatMap((id) => {
    const name = roster.person(id)?.name;
    return name === undefined ? [] : [{ id, name }];
  });
  return ok({ ...found.ok, people });
};
