import { type AuditEvent, isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { itemOf } from '../../checklist/definition.ts';
import type { Round } from '../../folds/approval-rounds.ts';
import type { GateInputs } from './gate-inputs.ts';

/** Why the answers of a round count no more: when it was invalidated, and which checks had changed, by whom. */
export type Invalidation = {
  readonly at: string;
  /** The version to which a rollback would lead, where that changed. */
  readonly target: { readonly was: string | null; readonly is: string | null } | null;
  readonly changes: readonly {
    readonly title: string;
    /** What happened to the check; null where time alone changed it, as at the end of a waiver. */
    readonly event: { readonly at: string; readonly by: AuditEvent['actor']; readonly what: string } | null;
  }[];
};

export const invalidationOf = (inputs: GateInputs, round: Round | undefined): Invalidation | null => {
  const invalidated = round?.invalidated?.event;
  const from = round?.requests[0]?.event.at ?? '';
  if (invalidated === undefined) return null;
  return {
    at: invalidated.at,
    target: invalidated.data.target ?? null,
    changes: invalidated.data.checks.map((check) => changeOf(inputs, check, from, invalidated.at)),
  };
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
