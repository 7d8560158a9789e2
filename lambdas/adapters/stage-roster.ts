import { digestOf } from '../../lib/canonical-json.ts';
import { authorAmong, namedAmong } from '../../lib/checklist/roster.ts';
import type { DeployedStage, People, Stage } from '../../lib/checklist/stage.ts';
import type { Person, Roster } from '../../lib/ports.ts';

/** The stage's roster for the commands: people by id and role, without the subjects with which they sign in. */
export const rosterOf = ({ roster }: Pick<Stage, 'roster'>): Roster => {
  const people = new Map<string, Person>(
    roster.map(({ id, name, address, roles, commitsAs, zone, deputies }) => [id, { id, name, address, roles, commitsAs, zone, deputies }]),
  );
  return {
    // Of the whole roster: a change of a sign-in subject changes who can act, so it changes the digest.
    digest: digestOf(roster),
    size: people.size,
    person: (id) => people.get(id),
    authorOf: authorAmong([...people.values()]),
    named: namedAmong([...people.values()]),
    holders: (role) => [...people.values()].filter((person) => person.roles.includes(role)),
  };
};

/** The stage with the people that are known whenever they are looked up. */
export const stageWith = (deployed: DeployedStage, people: () => People): Stage => ({
  ...deployed,
  get roster() {
    return people();
  },
});
