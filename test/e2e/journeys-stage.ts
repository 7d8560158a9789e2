import type { Stage } from '../../lib/checklist/stage.ts';

/** A person whom nobody else of the local roster knows: the account at the provider has the person's id. */
export const deputy = { id: 'p-4d0e7b62dd', name: 'Dora Deputy' } as const;
export const freeze = 'Quarter end';
/** While these tests are run. */
const always = { from: '2026-01-01T00:00', to: '2126-01-01T00:00' } as const;

/** The local stage with a product owner who is away, and with a freeze that does not end. */
export const changed = (stage: Stage): Stage => {
  const [first] = stage.roster;
  if (first === undefined) throw new Error('the local stage has no people');
  const away = { person: deputy.id, from: `${always.from}:00.000Z`, to: `${always.to}:00.000Z` };
  const subjects = first.subjects.map(({ issuer }) => ({ issuer, subject: deputy.id }));
  return {
    ...stage,
    roster: [
      ...stage.roster.map((one) => (one.roles.includes('product-owner') ? { ...one, deputies: [away] } : one)),
      { ...deputy, address: 'dora@example.com', roles: ['operator'], subjects, starters: [] },
    ],
    services: stage.services.map((service) => ({
      ...service,
      freezes: [{ name: freeze, zone: 'UTC', environments: ['production', 'staging'], once: always, reason: 'The books are closed.' }],
    })),
  };
};
