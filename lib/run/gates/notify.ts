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
    const { stored } = await appendToLane(deps, current.context.parentHash, lane, {
      scope: current.context.scope,
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
    current = { ...current, notice: await withAppended(deps, lane, stored) };
  }
  return current;
};

const stakeholders = (deps: Pick<Reconciliation, 'roster'>): Person[] => {
  const all = (['technical-lead', 'operations-lead', 'product-owner', 'operator'] as const).flatMap((role) => deps.roster.holders(role));
  return [...new Map(all.map((person) => [person.id, person])).values()];
};

/** What every mail about the run says. */
const headOf = (
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
const mailPeople = async (
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
  const purpose = `overdue/${entry.gate}/${key}`;
  const lane = await claimMail(deps, context, purpose, await deps.trail.read(context.scope, { lane: lanes.notice }));
  if (lane === undefined) return;
  const head = headOf(deps, context);
  const title = gateOf(context.checklist, entry.gate)?.title ?? entry.gate;
  const accepted = await mailPeople(deps, deps.roster.holders('operations-lead'), ({ name }) =>
    entry.gate === incidentId
      ? { kind: 'incident-opened', ...head, name, interrupted: entry.opened.event.data.interrupted ?? 'the start' }
      : { kind: 'gate-overdue', ...head, name, gateTitle: title, reasons: reasons.map((reason) => withNames(deps, reason)) },
  );
  if (accepted.length === 0) return retryClaim(deps, lane, purpose);
  await appendToLane(deps, context.parentHash, entry.lane, {
    scope: context.scope,
    lane: lanes.gate(entry.gate),
    step: `${key}/overdue`,
    type: 'gate.overdue',
    actor: system('reconciler'),
    data: { gate: entry.gate, entry: key, mailed: accepted.map(({ person }) => person.id) },
  });
};

/** The trail has ids where a mail has names. */
const withNames = ({ roster }: Pick<Reconciliation, 'roster'>, sentence: string): string =>
  sentence.replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => roster.person(id)?.name ?? id);
