import { digestOf } from '../../lib/canonical.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import type { Person, Roster } from '../../lib/ports.ts';

/** The stage's roster as the commands see it: people by id and role, without the subjects that they sign in with. */
export const rosterOf = (stage: Pick<Stage, 'roster'>): Roster => {
  const people = new Map<string, Person>(stage.roster.map(({ id, name, address, roles }) => [id, { id, name, address, roles }]));
  return {
    // Of everything, sign-in subjects included: who another subject would let in is another roster.
    digest: digestOf(stage.roster),
    size: people.size,
    person: (id) => people.get(id),
    holders: (role) => [...people.values()].filter((person) => person.roles.includes(role)),
  };
};
