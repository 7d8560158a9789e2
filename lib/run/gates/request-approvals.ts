import type { DataOf } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import type { Gate } from '../../checklist/definition.ts';
import { currentRound, foldRounds, type Round, resultOf } from '../../folds/approval-rounds.ts';
import type { Person } from '../../ports.ts';
import type { Role } from '../../roles.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { currentFindings } from '../state/current-findings.ts';
import { signedTarget } from '../state/environment.ts';
import { type Entry, returnBefore, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { type GateReport, isStale, reportOf } from '../state/gate-report.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { missedT0 } from '../state/t0.ts';
import { asMailed } from './mailing.ts';
import { pauseAfter, type Reconciliation } from './reconciliation.ts';

/** After a round was invalidated the next mails wait this long, so that a report that keeps changing does not flood people. Real time. */
const coalesceMs = 15 * 60_000;
/** A request whose mail is not recorded by then is replaced by one with another link. */
const unmailedMs = 60_000;

/** Requests the gate's approvals by mail. A round whose report has changed is invalidated, and its approvals are requested again. */
export const requestApprovals = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  if (gate.asks.length === 0) return inputs;
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  if (round !== undefined && round.invalidated === undefined && isStale(inputs, gate, round)) {
    return requestApprovals(deps, await invalidateRound(deps, inputs, gate, round), gate, entry);
  }
  if (!mayRequest(inputs, gate) || missedT0(inputs.context, gate, inputs.now) !== undefined) return inputs;
  if (round === undefined) return requestRound(deps, inputs, gate, { entry, round: 1 });
  if (round.invalidated !== undefined) {
    const lastMail = round.mailed.at(-1)?.event.at;
    const earliest = lastMail === undefined ? 0 : Date.parse(lastMail) + coalesceMs;
    if (earliest <= inputs.now.getTime()) return requestRound(deps, inputs, gate, { entry, round: round.round + 1 });
    deps.retryAt(new Date(earliest));
    return inputs;
  }
  return resultOf(round, gate.asks).says === 'waiting' ? requestRound(deps, inputs, gate, { entry, round: round.round }) : inputs;
};

/** People are asked when nothing but their signatures is missing from what they would sign. */
const mayRequest = (inputs: GateInputs, gate: Gate): boolean => {
  const own = currentFindings(gate.id, inputs).filter(({ kind }) => !kind.includes('sign-off'));
  const earlier = inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs));
  return ![...own, ...earlier].some(isUnsatisfied) && (gate.leadSeconds === null || !isAfterT0(inputs.context, inputs.gates));
};

