import type { DataOf, Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical-json.ts';
import { gateOf } from '../../checklist/definition.ts';
import { clockTimeAt } from '../../checklist/local-time.ts';
import { type Audience, type LocalInstant, mailings, type PlannedT0 } from '../../notification.ts';
import type { Notification, Person } from '../../ports.ts';
import { type Role, roles } from '../../roles.ts';
import { effectiveSettlement, entryOf, type Gates } from '../state/gate-entries.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';
import type { Reconciliation } from './reconciliation.ts';

/** What every mail about the run says. */
export const headOf = (
  deps: Pick<Reconciliation, 'stage'>,
  context: RunContext,
): Record<'run' | 'service' | 'environment' | 'version' | 'url', string> => {
  const { service, environment, version } = context.started.event.data;
  return { run: context.run, service, environment, version, url: `${deps.stage.publicUrl}/runs/${context.run}` };
};

/** The same, with the link to the page on which its reader attests: a mail has one link. */
export const attestHeadOf = (deps: Pick<Reconciliation, 'stage'>, context: RunContext): ReturnType<typeof headOf> => {
  const head = headOf(deps, context);
  return { ...head, url: `${head.url}/attest` };
};

/** An instant with what the clock of a reader shows then. */
export const localInstant = (at: string, { zone = 'UTC' }: Pick<Person, 'zone'>): LocalInstant => ({
  at,
  local: clockTimeAt(new Date(at), zone),
  zone,
});

/** The planned T0 with what the clock of a reader shows then. */
export const localT0 = (plannedT0: string, reader: Pick<Person, 'zone'>): PlannedT0 =>
  plannedT0 === 'when-released' ? plannedT0 : localInstant(plannedT0, reader);

const isRole = (audience: Audience): audience is Role => roles.some((role) => role === audience);

/** The chat channel among the readers of a mail: it is claimed, recorded and tried again as they are. */
export const channel: Person = { id: 'chat', name: 'all', address: '', roles: [] };

/** Who gets a mail, by the table of mailings: each person once. `owners`: the owners of the checks that the mail is about, or the roles that review. */
export const recipientsOf = (
  { roster, stage }: Pick<Reconciliation, 'roster' | 'stage'>,
  context: RunContext,
  kind: Notification['kind'],
  owners: readonly Role[] = [],
): Person[] => {
  const people = mailings[kind].to.flatMap((audience) => {
    if (audience === 'chat') return stage.chat === null ? [] : { ...channel, zone: stage.chat.zone };
    if (audience === 'starter') return roster.person(context.started.event.data.starter) ?? [];
    if (audience === 'owners' || audience === 'reviewers') return owners.flatMap((role) => roster.holders(role));
    return isRole(audience) ? roster.holders(audience) : [];
  });
  return [...new Map(people.map((person) => [person.id, person])).values()];
};

export const titleOf = ({ checklist }: Pick<RunContext, 'checklist'>, gate: string): string => gateOf(checklist, gate)?.title ?? gate;

/** Why the last visit of the gate did not pass, as a mail may say it; null when it passed or was not decided. */
export const whyStopped = (facts: Pick<Reconciliation, 'roster'>, gates: Gates, gate: string): string | null => {
  const visit = entryOf(gates, gate);
  const settled = visit === undefined ? undefined : effectiveSettlement(visit)?.settled.event.data;
  return settled === undefined || settled.outcome === 'passed' ? null : asMailed(facts, settled.reason);
};

export type Accepted = readonly { readonly person: Person; readonly message: string }[];

/** Mails each person; returns those whose mail the mail system accepted, with its message id. */
export const mailPeople = async (
  deps: Pick<Reconciliation, 'mailer' | 'chat' | 'renderNotification'>,
  people: readonly Person[],
  notification: (person: Person) => Notification,
  follows: (person: Person) => readonly string[] = () => [],
): Promise<Accepted> => {
  const accepted: { readonly person: Person; readonly message: string }[] = [];
  for (const person of people) {
    const about = notification(person);
    if (person.id === channel.id) {
      const posted = await deps.chat?.tell(about);
      if (posted?.accepted) accepted.push({ person, message: channel.id });
      continue;
    }
    const result = await deps.mailer.send({
      about: { run: about.run, notification: about.kind, person: person.id },
      to: { name: person.name, address: person.address },
      follows: follows(person),
      ...(await deps.renderNotification(about)),
    });
    if (result.accepted) accepted.push({ person, message: result.message });
  }
  return accepted;
};

type Sent = {
  readonly notice: string;
  readonly accepted: Accepted;
  readonly scope?: string;
  readonly step?: string;
  readonly owed?: DataOf<'notice.sent'>['owed'];
};

/** `lane`: the notice lane as read, of the run or of `scope`. */
export const recordNotice = async (
  deps: Pick<Reconciliation, 'trail'>,
  context: RunContext,
  lane: readonly Stored[],
  { notice, accepted, scope = context.scope, step = notice, owed }: Sent,
): Promise<Stored> => {
  const { stored } = await appendToLane(deps, context.parentHash, lane, {
    scope,
    lane: lanes.notice,
    step,
    type: 'notice.sent',
    actor: system('reconciler'),
    data: {
      notice,
      people: accepted.map(({ person }) => person.id),
      message: sha256(accepted.map(({ message }) => message).join('\n')).slice(0, 32),
      ...(owed === undefined ? {} : { owed }),
    },
  });
  return stored as Stored;
};

/** How a mail names a person. */
export const nameOf = ({ roster }: Pick<Reconciliation, 'roster'>, person: string): string =>
  roster.person(person)?.name ?? 'somebody who has left the roster';

/**
 * A reason of the trail as a mail may say it: with names for ids, and without what it quotes. What a report says is shown on the page,
 * signed in, and in no mail: a name in a mail can pose as an address or as a sentence of ours.
 */
export const asMailed = ({ roster }: Pick<Reconciliation, 'roster'>, reason: string): string =>
  reason.replace(/“[^”]*(”|$)/g, '…').replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => roster.person(id)?.name ?? id);
