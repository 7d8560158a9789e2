import { lanes } from '../../audit/lane.ts';
import { digestOf, sha256 } from '../../canonical.ts';
import { checksOf, type Gate, gateOf, type Item } from '../../checklist/definition.ts';
import { isEvidenceRule } from '../../checklist/rule.ts';
import type { Dependencies, Letter, Person, ReconcilerDependencies } from '../../ports.ts';
import { judgeComputed } from '../state/computed.ts';
import type { Entry } from '../state/gate-entries.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { appendToLane, leadOpensAt, ofType, system, withAppended } from '../state/run-context.ts';
import { scheduleRecheck } from '../writing/recheck.ts';
import { claimMail } from './claim-mail.ts';
import type { Decision } from './decide.ts';
import { notAccepted } from './defer-mail-faults.ts';
import { requestApprovals } from './request-approvals.ts';

/**
 * Does what an open gate needs before it can be decided: judges its computed checks, sends the notice that a check is about,
 * asks people. Every step is an event, found again when the reconciler was cut off.
 */
export const prepareGate = async (deps: ReconcilerDependencies, inputs: GateInputs, entry: Entry): Promise<GateInputs> => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  if (gate === undefined) return inputs;
  // Before its window opens nobody is told of a deployment that is days away.
  const opens = leadOpensAt(inputs.context, gate);
  if (opens !== null && inputs.now.toISOString() < opens) return inputs;
  const noticed = await sendNotices(deps, inputs, gate);
  const asked = await requestApprovals(deps, await judgeChecks(deps, noticed, gate), gate, entry);
  return judgeChecks(deps, asked, gate);
};

/** Appends a judgement for every computed check whose verdict or sentence has changed. */
const judgeChecks = async (deps: ReconcilerDependencies, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  let current = inputs;
  for (const check of checksOf(inputs.context.checklist, gate.id)) current = await judgeCheck(deps, current, check);
  return current;
};

const judgeCheck = async (deps: ReconcilerDependencies, inputs: GateInputs, check: Item): Promise<GateInputs> => {
  if (check.rule === null || isEvidenceRule(check.rule)) return inputs;
  const judgement = judgeComputed(check.rule, check, inputs);
  if (judgement === undefined) return inputs;
  const lane = laneOfCheck(inputs, check);
  const judged = ofType(lane, 'check.judged');
  const last = judged.at(-1)?.event.data;
  if (last !== undefined && last.verdict === judgement.verdict && last.reason === judgement.reason) return inputs;
  const facts = digestOf({ rule: check.rule, reason: judgement.reason });
  const { stored } = await appendToLane(deps, inputs.context.parentHash, lane, {
    scope: inputs.context.scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step: `computed/${judged.length + 1}`,
    type: 'check.judged',
    actor: system('reconciler'),
    data: {
      check: check.id,
      subject: '*/computed',
      verdict: judgement.verdict,
      reason: judgement.reason,
      facts,
      evidence: null,
      attempt: judged.length + 1,
      // Settlers on several machines judge by turns: none may be overruled by one whose clock was ahead.
      madeAt: [inputs.now.toISOString(), ...judged.map(({ event }) => event.data.madeAt)].sort().at(-1) ?? '',
      goodUntil: null,
      by: null,
      words: null,
    },
  });
  const checks = new Map(inputs.checks);
  checks.set(stored.event.lane, await withAppended(deps, lane, stored));
  return { ...inputs, checks };
};

/** Sends the notice that a check of this gate is about, once. Whom the mail system refuses is not among those who are told. */
const sendNotices = async (deps: ReconcilerDependencies, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const wanted = checksOf(inputs.context.checklist, gate.id).flatMap((check) =>
    check.rule?.kind === 'notice-sent/1' ? [check.rule.notice] : [],
  );
  let current = inputs;
  for (const notice of wanted) {
    if (ofType(current.notice, 'notice.sent').some((stored) => stored.event.data.notice === notice)) continue;
    const people = stakeholders(deps);
    const lane = people.length === 0 ? undefined : await claimMail(deps, current.context, notice);
    if (lane === undefined) continue;
    const { told, messages } = await mailPeople(deps, people, (person) => announcement(deps, current, person));
    if (told.length === 0) continue;
    const { stored } = await appendToLane(deps, current.context.parentHash, lane, {
      scope: current.context.scope,
      lane: lanes.notice,
      step: notice,
      type: 'notice.sent',
      actor: system('reconciler'),
      data: { notice, people: told.map((person) => person.id), message: sha256(messages.join('\n')).slice(0, 32) },
    });
    current = { ...current, notice: await withAppended(deps, lane, stored) };
  }
  return current;
};