const invalidateRound = async (deps: Pick<Reconciliation, 'trail'>, inputs: GateInputs, gate: Gate, round: Round): Promise<GateInputs> => {
  const report = reportOf(inputs, gate);
  const entry = round.requests[0]?.event.data.entry ?? '';
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${entry}/${round.round}/voided`,
    type: 'approval.invalidated',
    actor: system('reconciler'),
    data: {
      gate: gate.id,
      entry,
      round: round.round,
      was: round.report,
      is: report.digest,
      checks: changedChecks(inputs, gate, round, report),
      ...changedTarget(inputs, round),
    },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};

/** The checks whose part of the report is another one than when approvals were requested. */
const changedChecks = (inputs: GateInputs, gate: Gate, round: Round, report: GateReport): string[] => {
  const requestedAt = round.requests[0]?.event.at ?? '';
  const before = (of: GateInputs['checks']): GateInputs['checks'] =>
    new Map([...of].map(([lane, events]) => [lane, events.filter((stored) => stored.event.at < requestedAt)]));
  const past = { checks: before(inputs.checks), allChecks: before(inputs.allChecks), now: new Date(requestedAt) };
  const then = reportOf({ ...inputs, ...past }, gate).byCheck;
  // An exception elsewhere in the run that ended has no entry any more.
  return [...new Set([...Object.keys(report.byCheck), ...Object.keys(then)])]
    .filter((check) => report.byCheck[check] !== then[check])
    .slice(0, 10);
};

/** Where the rollback target is another one than when approvals were requested. */
const changedTarget = ({ live, context }: GateInputs, round: Round): Pick<DataOf<'approval.invalidated'>, 'target'> => {
  if (live === null) return {};
  const { waitScale } = context.started.event.data;
  const requestedAt = round.requests[0]?.event.at ?? '';
  const was = signedTarget(
    live.filter(({ event }) => event.at < requestedAt),
    waitScale,
  );
  const is = signedTarget(live, waitScale);
  return canonical(was) === canonical(is) ? {} : { target: { was: was?.version ?? null, is: is?.version ?? null } };
};

type RoundOf = { readonly entry: Entry; readonly round: number };

const requestRound = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, of: RoundOf): Promise<GateInputs> => {
  let current = inputs;
  const report = reportOf(inputs, gate);
  for (const role of gate.asks) {
    for (const person of deps.roster.holders(role)) {
      if (person.id !== inputs.context.started.event.data.starter)
        current = await requestFromPerson(deps, current, { ...of, gate, role, person, report });
    }
  }
  return current;
};

type Request = RoundOf & { readonly gate: Gate; readonly role: Role; readonly person: Person; readonly report: GateReport };

/**
 * One request: the index stores the hash of its link, the event is appended, the mail is sent, and the mail is recorded. A crash in
 * between leaves a request whose link was never mailed; after a pause the person gets a request with another link.
 */
const requestFromPerson = async (deps: Reconciliation, inputs: GateInputs, request: Request): Promise<GateInputs> => {
  const { gate, entry, round, role, person, report } = request;
  const key = visitOf(entry);
  const known = foldRounds(inputs.approval, key).find((one) => one.round === round);
  const mine = known?.requests.filter((stored) => stored.event.data.role === role && stored.event.data.person === person.id) ?? [];
  if (known?.answers.some((stored) => stored.event.data.role === role)) return inputs;
  if (mine.some((stored) => known?.mailed.some((mail) => mail.event.data.link === stored.event.data.link))) return inputs;
  const last = mine.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(mine.length, unmailedMs);
  if (again > inputs.now.getTime()) {
    deps.retryAt(new Date(again));
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
    data: { gate: gate.id, entry: key, round, role, person: person.id, link, report: known?.report ?? report.digest, expires },
  });
  const requested: GateInputs = { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
  // Another reconciler was faster: its link counts. If it never mails that link, the next attempt makes another one.
  if (stored.event.data.link !== link) {
    deps.retryAt(new Date(inputs.now.getTime() + unmailedMs));
    return requested;
  }
  return mailRequest(deps, requested, request, { link, token, attempt: mine.length + 1 });
};

type Sent = { readonly link: string; readonly token: string; readonly attempt: number };

const mailRequest = async (
  deps: Reconciliation,
  inputs: GateInputs,
  { gate, entry, round, role, person, report }: Request,
  { link, token, attempt }: Sent,
): Promise<GateInputs> => {
  const { service, environment, version } = inputs.context.started.event.data;
  const back = round === 1 ? returnBefore(inputs.gates, entry) : undefined;
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
    expires: entry.opened.event.data.due,
    code: report.code,
    round,
    because: back === undefined ? null : asMailed(deps, back.event.data.reason),
  });
  const result = await deps.mailer.send({
    about: { run: inputs.context.run, notification: 'approval-requested', person: person.id },
    to: { name: person.name, address: person.address },
    ...notification,
  });
  if (!result.accepted) {
    deps.retryAt(new Date(inputs.now.getTime() + pauseAfter(attempt, unmailedMs)));
    return inputs;
  }
  const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.approval, {
    scope: inputs.context.scope,
    lane: lanes.approval(gate.id),
    step: `${link}/mailed`,
    type: 'approval.mailed',
    actor: system('reconciler'),
    data: { gate: gate.id, round, role, person: person.id, link, message: result.message },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};
