import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical.ts';
import type { Gate } from '../../checklist/definition.ts';
import type { Role } from '../../checklist/rule.ts';
import type { Person, SettleWorld } from '../../ports.ts';
import { currentRound, foldRounds, type Round, standingOf } from '../state/approval-rounds.ts';
import { isStale, mayAsk } from './decide.ts';
import type { Entry } from '../state/gate-entries.ts';
import { appendTo, extended, system } from '../state/run-context.ts';
import { lookAgain } from '../writing/recheck.ts';
import { notAccepted, pauseAfter } from './defer-mail-faults.ts';
import type { Reading } from '../state/gate-inputs.ts';
import { type GateReport, reportOf } from '../state/gate-report.ts';

/** After a void the next mails wait this long, so that a flapping report does not flood people. Real time. */
const coalesceMs = 15 * 60_000;
/** A request whose mail is not recorded by then is asked anew: its link was never seen by anybody. */
const unmailedMs = 60_000;

/** Asks the gate's roles by mail, voids a round whose report has changed and asks again. */
export const askForAnswers = async (world: SettleWorld, reading: Reading, gate: Gate, entry: Entry): Promise<Reading> => {
  if (gate.asks.length === 0) return reading;
  const round = currentRound(foldRounds(reading.approval, entry.opened.event.data.entry));
  if (round !== undefined && round.voided === undefined && isStale(reading, gate, round)) {
    return askForAnswers(world, await voidRound(world, reading, gate, entry, round), gate, entry);
  }
  if (!mayAsk(reading, gate)) return reading;
  if (round === undefined) return askRound(world, reading, gate, entry, 1);
  if (round.voided !== undefined) {
    const lastMail = round.mailed.at(-1)?.event.at;
    const wait = lastMail === undefined ? 0 : Date.parse(lastMail) + coalesceMs - reading.now.getTime();
    if (wait <= 0) return askRound(world, reading, gate, entry, round.round + 1);
    await lookAgain(world, reading.head.run, gate.id, reading.now.getTime() + wait);
    return reading;
  }
  return standingOf(round, gate.asks).says === 'waiting' ? askRound(world, reading, gate, entry, round.round) : reading;
};

const voidRound = async (world: SettleWorld, reading: Reading, gate: Gate, entry: Entry, round: Round): Promise<Reading> => {
  const report = reportOf(reading, gate);
  const { stored } = await appendTo(world, reading.head.opener, reading.approval, {
    scope: reading.head.scope,
    lane: lanes.approval(gate.id),
    step: `${entry.opened.event.data.entry}/${round.round}/voided`,
    type: 'approval.voided',
    actor: system('settler'),
    data: {
      gate: gate.id,
      entry: entry.opened.event.data.entry,
      round: round.round,
      was: round.report,
      is: report.digest,
      lines: changedLines(reading, gate, round, report),
    },
  });
  return { ...reading, approval: await extended(world, reading.approval, stored) };
};

/** The lines that the report says otherwise than when people were asked: the change that voided the answers. */
const changedLines = (reading: Reading, gate: Gate, round: Round, report: GateReport): string[] => {
  const asked = round.requests[0]?.event.at ?? '';
  const checks = new Map([...reading.checks].map(([lane, events]) => [lane, events.filter((stored) => stored.event.at < asked)]));
  const then = reportOf({ ...reading, checks, now: new Date(asked) }, gate).byLine;
  return Object.keys(report.byLine)
    .filter((line) => report.byLine[line] !== then[line])
    .slice(0, 10);
};

const askRound = async (world: SettleWorld, reading: Reading, gate: Gate, entry: Entry, round: number): Promise<Reading> => {
  let current = reading;
  const report = reportOf(reading, gate);
  for (const role of gate.asks) {
    for (const person of world.roster.holders(role)) {
      if (person.id !== reading.head.started.event.data.starter)
        current = await askPerson(world, current, { gate, entry, round, role, person, report });
    }
  }
  return current;
};

type Request = {
  readonly gate: Gate;
  readonly entry: Entry;
  readonly round: number;
  readonly role: Role;
  readonly person: Person;
  readonly report: GateReport;
};

/**
 * One request: the link is kept by its hash, the event is appended, the mail goes out, and that is recorded. A settler that was
 * cut off in between leaves a request without a mail, whose link nobody has: after a while it is asked anew with another link.
 */
const askPerson = async (world: SettleWorld, reading: Reading, request: Request): Promise<Reading> => {
  const { gate, entry, round, role, person, report } = request;
  const key = entry.opened.event.data.entry;
  const earlier = foldRounds(reading.approval, key).find((one) => one.round === round);
  const mine = earlier?.requests.filter((stored) => stored.event.data.role === role && stored.event.data.person === person.id) ?? [];
  if (earlier?.answers.some((stored) => stored.event.data.role === role)) return reading;
  if (mine.some((stored) => earlier?.mailed.some((mail) => mail.event.data.link === stored.event.data.link))) return reading;
  const last = mine.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(mine.length, unmailedMs);
  if (again > reading.now.getTime()) {
    await lookAgain(world, reading.head.run, gate.id, again);
    return reading;
  }
  const token = world.random.token(24);
  const link = sha256(token);
  const expires = entry.opened.event.data.due;
  await world.index.putLink(link, { run: reading.head.run, gate: gate.id, round, role, person: person.id, expires });
  const { stored } = await appendTo(world, reading.head.opener, reading.approval, {
    scope: reading.head.scope,
    lane: lanes.approval(gate.id),
    step: `${key}/${round}/${role}/${person.id}/requested/${mine.length + 1}`,
    type: 'approval.requested',
    actor: system('settler'),
    data: { gate: gate.id, entry: key, round, role, person: person.id, link, report: earlier?.report ?? report.digest, expires },
  });
  const requested: Reading = { ...reading, approval: await extended(world, reading.approval, stored) };
  // Another settler was faster: its link is the one that is kept, and if it never mails it, it is asked anew.
  if (stored.event.data.link !== link) {
    await lookAgain(world, reading.head.run, gate.id, reading.now.getTime() + unmailedMs);
    return requested;
  }
  const { service, environment, version } = reading.head.started.event.data;
  const letter = world.letters({
    kind: 'approval-requested',
    run: reading.head.run,
    service,
    environment,
    version,
    gateTitle: gate.title,
    role,
    name: person.name,
    url: `${world.stage.publicUrl}/approvals/${token}`,
    expires,
    code: report.code,
  });
  const { message } = await world.mailer.send({ to: { name: person.name, address: person.address }, ...letter });
  if (message === notAccepted) {
    await lookAgain(world, reading.head.run, gate.id, reading.now.getTime() + pauseAfter(mine.length + 1, unmailedMs));
    return requested;
  }
  const mailed = await appendTo(world, reading.head.opener, requested.approval, {
    scope: reading.head.scope,
    lane: lanes.approval(gate.id),
    step: `${link}/mailed`,
    type: 'approval.mailed',
    actor: system('settler'),
    data: { gate: gate.id, round, role, person: person.id, link, message },
  });
  return { ...requested, approval: await extended(world, requested.approval, mailed.stored) };
};
