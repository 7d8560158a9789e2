import { type AuditEvent, isType, type Stored } from '../../audit/event.ts';
import type { PlannedT0 } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical } from '../../canonical-json.ts';
import { type Gate, itemOf } from '../../checklist/definition.ts';
import type { Round } from '../../folds/approval-rounds.ts';
import { authorsIn } from './authors.ts';
import { changedChecks } from './changed-checks.ts';
import { signedTarget } from './environment.ts';
import type { GateInputs } from './gate-inputs.ts';
import { reportOf } from './gate-report.ts';
import type { RunContext } from './run-context.ts';
import type { OverriddenFreeze, RunExceptions } from './run-exceptions.ts';

/** Why the answers of a round count no more: what of the signed report had changed, and by whom. Everything that its digest covers is here. */
export type Invalidation = {
  /** When the round was invalidated; until then, when this was read. */
  readonly at: string;
  /** The version to which a rollback would lead, where that changed. */
  readonly target: { readonly was: string | null; readonly is: string | null } | null;
  /** Planned T0, where it was moved: by whom at last. */
  readonly t0: { readonly was: PlannedT0; readonly is: PlannedT0; readonly at: string; readonly by: string } | null;
  readonly overridden: readonly OverriddenFreeze[];
  readonly resumed: RunExceptions['resumed'];
  /** Whether other people wrote the release, or it is known only since. */
  readonly authors: boolean;
  readonly changes: readonly {
    readonly title: string;
    /** What happened to the check; null where time alone changed it, as at the end of a waiver. */
    readonly event: { readonly at: string; readonly by: AuditEvent['actor']; readonly what: string } | null;
  }[];
};

/** What has changed since the approvals of a round were requested: as its invalidation says, and before that event as everything is now. */
export const invalidationOf = (inputs: GateInputs, gate: Gate, round: Round): Invalidation => {
  const { context } = inputs;
  const invalidated = round.invalidated?.event;
  const from = round.requests[0]?.event.at ?? '';
  const at = invalidated?.at ?? inputs.now.toISOString();
  const isBetween = (one: { readonly at: string }): boolean => one.at > from && one.at <= at;
  const report = reportOf(inputs, gate);
  const { overridden, resumed } = report.exceptions;
  const checks = invalidated?.data.checks ?? changedChecks(inputs, gate, round, report);
  return {
    at,
    target: (invalidated === undefined ? changedTarget(inputs, round) : invalidated.data.target) ?? null,
    t0: movedT0(context, { from, at }),
    overridden: overridden.filter(isBetween),
    resumed: resumed.filter(isBetween),
    authors:
      gate.nonAuthors > 0 &&
      canonical(authorsUntil(inputs, gate, (instant) => instant < from)) !==
        canonical(authorsUntil(inputs, gate, (instant) => instant <= at)),
    changes: checks.map((check) => changeOf(inputs, check, from, at)),
  };
};

const authorsUntil = (
  { context: { checklist, own }, allChecks }: GateInputs,
  gate: Gate,
  wasBefore: (instant: string) => boolean,
): readonly string[] | null => {
  const until = (events: readonly Stored[]): readonly Stored[] => events.filter(({ event }) => wasBefore(event.at));
  return authorsIn(
    { context: { checklist, own: until(own) }, allChecks: new Map([...allChecks].map(([lane, events]) => [lane, until(events)])) },
    gate,
  );
};

/** The rollback target where it is another one than when approvals were requested; undefined where it is the same. */
export const changedTarget = ({ live, context }: GateInputs, round: Round): NonNullable<Invalidation['target']> | undefined => {
  if (live === null) return undefined;
  const { waitScale } = context.started.event.data;
  const requestedAt = round.requests[0]?.event.at ?? '';
  const was = signedTarget(
    live.filter(({ event }) => event.at < requestedAt),
    waitScale,
  );
  const is = signedTarget(live, waitScale);
  return canonical(was) === canonical(is) ? undefined : { was: was?.version ?? null, is: is?.version ?? null };
};

const movedT0 = (
  { started, rescheduled }: Pick<RunContext, 'started' | 'rescheduled'>,
  { from, at }: { readonly from: string; readonly at: string },
): Invalidation['t0'] => {
  const until = (instant: string) => rescheduled.findLast(({ event }) => event.at <= instant);
  const last = until(at)?.event;
  const was = (until(from) ?? started).event.data.plannedT0;
  return last === undefined || last.data.plannedT0 === was ? null : { was, is: last.data.plannedT0, at: last.at, by: last.data.by };
};

const changeOf = ({ context, allChecks }: GateInputs, check: string, from: string, to: string): Invalidation['changes'][number] => {
  const item = itemOf(context.checklist, check);
  const lane = item?.gate == null ? [] : (allChecks.get(lanes.check(item.gate, check)) ?? []);
  const last = lane.findLast(({ event }) => event.at > from && event.at <= to);
  const what =
    last === undefined
      ? ''
      : isType('check.judged')(last)
        ? `judged ${last.event.data.verdict}`
        : last.event.type.replace('check.', '').replace('-', ' ');
  return { title: item?.title ?? check, event: last === undefined ? null : { at: last.event.at, by: last.event.actor, what } };
};
