import { lanes, scopes } from '../audit/lane.ts';
import { confirmersOf, givenIn, longestStandingMs, standingTakers } from '../evaluation/standing-evidence.ts';
import { unaccountedIn } from '../folds/environment.ts';
import { flawOfAnswer, missingWords, openIn, proposalsIn } from '../folds/profile.ts';
import type { Dependencies } from '../ports.ts';
import { operatingRoles, profileRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { ownOpenRun } from '../run/state/own-open-run.ts';
import { readProfiles } from '../run/state/registered-profiles.ts';
import { readStandingSince } from '../run/state/standing-evidence.ts';
import { counted } from '../wording.ts';
import type { InboxItem } from './inbox-item.ts';

type Reader = Pick<Dependencies, 'trail' | 'clock' | 'stage' | 'definitions' | 'index'>;
type Person = Pick<PersonCaller, 'id' | 'roles'>;

/** So many of the newest events about changes are read of an environment. */
const changesRead = 200;

/** What a service asks of a person beside its runs. */
export const inboxOfService = async (deps: Reader, service: string, person: Person): Promise<readonly InboxItem[]> => {
  const environments = deps.stage.environments[service] ?? [];
  const found = await Promise.all([
    profileOf(deps, service, person),
    standingOf(deps, service, person),
    ...environments.map((environment) => changesOf(deps, { service, environment }, person)),
  ]);
  return found.flat();
};

const none = { version: null, run: null, gate: null, gateTitle: null, check: null, for: null, until: null } as const;

const profileOf = async (deps: Reader, service: string, { id, roles }: Person): Promise<readonly InboxItem[]> => {
  const own = profileRoles.filter((role) => roles.includes(role));
  if (own.length === 0) return [];
  const open = openIn(proposalsIn(await readProfiles(deps, service)));
  if (open === undefined || flawOfAnswer(open, { by: id, roles: own }) !== undefined) return [];
  const isOutdated = open.base !== deps.definitions.current().digest;
  return [
    {
      ...none,
      id: `profile/${service}/${open.event}`,
      kind: 'profile',
      title: `Approve or reject the proposed profile ${open.profile.slice(0, 12)}`,
      detail: isOutdated
        ? 'The checklist has changed since: it can only be approved after the same file was proposed again.'
        : `Proposed by ${open.by}. It waits for the ${missingWords(open)}.`,
      service,
      environment: null,
      role: own[0] ?? null,
      since: open.at,
      page: `/services/${service}/profile`,
      command: `holdpoint profile approve ${open.profile} --service ${service}`,
    },
  ];
};

const standingOf = async (deps: Reader, service: string, { id, roles }: Person): Promise<readonly InboxItem[]> => {
  const { checklist } = deps.definitions.current();
  const since = new Date(deps.clock.now().getTime() - longestStandingMs(checklist));
  const waiting = givenIn(await readStandingSince(deps, service, since)).filter(({ state, by }) => state === 'waits' && by !== id);
  return waiting.flatMap(({ stored: { event }, environment, by }): InboxItem[] => {
    const { evidence, source, serves } = event.data;
    const checks = standingTakers(checklist).filter((check) => serves.includes(check.id));
    const role = confirmersOf(checks).find((one) => roles.includes(one));
    if (role === undefined || event.at <= since.toISOString()) return [];
    return [
      {
        ...none,
        id: `standing-evidence/${service}/${event.id}`,
        kind: 'standing-evidence',
        title: `Confirm or reject the ${evidence} for ${titlesOf(checks)}`,
        detail: `Given by ${by ?? 'CI'}${evidence === 'attestation' ? '' : ` as ${source}`}${checks.length > 1 ? ` for ${checks.map(({ title }) => `“${title}”`).join(', ')}` : ''}.`,
        service,
        environment,
        role,
        since: event.at,
        page: eventPage(event),
        command: `holdpoint confirm ${service} ${event.id}`,
      },
    ];
  });
};

/** The first of the checks, and how many more there are. */
const titlesOf = ([first, ...others]: readonly { readonly title: string }[]): string =>
  `“${first?.title ?? 'no check'}”${others.length === 0 ? '' : ` and ${counted(others.length, 'more check')}`}`;

const changesOf = async (
  deps: Reader,
  { service, environment }: { readonly service: string; readonly environment: string },
  { id: person, roles }: Person,
): Promise<readonly InboxItem[]> => {
  const role = operatingRoles.find((one) => roles.includes(one));
  if (role === undefined) return [];
  const scope = scopes.environment(service, environment);
  const lane = await deps.trail.read(scope, { lane: lanes.unaccounted, last: changesRead });
  const open = unaccountedIn(lane).filter(({ explanation }) => explanation === null);
  // Who started a run there may not explain what it is judged by.
  if (open.length === 0 || (await ownOpenRun(deps, { service, environment }, person)) !== undefined) return [];
  return open.flatMap(({ id, what, seenAt }): InboxItem[] => {
    const event = lane.find((one) => one.event.id === id)?.event;
    if (event === undefined) return [];
    return [
      {
        ...none,
        id: `unaccounted-change/${service}/${environment}/${id}`,
        kind: 'unaccounted-change',
        title: 'Explain a deployment that no run accounts for',
        detail: what,
        service,
        environment,
        role,
        since: seenAt,
        page: eventPage(event),
        command: `holdpoint environment explain ${service} --environment ${environment} --change ${id} --reason TEXT`,
      },
    ];
  });
};

/** The page of one event. */
export const eventPage = ({ scope, lane, seq }: { readonly scope: string; readonly lane: string; readonly seq: number }): string =>
  `/audit/event?${new URLSearchParams({ scope, lane, seq: String(seq) })}`;
