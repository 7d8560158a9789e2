import { lanes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical.ts';
import type { Gate } from '../../checklist/definition.ts';
import type { Person, ReconcilerDependencies } from '../../ports.ts';
import type { Role } from '../../roles.ts';
import { currentRound, foldRounds, type Round, resultOf } from '../state/approval-rounds.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { type GateReport, reportOf } from '../state/gate-report.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { scheduleRecheck } from '../writing/recheck.ts';
import { isStale, mayAsk } from './decide.ts';
import { notAccepted, pauseAfter } from './defer-mail-faults.ts';

/** After a void the next mails wait this long, so that a flapping report does not flood people. Real time. */
const coalesceMs = 15 * 60_000;
/** A request whose mail is not recorded by then is asked anew: its link was never seen by anybody. */
const unmailedMs = 60_000;

/** Asks the gate's roles by mail, voids a round whose report has changed and asks again. */
export const requestApprovals = async (deps: ReconcilerDependencies, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  if (gate.asks.length === 0) return inputs;
  const round = currentRound(foldRounds(inputs.approval, entry.opened.event.data.entry));
  if (round !== undefined && round.invalidated === undefined && isStale(inputs, gate, round)) {
    return requestApprovals(deps, await invalidateRound(deps, inputs, gate, entry, round), gate, entry);
  }
  if (!mayAsk(inputs, gate)) return inputs;
  if (round === undefined) return requestRound(deps, inputs, gate, entry, 1);
  if (round.invalidated !== undefined) {
    const lastMail = round.mailed.at(-1)?.event.at;
    const wait = lastMail === undefined ? 0 : Date.parse(lastMail) + coalesceMs - inputs.now.getTime();
    if (wait <= 0) return requestRound(deps, inputs, gate, entry, round.round + 1);
    await scheduleRecheck(deps, inputs.context.run, gate.id, inputs.now.getTime() + wait);
    return inputs;
  }
  return resultOf(round, gate.asks).says === 'waiting' ? requestRound(deps, inputs, gate, entry, round.round) : inputs;
};

const invalidateRound = async (
  deps: ReconcilerDependencies,
  inputs: GateInputs,
  gate: Gate,
  entry: Entry,
  round: Round,
): Promise<GateInputs> => {
  const report = reportOf(inputs, gate);
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${entry.opened.event.data.entry}/${round.round}/voided`,
    type: 'approval.invalidated',
    actor: system('reconciler'),
    data: {
      gate: gate.id,
      entry: entry.opened.event.data.entry,
      round: round.round,
      was: round.report,
      is: report.digest,
      checks: changedChecks(inputs, gate, round, report),
    },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};

/** The checks that the report says otherwise than when people were asked: the change that voided the answers. */
const changedChecks = (inputs: GateInputs, gate: Gate, round: Round, report: GateReport): string[] => {
  const asked = round.requests[0]?.event.at ?? '';
  const checks = new Map([...inputs.checks].map(([lane, events]) => [lane, events.filter((stored) => stored.event.at < asked)]));
  const then = reportOf({ ...inputs, checks, now: new Date(asked) }, gate).byCheck;
  return Object.keys(report.byCheck)
    .filter((check) => report.byCheck[check] !== then[check])
    .slice(0, 10);
};

const requestRound = async (
  deps: ReconcilerDependencies,
  inputs: GateInputs,
  gate: Gate,
  entry: Entry,
  round: number,
): Promise<GateInputs> => {
  let current = inputs;
  const report = reportOf(inputs, gate);
  for (const role of gate.asks) {
    for (const person of deps.roster.holders(role)) {
      if (person.id !== inputs.context.started.event.data.starter)
        current = await requestFromPerson(deps, current, { gate, entry, round, role, person, report });
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
 * One request: the link is kept by its hash, the event is appended, the mail goes out, and that is recorded. A reconciler that was
 * cut off in between leaves a request without a mail, whose link nobody has: after a while it is asked anew with another link.
 */
const requestFromPerson = async (deps: ReconcilerDependencies, inputs: GateInputs, request: Request): Promise<GateInputs> => {
  const { gate, entry, round, role, person, report } = request;
  const key = entry.opened.event.data.entry;
  const earlier = foldRounds(inputs.approval, key).find((one) => one.round === round);
  const mine = earlier?.requests.filter((stored) => stored.event.data.role === role && stored.event.data.person === person.id) ?? [];
  if (earlier?.answers.some((stored) => stored.event.data.role === role)) return inputs;
  if (mine.some((stored) => earlier?.mailed.some((mail) => mail.event.data.link === stored.event.data.link))) return inputs;
  const last = mine.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(mine.length, unmailedMs);
  if (again > inputs.now.getTime()) {
    await scheduleRecheck(deps, inputs.context.run, gate.id, again);
    return inputs;
  }
  const token = deps.random.token(24);
  const link = sha256(token);
  const expires = entry.opened.event.data.due;
  await deps.index.putLink(link, { run: inputs.context.run, gate: gate.id, round, role, person: person.id, expires });
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${key}/${round}/${role}/${person.id}/requested/${mine.length + 1}`,
    type: 'approval.requested',
    actor: system('reconciler'),
    data: { gate: gate.id, entry: key, round, role, person: person.id, link, report: earlier?.report ?? report.digest, expires },
  });
  const requested: GateInputs = { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
  // Another reconciler was faster: its link is the one that is kept, and if it never mails it, it is asked anew.
  if (stored.event.data.link !== link) {
    await scheduleRecheck(deps, inputs.context.run, gate.id, inputs.now.getTime() + unmailedMs);
    return requested;
  }
  const { service, environment, version } = inputs.context.started.event.data;
  const notification = deps.renderNotification({
    kind: 'approval-requested',
    run: inputs.context.run,
    service,
    environment,
    version,
    gateTitle: gate.title,
    role,
    name: person.name,
    url: `${deps.stage.publicUrl}/approvals/${token}`,
    expires,
    code: report.code,
  });
  const { message } = await deps.mailer.send({ to: { name: person.name, address: person.address }, ...notification });
  if (message === notAccepted) {
    await scheduleRecheck(deps, inputs.context.run, gate.id, inputs.now.getTime() + pauseAfter(mine.length + 1, unmailedMs));
    return requested;
  }
  const mailed = await appendToLane(deps, inputs.context.parentHash, requested.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${link}/mailed`,
    type: 'approval.mailed',
    actor: system('reconciler'),
    data: { gate: gate.id, round, role, person: person.id, link, message },
  });
  return { ...requested, approval: await withAppended(deps, requested.approval, mailed.stored) };
};
