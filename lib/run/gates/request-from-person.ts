import type { Stored } from '../../audit/event.ts';
import type { Signers } from '../../audit/events/approval.ts';
import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical-json.ts';
import type { Gate } from '../../checklist/definition.ts';
import { foldRounds, type Round } from '../../folds/approval-rounds.ts';
import type { ApprovalEssentials } from '../../notification.ts';
import type { Notification, Person } from '../../ports.ts';
import type { Role } from '../../roles.ts';
import { type Entry, effectiveSettlement, returnBefore, visitOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import type { GateReport } from '../state/gate-report.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { asMailed, headOf, localInstant } from './mailing.ts';
import { pauseAfter, type Reconciliation } from './reconciliation.ts';
import { type Reminder, reminderAt } from './reminders.ts';

/** A request whose mail is not recorded by then is replaced by one with another link. */
const unmailedMs = 60_000;

/** Who is asked for a role. `principal`: the person for whom a deputy may answer. */
export type Asked = { readonly role: Role; readonly person: Person; readonly principal?: Person | undefined };
export type Request = Asked & {
  readonly entry: Entry;
  readonly round: number;
  readonly gate: Gate;
  readonly report: GateReport;
  readonly say: (reader: Person) => Promise<ApprovalEssentials>;
  /** A reminder of a request that was mailed and not answered. */
  readonly reminder?: Reminder;
};

const isOf =
  ({ role, person, principal }: Asked) =>
  ({ event: { data } }: Round['requests'][number]): boolean =>
    data.role === role && data.person === person.id && data.for === principal?.id;

/**
 * One request: the index stores the hash of its link, the event is appended, the mail is sent, and the mail is recorded. A crash in
 * between leaves a request whose link was never mailed; after a pause the person gets a request with another link. A reminder is a request
 * of its own in the same round, because nobody has the link of the first one any more; either link can be used.
 */
export const requestFromPerson = async (deps: Reconciliation, inputs: GateInputs, request: Request): Promise<GateInputs> => {
  const { gate, entry, round, role, person, principal, report, reminder } = request;
  const key = visitOf(entry);
  const known = foldRounds(inputs.approval, key).find((one) => one.round === round);
  const all = known?.requests.filter(isOf(request)) ?? [];
  if (known?.answers.some((stored) => stored.event.data.role === role)) return inputs;
  const isMailed = (stored: (typeof all)[number]): boolean =>
    known?.mailed.some((mail) => mail.event.data.link === stored.event.data.link) ?? false;
  // Somebody who was asked a moment ago needs no reminder: a deputy, say, whose time begins late.
  if (reminder !== undefined && !all.some((stored) => isMailed(stored) && isOlder(stored, inputs, reminder))) return inputs;
  const mine = all.filter(({ event }) => event.data.reminder === reminder);
  if (mine.some(isMailed)) return inputs;
  const last = mine.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(mine.length, unmailedMs);
  if (again > inputs.now.getTime()) {
    deps.retryAt(new Date(again));
    return inputs;
  }
  const token = deps.random.token(32);
  const link = sha256(token);
  const expires = entry.opened.event.data.due;
  const stead = principal === undefined ? {} : { for: principal.id };
  await deps.index.putLink(link, { run: inputs.context.run, gate: gate.id, round, role, person: person.id, expires });
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: stepOf(request, key, mine.length + 1),
    type: 'approval.requested',
    actor: system('reconciler'),
    data: {
      ...{ gate: gate.id, entry: key, round, role, person: person.id, link, report: known?.report ?? report.digest, expires },
      ...stead,
      ...signersOf(gate),
      ...(reminder === undefined ? {} : { reminder }),
    },
  });
  const requested: GateInputs = { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
  // Another reconciler was faster: its link counts. If it never mails that link, the next attempt makes another one.
  if (stored.event.data.link !== link) {
    deps.retryAt(new Date(inputs.now.getTime() + unmailedMs));
    return requested;
  }
  return mailRequest(deps, requested, request, { link, token, attempt: mine.length + 1 });
};

/** What the definition demands of the round; nothing where each role takes another person and it does not matter who wrote the release. */
const signersOf = ({ asks, distinctPeople, nonAuthors }: Gate): { readonly signers?: Signers } =>
  distinctPeople === null && nonAuthors === 0
    ? {}
    : { signers: { roles: asks.length, distinctPeople: distinctPeople ?? asks.length, nonAuthors } };

