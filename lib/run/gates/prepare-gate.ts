import { lanes } from '../../audit/lane.ts';
import { digestOf, sha256 } from '../../canonical.ts';
import { type Gate, gateOf, type Line, linesOf } from '../../checklist/definition.ts';
import { isEvidenceRule } from '../../checklist/rule.ts';
import type { Letter, Person, SettleWorld, World } from '../../ports.ts';
import { askForAnswers } from './request-approvals.ts';
import { claimMail } from './claim-mail.ts';
import { judgeComputed } from '../state/computed.ts';
import type { Decision } from './decide.ts';
import type { Entry } from '../state/gate-entries.ts';
import { appendTo, extended, leadOpensAt, ofType, system } from '../state/run-context.ts';
import { lookAgain } from '../writing/recheck.ts';
import { notAccepted } from './defer-mail-faults.ts';
import { laneOfLine, type Reading } from '../state/gate-inputs.ts';

/**
 * Does what an open gate needs before it can be decided: judges its computed lines, sends the notice that a line is about,
 * asks people. Every step is an event, found again when the settler was cut off.
 */
export const tend = async (world: SettleWorld, reading: Reading, entry: Entry): Promise<Reading> => {
  const gate = gateOf(reading.head.checklist, entry.gate);
  if (gate === undefined) return reading;
  // Before its window opens nobody is told of a deployment that is days away.
  const opens = leadOpensAt(reading.head, gate);
  if (opens !== null && reading.now.toISOString() < opens) return reading;
  const noticed = await sendNotices(world, reading, gate);
  const asked = await askForAnswers(world, await judgeLines(world, noticed, gate), gate, entry);
  return judgeLines(world, asked, gate);
};

/** Appends a judgement for every computed line whose verdict or sentence has changed. */
const judgeLines = async (world: SettleWorld, reading: Reading, gate: Gate): Promise<Reading> => {
  let current = reading;
  for (const line of linesOf(reading.head.checklist, gate.id)) current = await judgeLine(world, current, line);
  return current;
};

const judgeLine = async (world: SettleWorld, reading: Reading, line: Line): Promise<Reading> => {
  if (line.rule === null || isEvidenceRule(line.rule)) return reading;
  const judgement = judgeComputed(line.rule, line, reading);
  if (judgement === undefined) return reading;
  const lane = laneOfLine(reading, line);
  const judged = ofType(lane, 'check.judged');
  const last = judged.at(-1)?.event.data;
  if (last !== undefined && last.verdict === judgement.verdict && last.reason === judgement.reason) return reading;
  const facts = digestOf({ rule: line.rule, reason: judgement.reason });
  const { stored } = await appendTo(world, reading.head.opener, lane, {
    scope: reading.head.scope,
    lane: lanes.check(line.gate ?? '', line.id),
    step: `computed/${judged.length + 1}`,
    type: 'check.judged',
    actor: system('settler'),
    data: {
      line: line.id,
      subject: '*/computed',
      verdict: judgement.verdict,
      reason: judgement.reason,
      facts,
      evidence: null,
      attempt: judged.length + 1,
      // Settlers on several machines judge by turns: none may be overruled by one whose clock was ahead.
      madeAt: [reading.now.toISOString(), ...judged.map(({ event }) => event.data.madeAt)].sort().at(-1) ?? '',
      goodUntil: null,
      by: null,
      words: null,
    },
  });
  const checks = new Map(reading.checks);
  checks.set(stored.event.lane, await extended(world, lane, stored));
  return { ...reading, checks };
};

/** Sends the notice that a line of this gate is about, once. Whom the mail system refuses is not among those who are told. */
const sendNotices = async (world: SettleWorld, reading: Reading, gate: Gate): Promise<Reading> => {
  const wanted = linesOf(reading.head.checklist, gate.id).flatMap((line) =>
    line.rule?.kind === 'notice-sent/1' ? [line.rule.notice] : [],
  );
  let current = reading;
  for (const notice of wanted) {
    if (ofType(current.notice, 'notice.sent').some((stored) => stored.event.data.notice === notice)) continue;
    const people = stakeholders(world);
    const lane = people.length === 0 ? undefined : await claimMail(world, current.head, notice);
    if (lane === undefined) continue;
    const { told, messages } = await mailAll(world, people, (person) => noticeLetter(world, current, person));
    if (told.length === 0) continue;
    const { stored } = await appendTo(world, current.head.opener, lane, {
      scope: current.head.scope,
      lane: lanes.notice,
      step: notice,
      type: 'notice.sent',
      actor: system('settler'),
      data: { notice, people: told.map((person) => person.id), message: sha256(messages.join('\n')).slice(0, 32) },
    });
    current = { ...current, notice: await extended(world, lane, stored) };
  }
  return current;
};

