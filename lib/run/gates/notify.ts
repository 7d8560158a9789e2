import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical-json.ts';
import { checksOf, type Gate, gateOf, incidentId } from '../../checklist/definition.ts';
import type { Notification, Person } from '../../ports.ts';
import { kindOf } from '../../registry/rules.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { appendToLane, ofType, type RunContext, system, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import type { Reconciliation } from './reconciliation.ts';

/** Sends each notice that a check of this gate is about, once. The event names the people whose mail was accepted. */
export const sendNotices = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const wanted = checksOf(inputs.context.checklist, gate.id).flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).sends(rule)));
  let current = inputs;
  for (const notice of wanted) {
    if (ofType(current.notice, 'notice.sent').some((stored) => stored.event.data.notice === notice)) continue;
    const people = stakeholders(deps);
    const lane = people.length === 0 ? undefined : await claimMail(deps, current.context, notice, current.notice);
    if (lane === undefined) continue;
    const accepted = await mailPeople(deps, people, (person) => announcement(deps, current.context, person));
    if (accepted.length === 0) {
      retryClaim(deps, lane, notice);
      continue;
    }
    const stored = await recordNotice(deps, current.context, lane, { notice, accepted });
    current = { ...current, notice: await withAppended(deps, lane, stored) };
  }
  return current;
};

type Accepted = readonly { readonly person: Person; readonly message: string }[];

const recordNotice = async (
  deps: Pick<Reconciliation, 'trail'>,
  context: RunContext,
  lane: readonly Stored[],
  { notice, accepted }: { readonly notice: string; readonly accepted: Accepted },
): Promise<Stored> => {
  const { stored } = await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: lanes.notice,
    step: notice,
    type: 'notice.sent',
    actor: system('reconciler'),
    data: {
      notice,
      people: accepted.map(({ person }) => person.id),
      message: sha256(accepted.map(({ message }) => message).join('\n')).slice(0, 32),
    },
  });
  return stored as Stored;
};

const stakeholders = (deps: Pick<Reconciliation, 'roster'>): Person[] => {
  const all = (['technical-lead', 'operations-lead', 'product-owner', 'operator'] as const).flatMap((role) => deps.roster.holders(role));
  return [...new Map(all.map((person) => [person.id, person])).values()];
};

/** What every mail about the run says. */
export const headOf = (
  deps: Pick<Reconciliation, 'stage'>,
  context: RunContext,
): Record<'run' | 'service' | 'environment' | 'version' | 'url', string> => {
  const { service, environment, version } = context.started.event.data;
  return { run: context.run, service, environment, version, url: `${deps.stage.publicUrl}/runs/${context.run}` };
};

const announcement = (deps: Pick<Reconciliation, 'stage'>, context: RunContext, { name }: Person): Notification => ({
  kind: 'deployment-announced',
  ...headOf(deps, context),
  plannedT0: context.started.event.data.plannedT0,
  name,
});

/** Mails each person; returns those whose mail the mail system accepted, with its message id. */
export const mailPeople = async (
  deps: Pick<Reconciliation, 'mailer' | 'renderNotification'>,
  people: readonly Person[],
  notification: (person: Person) => Notification,
): Promise<{ readonly person: Person; readonly message: string }[]> => {
  const accepted: { readonly person: Person; readonly message: string }[] = [];
  for (const person of people) {
    const about = notification(person);
    const result = await deps.mailer.send({
      about: { run: about.run, notification: about.kind, person: person.id },
      to: { name: person.name, address: person.address },
      ...deps.renderNotification(about),
    });
    if (result.accepted) accepted.push({ person, message: result.message });
  }
  return accepted;
};

/** Mails the run's owner, once an entry, that the gate is overdue or that an incident is open. Mail first, then event: a lost mail is repeated. */
export const notifyOwner = async (deps: Reconciliation, context: RunContext, entry: Entry, reasons: readonly string[]): Promise<void> => {
  const key = entry.opened.event.data.entry;
  const isIncident = entry.gate === incidentId;
  const purpose = `${isIncident ? 'incident' : 'overdue'}/${entry.gate}/${key}`;
  const notices = await deps.trail.read(context.scope, { lane: lanes.notice });
  if (ofType(notices, 'notice.sent').some((stored) => stored.event.data.notice === purpose)) return;
  const lane = await claimMail(deps, context, purpose, notices);
  if (lane === undefined) return;
  const head = headOf(deps, context);
  const title = gateOf(context.checklist, entry.gate)?.title ?? entry.gate;
  const accepted = await mailPeople(deps, deps.roster.holders('operations-lead'), ({ name }) =>
    isIncident
      ? { kind: 'incident-opened', ...head, name, interrupted: entry.opened.event.data.interrupted ?? 'the start' }
      : { kind: 'gate-overdue', ...head, name, gateTitle: title, reasons: reasons.map((reason) => withNames(deps, withoutQuotes(reason))) },
  );
  if (accepted.length === 0) return retryClaim(deps, lane, purpose);
  const people = accepted.map(({ person }) => person.id);
  // An incident that has just opened is not overdue.
  if (isIncident) {
    const message = sha256(accepted.map((one) => one.message).join('\n')).slice(0, 32);
    await appendToLane(deps, context.parentHash, lane, {
      scope: context.scope,
      lane: lanes.notice,
      step: purpose,
      type: 'notice.sent',
      actor: system('reconciler'),
      data: { notice: purpose, people, message },
    });
    return;
  }
  await appendToLane(deps, context.parentHash, entry.lane, {
    scope: context.scope,
    lane: lanes.gate(entry.gate),
    step: `${key}/overdue`,
    type: 'gate.overdue',
    actor: system('reconciler'),
    data: { gate: entry.gate, entry: key, mailed: people },
  });
};

/** Mails operations, once, that the workflow does not open the next gate. `gate`: the last one that was open, or the first of all. */
export const notifyUnopened = async (
  deps: Reconciliation,
  context: RunContext,
  { gate, since }: { readonly gate: string; readonly since: string },
): Promise<void> => {
  const notice = `unopened/${gate}/${since}`;
  const before = await deps.trail.read(context.scope, { lane: lanes.notice });
  if (ofType(before, 'notice.sent').some((stored) => stored.event.data.notice === notice)) return;
  const lane = await claimMail(deps, context, notice, before);
  if (lane === undefined) return;
  const gateTitle = gateOf(context.checklist, gate)?.title ?? gate;
  const reasons = [
    `the workflow has opened no gate since ${since}: look at the execution ${context.run} and at the log of the function gate-opener`,
    'if none opens within three hours, the run ends as an incident',
  ];
  const accepted = await mailPeople(deps, deps.roster.holders('operations-lead'), ({ name }) => ({
    kind: 'gate-overdue',
    ...headOf(deps, context),
    name,
    gateTitle,
    reasons,
  }));
  if (accepted.length === 0) return retryClaim(deps, lane, notice);
  await recordNotice(deps, context, lane, { notice, accepted });
};
/** What a report says is shown on the page, signed in, and in no mail: a name in a mail can pose as an address or as a sentence of ours. */
const withoutQuotes = (reason: string): string => reason.replace(/“[^”]*(”|$)/g, '…');

/** The trail has ids where a mail has names. */
const withNames = ({ roster }: Pick<Reconciliation, 'roster'>, sentence: string): string =>
  sentence.replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => roster.person(id)?.name ?? id);