const stepOf = ({ round, role, person, principal, reminder }: Request, key: string, attempt: number): string =>
  [
    ...[key, round, role, person.id],
    ...(principal === undefined ? [] : ['for', principal.id]),
    ...(reminder === undefined ? ['requested'] : ['reminder', reminder]),
    attempt,
  ].join('/');

/** Whether the request was made before the time of the reminder. */
const isOlder = ({ event: { at, data } }: Round['requests'][number], { approval, now }: GateInputs, share: Reminder): boolean => {
  const first = foldRounds(approval, data.entry).find(({ round }) => round === data.round)?.requests[0]?.event.at ?? at;
  return Date.parse(at) < Math.min(reminderAt({ at: first, data }, share), now.getTime());
};

type Sent = { readonly link: string; readonly token: string; readonly attempt: number };

const mailRequest = async (deps: Reconciliation, inputs: GateInputs, request: Request, sent: Sent): Promise<GateInputs> => {
  const { gate, round, role, person } = request;
  const notification = await notificationOf(deps, inputs, request, sent.token);
  const result = await deps.mailer.send({
    about: { run: inputs.context.run, notification: 'approval-requested', person: person.id },
    to: { name: person.name, address: person.address },
    follows: mailedBefore(inputs, request),
    ...(await deps.renderNotification(notification)),
  });
  if (!result.accepted) {
    deps.retryAt(new Date(inputs.now.getTime() + pauseAfter(sent.attempt, unmailedMs)));
    return inputs;
  }
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${sent.link}/mailed`,
    type: 'approval.mailed',
    actor: system('reconciler'),
    data: { gate: gate.id, round, role, person: person.id, link: sent.link, message: result.message },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};

/** The mails of this round that the person got for this role, oldest first. */
const mailedBefore = ({ approval }: GateInputs, { entry, round, ...asked }: Request): readonly string[] => {
  const known = foldRounds(approval, visitOf(entry)).find((one) => one.round === round);
  const links = new Set(known?.requests.filter(isOf(asked)).map(({ event }) => event.data.link));
  return (known?.mailed ?? []).filter(({ event }) => links.has(event.data.link)).map(({ event }) => event.data.message);
};

const notificationOf = async (
  deps: Reconciliation,
  inputs: GateInputs,
  { gate, entry, round, role, person, principal, report, reminder, say }: Request,
  token: string,
): Promise<Notification> => {
  const expires = entry.opened.event.data.due;
  const before = askedBefore(inputs, entry);
  const back = round === 1 ? (returnBefore(inputs.gates, entry) ?? notPassed(before.at(-1))) : undefined;
  return {
    kind: 'approval-requested',
    ...headOf(deps, inputs.context),
    url: `${deps.stage.publicUrl}/approvals/${token}`,
    gateTitle: gate.title,
    role,
    name: person.name,
    forName: principal?.name ?? null,
    expires: localInstant(expires, person),
    reminder: reminder === undefined ? null : { share: reminder, leftSeconds: leftSeconds(expires, inputs.now) },
    code: report.code,
    round,
    time: before.length + 1,
    because: back === undefined ? null : asMailed(deps, back.event.data.reason),
    essentials: await say(person),
  };
};

/** The earlier visits of this gate in which people were asked. */
const askedBefore = ({ gates, approval }: GateInputs, entry: Entry): readonly Entry[] =>
  gates.entries
    .slice(
      0,
      Math.max(
        0,
        gates.entries.findIndex(({ opened }) => opened.event.id === entry.opened.event.id),
      ),
    )
    .filter((one) => one.gate === entry.gate && foldRounds(approval, visitOf(one)).length > 0);

/** How a visit ended that did not pass. */
const notPassed = (visit: Entry | undefined): Stored<'gate.settled'> | undefined => {
  const settled = visit === undefined ? undefined : effectiveSettlement(visit)?.settled;
  return settled?.event.data.outcome === 'passed' ? undefined : settled;
};

const leftSeconds = (expires: string, now: Date): number => Math.max(0, Math.round((Date.parse(expires) - now.getTime()) / 1000));
