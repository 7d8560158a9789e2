import type { Roster } from '../lib/ports.ts';

/** The roster after somebody has lost every role. */
export const withoutRole = (roster: Roster, id: string): Roster => ({
  ...roster,
  person: (asked) => {
    const found = roster.person(asked);
    return found === undefined || asked !== id ? found : { ...found, roles: [] };
  },
  holders: (role) => roster.holders(role).filter((one) => one.id !== id),
});
