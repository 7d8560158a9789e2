import { reminderShares } from '../../audit/events/approval.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf } from '../../checklist/definition.ts';
import { currentRound, foldRounds, isOpenRound, type Round, resultOf } from '../../folds/approval-rounds.ts';
import { onDemand } from '../../on-demand.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { lacksAuthors } from '../state/authors.ts';
import { changedChecks } from '../state/changed-checks.ts';
import { currentFindings } from '../state/current-findings.ts';
import { deputiesAt, nextDeputyAt, type Stead } from '../state/deputies.ts';
import { type Entry, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { isStale, reportOf } from '../state/gate-report.ts';
import { changedTarget } from '../state/invalidation.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { missedT0 } from '../state/t0.ts';
import { type FirstLooks, firstLooks } from './first-looks.ts';
import { giveWay, overtake } from './newer-requests.ts';
import { lookAgainMs } from './planned-looks.ts';
import type { Reconciliation } from './reconciliation.ts';
import { type Reminder, reminderAt } from './reminders.ts';
import type { Asked } from './request-from-person.ts';

const loadReportEssentials = onDemand(() => import('./report-essentials.ts'));
const loadRequestFromPerson = onDemand(() => import('./request-from-person.ts'));

/** After a round was invalidated the next mails wait this long, so that a report that keeps changing does not flood people. Real time. */
const coalesceMs = 15 * 60_000;

/** Requests the gate's approvals by mail. A round whose report has changed is invalidated, and its approvals are requested again. */
export const requestApprovals = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  if (gate.asks.length === 0) return inputs;
  // Before anybody is reminded or asked again.
  const ended = await giveWay(deps, inputs, gate, entry);
  if (ended !== inputs) return ended;
  const asked = await requestIfDue(deps, inputs, gate, entry);
  if (asked.approval.length > inputs.approval.length) await overtake(deps, asked, gate);
  return asked;
};

const requestIfDue = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  // Nobody is asked until those who recalled the requests say so.
  if (round?.recalled !== undefined && round.reopened === undefined) return inputs;
  if (round !== undefined && isOpenRound(round) && isStale(inputs, gate, round)) {
    return requestIfDue(deps, await invalidateRound(deps, inputs, gate, round), gate, entry);
  }
  if (!mayRequest(inputs, gate) || missedT0(inputs.context, gate, inputs.now) !== undefined) return inputs;
  const looks = firstLooks(deps.stage, inputs, gate);
  if (looks !== undefined) {
    await askAgain(deps, inputs, looks);
    return inputs;
  }
  if (round === undefined) return requestRound(deps, inputs, gate, { entry, round: 1 });
  if (round.reopened !== undefined) return requestRound(deps, inputs, gate, { entry, round: round.round + 1 });
  if (round.invalidated !== undefined) {
    const lastMail = round.mailed.at(-1)?.event.at;
    const earliest = lastMail === undefined ? 0 : Date.parse(lastMail) + coalesceMs;
    if (earliest <= inputs.now.getTime()) return requestRound(deps, inputs, gate, { entry, round: round.round + 1 });
    deps.retryAt(new Date(earliest));
    return inputs;
  }
  return resultOf(round, gate.asks).says === 'waiting' ? requestRound(deps, inputs, gate, { entry, round: round.round }) : inputs;
};

/** People are asked when nothing but their signatures is missing from what they would sign, and it is known who wrote it. */
const mayRequest = (inputs: GateInputs, gate: Gate): boolean => {
  if (lacksAuthors(inputs, gate)) return false;
  const own = currentFindings(gate.id, inputs).filter(({ kind }) => !kind.includes('sign-off'));
  const earlier = inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs));
  return ![...own, ...earlier].some(isUnsatisfied) && (gate.leadSeconds === null || !isAfterT0(inputs.context, inputs.gates));
};

/**
 * What Holdpoint has still to see was asked for at an earlier gate or just now, and may have been lost since a minute. Nothing is recorded about
 * it: a reconciliation that crashed is repeated, and the time from when people are asked follows from the opening of the gate.
 */
