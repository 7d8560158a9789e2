import { type Item, itemOf } from '../../checklist/definition.ts';
import type { Artifact } from '../../fields.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Roster } from '../../ports.ts';
import { operatingRoles, type Role } from '../../roles.ts';
import type { Caller, PersonCaller } from '../state/caller.ts';
import type { RunContext } from '../state/run-context.ts';

type Refused = { readonly refused: Refusal };

/** A CI identity acts for its configured services only, and where it names environments, only there. Without `environment` the service alone is asked about. */
export const mayServe = (
  caller: Caller,
  { service, environment }: { readonly service: string; readonly environment?: string | undefined },
): Refused | undefined => {
  if (caller.kind !== 'ci') return undefined;
  if (!caller.services.includes(service))
    return refuse('role-missing', `The CI identity ${caller.id} may not act for service ${service}.`, {
      got: service,
      expected: caller.services.join(' or ') || 'no service',
      fix: 'Name a service of the identity, or add the service to the identity in the stage configuration.',
    });
  if (environment === undefined || (caller.environments?.includes(environment) ?? true)) return undefined;
  return refuse('role-missing', `The CI identity ${caller.id} may not act in environment ${environment}.`, {
    got: environment,
    expected: caller.environments?.join(' or ') ?? '',
    fix: 'Name an environment of the identity, or add the environment to the identity in the stage configuration.',
  });
};

/** Refuses a person who holds none of the roles. */
export const needsRole = (caller: PersonCaller, roles: readonly Role[], what: string): Refused | undefined => {
  if (caller.roles.some((own) => roles.includes(own))) return undefined;
  const expected = roles.join(' or ');
  return refuse('role-missing', `Only the ${expected} may decide about ${what}.`, {
    got: caller.roles.join(', ') || 'no role',
    expected,
    fix: 'Ask somebody who holds the role, or change the roster.',
  });
};

/** The roles in which somebody acted, without those that the roster has taken from them since. */
export const stillHeld = <R extends string>(
  roster: Pick<Roster, 'person'>,
  { by, roles }: { readonly by: string; readonly roles: readonly R[] },
): readonly R[] => {
  const now: readonly string[] = roster.person(by)?.roles ?? [];
  return roles.filter((role) => now.includes(role));
};

/** Refuses the person who started the run. `act` completes "may not". */
export const notStarter = (context: RunContext, caller: PersonCaller, act: string): Refused | undefined =>
  caller.id === context.started.event.data.starter
    ? refuse('starter-excluded', `The person who started the run may not ${act}.`, {
        got: caller.id,
        expected: 'another person',
        fix: 'Ask another holder of the role.',
      })
    : undefined;

export const mayOperate = (caller: PersonCaller, what: string): Refused | undefined => needsRole(caller, operatingRoles, what);

/** Signing and making an exception need a sign-in that is not older than this. Milliseconds. */
export const recentSignInMs = 15 * 60_000;

/** A signature and an exception open a gate, so the person must be at the keyboard now. */
export const staleSignIn = (caller: PersonCaller, now: Date): Refused | undefined =>
  Math.abs(now.getTime() - caller.signedInAt.getTime()) > recentSignInMs
    ? refuse('sign-in-stale', 'You signed in more than 15 minutes ago.', {
        got: caller.signedInAt.toISOString(),
        expected: 'a sign-in within 15 minutes',
        fix: 'Sign in again, then send this again.',
      })
    : undefined;

/** The artifact that the run releases as a component. */
export const artifactOf = (context: RunContext, component: string): Outcome<Artifact> => {
  const { artifacts } = context.started.event.data;
  const artifact = artifacts.find((one) => one.component === component);
  if (artifact !== undefined) return ok(artifact);
  return refuse('component-unknown', 'The run has no such component.', {
    got: component,
    expected: artifacts.map((one) => one.component).join(', '),
    fix: 'Name a component of the run.',
  });
};

/** A check of the pinned checklist: an item that a gate judges. */
export type GatedCheck = Item & { readonly gate: NonNullable<Item['gate']> };

export const checkOf = (context: RunContext, id: string): Outcome<GatedCheck> => {
  const item = itemOf(context.checklist, id);
  if (item !== undefined && item.gate !== null) return ok({ ...item, gate: item.gate });
  return refuse('check-unknown', 'The checklist that the run pinned has no such check.', {
    got: id.slice(0, 80),
    expected: 'the id of a check that `holdpoint checklist` lists under a gate',
    fix: 'List the checks with `holdpoint checklist`.',
  });
};