const stakeholders = (deps: Pick<Dependencies, 'roster'>): Person[] => {
  const all = (['technical-lead', 'operations-lead', 'product-owner', 'operator'] as const).flatMap((role) => deps.roster.holders(role));
  return [...new Map(all.map((person) => [person.id, person])).values()];
};

const announcement = (deps: ReconcilerDependencies, inputs: GateInputs, person: Person): Letter => {
  const { service, environment, version, plannedT0 } = inputs.context.started.event.data;
  return {
    kind: 'deployment-announced',
    run: inputs.context.run,
    service,
    environment,
    version,
    plannedT0,
    name: person.name,
    url: `${deps.stage.publicUrl}/runs/${inputs.context.run}`,
  };
};

export const mailPeople = async (
  deps: Pick<Dependencies, 'mailer' | 'renderNotification'>,
  people: readonly Person[],
  notification: (person: Person) => Letter,
): Promise<{ readonly told: Person[]; readonly messages: string[] }> => {
  const told: Person[] = [];
  const messages: string[] = [];
  for (const person of people) {
    const { message } = await deps.mailer.send({
      to: { name: person.name, address: person.address },
      ...deps.renderNotification(notification(person)),
    });
    if (message === notAccepted) continue;
    told.push(person);
    messages.push(message);
  }
  return { told, messages };
};

/**
 * Arms the next look: a due item that the sweep finds, and a schedule that is more precise. The opener has armed the deadline and
 * the window that it could foresee; only another instant needs writing. An overdue gate pages its owner once.
 */
export const scheduleNextCheck = async (
  deps: ReconcilerDependencies,
  inputs: GateInputs,
  entry: Entry,
  decision: Extract<Decision, { settle: null }>,
): Promise<void> => {
  const { due, wake } = entry.opened.event.data;
  if (decision.wakeAt !== null) {
    const at = decision.wakeAt.toISOString();
    if (at !== wake && at !== due) await scheduleRecheck(deps, inputs.context.run, entry.gate, decision.wakeAt.getTime());
    await deps.schedules.at(scheduleName(inputs.context.run, entry, at), decision.wakeAt, { run: inputs.context.run, gate: entry.gate });
  }
  const isIncident = entry.gate === 'incident';
  if ((decision.overdue || isIncident) && entry.overdue === undefined) await pageOwner(deps, inputs, entry, decision.reasons);
};

const scheduleName = (run: string, entry: Entry, at: string): string =>
  `${run}-${digestOf([entry.gate, entry.opened.event.data.entry, at]).slice(0, 16)}`;

/** A mail is for people: it says their names where the trail has ids. */
const named = ({ roster }: Pick<Dependencies, 'roster'>, sentence: string): string =>
  sentence.replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => roster.person(id)?.name ?? id);

/** The run's owner is the service's operations lead; mails first, then the event, so that a lost mail is sent again. */
const pageOwner = async (deps: ReconcilerDependencies, inputs: GateInputs, entry: Entry, reasons: readonly string[]): Promise<void> => {
  const key = entry.opened.event.data.entry;
  if ((await claimMail(deps, inputs.context, `overdue/${entry.gate}/${key}`)) === undefined) return;
  const people = deps.roster.holders('operations-lead');
  const { service, environment, version } = inputs.context.started.event.data;
  const head = { run: inputs.context.run, service, environment, version, url: `${deps.stage.publicUrl}/runs/${inputs.context.run}` };
  const title = gateOf(inputs.context.checklist, entry.gate)?.title ?? entry.gate;
  const { told } = await mailPeople(deps, people, (person) =>
    entry.gate === 'incident'
      ? { kind: 'incident-opened', ...head, name: person.name, interrupted: entry.opened.event.data.interrupted ?? 'the start' }
      : { kind: 'gate-overdue', ...head, name: person.name, gateTitle: title, reasons: reasons.map((reason) => named(deps, reason)) },
  );
  if (told.length === 0) return;
  await appendToLane(deps, inputs.context.parentHash, entry.lane, {
    scope: inputs.context.scope,
    lane: lanes.gate(entry.gate),
    step: `${key}/overdue`,
    type: 'gate.overdue',
    actor: system('reconciler'),
    data: { gate: entry.gate, entry: key, mailed: told.map((person) => person.id) },
  });
};