const askAgain = async ({ collector, retryAt }: Reconciliation, { context, now }: GateInputs, looks: FirstLooks): Promise<void> => {
  const at = now.getTime();
  if (at >= looks.since + lookAgainMs) for (const task of looks.tasks) await collector.request(context.run, task);
  retryAt(new Date(Math.min(looks.until, at + lookAgainMs)));
};

const invalidateRound = async (deps: Pick<Reconciliation, 'trail'>, inputs: GateInputs, gate: Gate, round: Round): Promise<GateInputs> => {
  const report = reportOf(inputs, gate);
  const entry = round.requests[0]?.event.data.entry ?? '';
  const target = changedTarget(inputs, round);
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
      ...(target === undefined ? {} : { target }),
    },
  });
  return { ...inputs, approval: await withAppended(deps, inputs.approval, stored) };
};

type RoundOf = { readonly entry: Entry; readonly round: number };

/** Requests the round from everybody who may answer, and reminds those who have not answered for a while. */
const requestRound = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, of: RoundOf): Promise<GateInputs> => {
  // Loaded when there is somebody to ask.
  const [{ essentialsOf }, { requestFromPerson }] = await Promise.all([loadReportEssentials(), loadRequestFromPerson()]);
  let current = inputs;
  const report = reportOf(inputs, gate);
  const say = essentialsOf(deps, inputs, gate);
  const people = askedNow(deps, inputs, gate);
  for (const asked of people) current = await requestFromPerson(deps, current, { ...of, gate, ...asked, report, say });
  const reminder = reminderDue(current, of);
  if (reminder === undefined) return current;
  for (const asked of people) current = await requestFromPerson(deps, current, { ...of, gate, ...asked, report, say, reminder });
  return current;
};

/** The holders of the roles, and their deputies. The starter is not asked, and nobody in the starter's place. */
const askedNow = (deps: Pick<Reconciliation, 'roster'>, inputs: GateInputs, gate: Gate): readonly Asked[] =>
  steads(deps, inputs, gate).flatMap((stead): Asked[] => {
    const { role, principal } = stead;
    const deputies = deputiesAt(deps.roster, stead, inputs.now);
    return [{ role, person: principal }, ...deputies.map((person) => ({ role, person, principal }))];
  });

const steads = ({ roster }: Pick<Reconciliation, 'roster'>, inputs: GateInputs, { asks }: Gate): readonly Stead[] => {
  const { starter } = inputs.context.started.event.data;
  return asks.flatMap((role) =>
    roster
      .holders(role)
      .filter(({ id }) => id !== starter)
      .map((principal) => ({ principal, role, asks, starter })),
  );
};

/** The last reminder that is due. */
const reminderDue = (inputs: GateInputs, of: RoundOf): Reminder | undefined =>
  remindersOf(inputs, of).findLast(({ at }) => at <= inputs.now.getTime())?.share;

/** When the people of a round are reminded. Milliseconds since 1970. */
const remindersOf = ({ approval }: GateInputs, { entry, round }: RoundOf): readonly { readonly share: Reminder; readonly at: number }[] => {
  const first = foldRounds(approval, visitOf(entry)).find((one) => one.round === round)?.requests[0]?.event;
  return first === undefined ? [] : reminderShares.map((share) => ({ share, at: reminderAt(first, share) }));
};

/** When time alone makes somebody to be asked or reminded, while the gate waits: the next reminder, or the first day of a deputy. */
export const nextAskAt = (deps: Pick<Reconciliation, 'roster'>, inputs: GateInputs, entry: Entry): Date | null => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  if (gate === undefined || round === undefined || !isOpenRound(round) || resultOf(round, gate.asks).says !== 'waiting') return null;
  const reminder = remindersOf(inputs, { entry, round: round.round }).find(({ at }) => at > inputs.now.getTime());
  const deputies = steads(deps, inputs, gate).flatMap((stead) => nextDeputyAt(stead, inputs.now) ?? []);
  const [next] = [...(reminder === undefined ? [] : [new Date(reminder.at).toISOString()]), ...deputies].sort();
  return next === undefined ? null : new Date(next);
};