const stakeholders = (world: Pick<World, 'roster'>): Person[] => {
  const all = (['technical-lead', 'operations-lead', 'product-owner', 'operator'] as const).flatMap((role) => world.roster.holders(role));
  return [...new Map(all.map((person) => [person.id, person])).values()];
};

const noticeLetter = (world: SettleWorld, reading: Reading, person: Person): Letter => {
  const { service, environment, version, plannedT0 } = reading.head.started.event.data;
  return {
    kind: 'deployment-announced',
    run: reading.head.run,
    service,
    environment,
    version,
    plannedT0,
    name: person.name,
    url: `${world.stage.publicUrl}/runs/${reading.head.run}`,
  };
};

export const mailAll = async (
  world: Pick<World, 'mailer' | 'letters'>,
  people: readonly Person[],
  letter: (person: Person) => Letter,
): Promise<{ readonly told: Person[]; readonly messages: string[] }> => {
  const told: Person[] = [];
  const messages: string[] = [];
  for (const person of people) {
    const { message } = await world.mailer.send({ to: { name: person.name, address: person.address }, ...world.letters(letter(person)) });
    if (message === notAccepted) continue;
    told.push(person);
    messages.push(message);
  }
  return { told, messages };
};

/**
 * Arms the next look: a due item that the pulse finds, and a schedule that is more precise. The opener has armed the deadline and
 * the window that it could foresee; only another instant needs writing. An overdue gate pages its owner once.
 */
export const arm = async (
  world: SettleWorld,
  reading: Reading,
  entry: Entry,
  decision: Extract<Decision, { settle: null }>,
): Promise<void> => {
  const { due, wake } = entry.opened.event.data;
  if (decision.wakeAt !== null) {
    const at = decision.wakeAt.toISOString();
    if (at !== wake && at !== due) await lookAgain(world, reading.head.run, entry.gate, decision.wakeAt.getTime());
    await world.schedules.at(scheduleName(reading.head.run, entry, at), decision.wakeAt, { run: reading.head.run, gate: entry.gate });
  }
  const isIncident = entry.gate === 'incident';
  if ((decision.overdue || isIncident) && entry.overdue === undefined) await page(world, reading, entry, decision.reasons);
};

const scheduleName = (run: string, entry: Entry, at: string): string =>
  `${run}-${digestOf([entry.gate, entry.opened.event.data.entry, at]).slice(0, 16)}`;

/** A mail is for people: it says their names where the trail has ids. */
const named = ({ roster }: Pick<World, 'roster'>, sentence: string): string =>
  sentence.replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => roster.person(id)?.name ?? id);

/** The run's owner is the service's operations lead; mails first, then the event, so that a lost mail is sent again. */
const page = async (world: SettleWorld, reading: Reading, entry: Entry, reasons: readonly string[]): Promise<void> => {
  const key = entry.opened.event.data.entry;
  if ((await claimMail(world, reading.head, `overdue/${entry.gate}/${key}`)) === undefined) return;
  const people = world.roster.holders('operations-lead');
  const { service, environment, version } = reading.head.started.event.data;
  const head = { run: reading.head.run, service, environment, version, url: `${world.stage.publicUrl}/runs/${reading.head.run}` };
  const title = gateOf(reading.head.checklist, entry.gate)?.title ?? entry.gate;
  const { told } = await mailAll(world, people, (person) =>
    entry.gate === 'incident'
      ? { kind: 'incident-opened', ...head, name: person.name, interrupted: entry.opened.event.data.interrupted ?? 'the start' }
      : { kind: 'gate-overdue', ...head, name: person.name, gateTitle: title, reasons: reasons.map((reason) => named(world, reason)) },
  );
  if (told.length === 0) return;
  await appendTo(world, reading.head.opener, entry.lane, {
    scope: reading.head.scope,
    lane: lanes.gate(entry.gate),
    step: `${key}/overdue`,
    type: 'gate.overdue',
    actor: system('settler'),
    data: { gate: entry.gate, entry: key, mailed: told.map((person) => person.id) },
  });
};
