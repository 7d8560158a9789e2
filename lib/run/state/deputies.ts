import type { Deputy, Person, Roster } from '../../ports.ts';
import type { Role } from '../../roles.ts';

/** Whose deputies are looked for: a holder of the role, at a gate that asks these roles, in a run that `starter` started. */
export type Stead = { readonly principal: Person; readonly role: Role; readonly asks: readonly Role[]; readonly starter: string };

/** Whether what the roster says of a deputy concerns the role. */
const concerns = (deputy: Deputy, role: Role): boolean => deputy.role === undefined || deputy.role === role;

const entriesOf = ({ principal, role }: Pick<Stead, 'principal' | 'role'>): readonly Deputy[] =>
  (principal.deputies ?? []).filter((deputy) => concerns(deputy, role));

/**
 * Who may answer for a person at an instant. Only those whom that person's own entry names: never a deputy's deputy. Never the starter, and
 * not for the starter. Nobody who holds a role that the gate asks: they are asked in their own name, and one person signs once.
 */
export const deputiesAt = (roster: Pick<Roster, 'person'>, stead: Stead, now: Date): readonly Person[] => {
  const at = now.toISOString();
  const { principal, role, asks, starter } = stead;
  if (principal.id === starter || !principal.roles.includes(role)) return [];
  const ids = entriesOf(stead)
    .filter(({ from, to }) => from <= at && at < to)
    .map(({ person }) => person);
  return [...new Set(ids)]
    .filter((id) => id !== starter && id !== principal.id)
    .flatMap((id) => roster.person(id) ?? [])
    .filter(({ roles }) => !asks.some((asked) => roles.includes(asked)));
};

/** Roles whose deputies are mailed a decision about a rollback and may decide. */
export const decidingRole = 'operations-lead' satisfies Role;

type Decision = { readonly starter: string; readonly now: Date };

/** The dated deputies of the operations leads, each with the person in whose stead they decide about a rollback: never the starter, never a lead. */
export const decidingDeputies = (
  roster: Pick<Roster, 'person' | 'holders'>,
  { starter, now }: Decision,
): readonly { readonly deputy: Person; readonly principal: Person }[] =>
  roster
    .holders(decidingRole)
    .flatMap((principal) =>
      deputiesAt(roster, { principal, role: decidingRole, asks: [decidingRole], starter }, now).map((deputy) => ({ deputy, principal })),
    );

/** When the next deputy of the person may begin to answer; undefined where none is named for later. */
export const nextDeputyAt = (stead: Pick<Stead, 'principal' | 'role'>, now: Date): string | undefined =>
  entriesOf(stead)
    .map(({ from }) => from)
    .filter((from) => from > now.toISOString())
    .sort()[0];
