import { accountName } from '../fields.ts';
import { leastSigners, signerRoles } from '../roles.ts';
import type { DeployedStage, People, Stage } from './stage.ts';

/** The object in the roster bucket that holds the people of the stage, as JSON (`peopleSchema`). */
export const rosterKey = 'roster.json';

/** Errors in who is who: people could not sign in, an approval could never be complete, or one person could act as another. */
export const rosterFlaws = ({ roster, issuers }: Pick<Stage, 'roster' | 'issuers'>): readonly string[] => [
  ...twice(
    'roster: the id',
    roster.map(({ id }) => id),
  ),
  ...twice(
    'roster: the subject',
    roster.flatMap(({ subjects }) => subjects.map(({ issuer, subject }) => `${subject} of ${issuer}`)),
  ),
  ...twice(
    'roster: the starter',
    roster.flatMap(({ starters }) => starters.map(({ issuer, actor }) => `${actor} of ${issuer}`)),
  ),
  ...twice(
    'roster: the address',
    roster.map(({ address }) => address.toLowerCase()),
  ),
  ...twice(
    'roster: the author',
    roster.flatMap(({ commitsAs = [] }) => [...new Set(commitsAs.map(accountName))]),
  ),
  ...issuers.flatMap((one) =>
    (one.kind === 'ci' ? one.identities : []).flatMap(({ id, starter }) =>
      starter === undefined || roster.some((person) => person.id === starter)
        ? []
        : [`issuers: the starter of the identity ${id} is ${starter}, who is not in the roster`],
    ),
  ),
  ...roster.flatMap((person) => deputyFlaws(person, roster)),
  ...(isSignable(roster, issuers)
    ? []
    : [
        `roster: ${signerRoles.join(', ')} need three different people with a subject at an issuer of kind people, one for each role; two are enough only where the checklist deviates in distinctPeople`,
      ]),
];

/** A deputy who could never answer would be noticed only while the person is away. */
const deputyFlaws = ({ id, roles, deputies = [] }: People[number], roster: People): readonly string[] =>
  deputies.flatMap(({ person, from, to, role }) => [
    ...(person === id ? [`roster: ${id} is named as a deputy of ${id}; name another person`] : []),
    ...(roster.some((one) => one.id === person) ? [] : [`roster: the deputy of ${id} is ${person}, who is not in the roster`]),
    ...(from < to ? [] : [`roster: the deputy ${person} of ${id} is named from ${from} to ${to}; the end must be later`]),
    ...(role === undefined || roles.includes(role)
      ? []
      : [`roster: the deputy ${person} of ${id} is named for the role ${role}, which ${id} does not have`]),
  ]);

/** Whether people who can sign in hold every signing role, and no single person holds them all alone. */
const isSignable = (roster: People, issuers: DeployedStage['issuers']): boolean => {
  const peoples = new Set(issuers.flatMap(({ kind, issuer }) => (kind === 'people' ? [issuer] : [])));
  const holders = signerRoles.map((role) =>
    roster.filter(({ roles, subjects }) => roles.includes(role) && subjects.some(({ issuer }) => peoples.has(issuer))).map(({ id }) => id),
  );
  return mostSigners(holders) >= leastSigners;
};

/** How many different people can sign at most, one for each role. `holders`: the ids of those who hold each role. 0: somebody lacks for a role. */
export const mostSigners = (holders: readonly (readonly string[])[]): number => {
  if (holders.some((ids) => ids.length === 0)) return 0;
  const most = ([own, ...others]: typeof holders, taken: readonly string[]): number =>
    // As many of them as there are roles: however the other roles are given, one is left.
    own === undefined ? new Set(taken).size : Math.max(...own.slice(0, holders.length).map((id) => most(others, [...taken, id])));
  return most(holders, []);
};

/** One sentence for each name that appears more than once. */
export const twice = (what: string, names: readonly string[]): readonly string[] =>
  [...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => `${what} ${name} appears twice`);

/** Finds the person who commits under an account; undefined where nobody does. */
export const authorAmong = <P extends { readonly commitsAs?: readonly string[] | undefined }>(
  people: readonly P[],
): ((account: string) => P | undefined) => {
  const byAccount = new Map(people.flatMap((person) => (person.commitsAs ?? []).map((one) => [accountName(one), person] as const)));
  return (account) => byAccount.get(accountName(account));
};

/** Finds everybody of a name. Case and the number of blanks do not matter. */
export const namedAmong = <P extends { readonly name: string }>(people: readonly P[]): ((name: string) => readonly P[]) => {
  return (name) => people.filter((person) => plainName(person.name) === plainName(name));
};

const plainName = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
