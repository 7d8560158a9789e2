import type { Stored } from '../../audit/event.ts';
import { type Deviation, gateOf, type Item, modeAt } from '../../checklist/definition.ts';
import { foldCheck } from '../../evaluation/check-finding.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { foldOnce } from '../../folds/fold-once.ts';
import { kindOf } from '../../registry/rules.ts';
import { effectiveSettlement, entryOf } from './gate-entries.ts';
import { type GateInputs, isAfterT0, laneOfCheck, windowEndsAt } from './gate-inputs.ts';
import { leadOpensAt, type RunContext } from './run-context.ts';

/** A check as it stands, from the events of its lane. */
export const findingFrom = (
  check: Item,
  events: readonly Stored[],
  context: RunContext,
  at: {
    readonly now: Date;
    readonly deployment?: readonly Stored[];
    readonly observation?: readonly Stored[];
    readonly agedUntil?: Date | undefined;
  },
): Finding => {
  const { artifacts, local, waitScale } = context.started.event.data;
  const isLookedAt = check.needs === undefined || (context.started.event.data.looks ?? []).includes(check.needs);
  const fold = foldCheck({
    check,
    events,
    now: at.now,
    agedUntil: at.agedUntil,
    notBefore:
      check.after === null || at.deployment === undefined ? movedWindow(check, context) : (lastOf(check.after, at.deployment) ?? null),
    lookedFrom: windowToLookAt(check, context, at),
    components: artifacts.map((artifact) => artifact.component),
    local,
    shortened: context.checklist.deviations.some((one) => isShorter(one, check)) || (waitScale > 1 && isWindowed(check, context)),
  });
  return {
    check: check.id,
    kind: check.kind,
    source: check.source,
    title: check.title,
    words: check.words,
    owner: check.owner,
    proof: check.proof,
    mode: modeAt(check, at.now),
    ...(check.observeUntil === undefined ? {} : { observeUntil: check.observeUntil }),
    ...(isLookedAt ? fold : { ...fold, ...notLookedAt(check) }),
  };
};

/** Whether less time is measured than the document asks for. Other deviations stand in the report, and say nothing of how long something was measured. */
const isShorter = ({ check, parameter, document, here }: Deviation, { id }: Item): boolean =>
  check === id && (parameter === 'minDurationSeconds' || parameter === 'minSeconds') && here < document;

/** What was proved in the window before a T0 that was moved is not proved for the new one. Computed checks are computed again anyway. */
const movedWindow = ({ rule, gate }: Item, context: RunContext): string | null =>
  context.rescheduled.length === 0 || gate === null || rule === null || kindOf(rule).evidence === null
    ? null
    : leadOpensAt(context, gateOf(context.checklist, gate));

/** A feed that died behind an earlier look would be good for ever. */
const windowToLookAt = (
  { needs, gate: id }: Item,
  context: RunContext,
  { deployment, observation }: { readonly deployment?: readonly Stored[]; readonly observation?: readonly Stored[] },
): string | null => {
  const gate = needs === undefined || id === null ? undefined : gateOf(context.checklist, id);
  if (gate == null || gate.window === null || deployment === undefined || observation === undefined) return null;
  const ends = windowEndsAt({ context, deployment, observation }, gate);
  return ends === undefined ? null : new Date(ends).toISOString();
};

/** A check of Holdpoint's own look where the stage names nothing to look at. */
const notLookedAt = ({ needs }: Item): Pick<Finding, 'verdict' | 'basis' | 'reason' | 'goodUntil'> => ({
  verdict: 'not-applicable',
  basis: 'configured',
  reason: `the stage file names no ${needs} of this environment`,
  goodUntil: null,
});

/** The last time of the event that the check's proof must follow. */
const lastOf = (type: NonNullable<Item['after']>, deployment: readonly Stored[]): string | undefined =>
  deployment.findLast((stored) => stored.event.type === type)?.event.at;

/** Whether the check's proof spans a waiting window, which a stage may shorten. */
const isWindowed = ({ rule, gate }: Item, { checklist }: RunContext): boolean =>
  rule !== null && kindOf(rule).windowed && gate !== null && gateOf(checklist, gate)?.window != null;

/** Of a check before T0, once the run is past it: when T0 was decided. */
const agedUntil = ({ gate }: Item, { context, gates }: GateInputs): Date | undefined => {
  const order = context.checklist.gates;
  const t0 = order.findIndex(({ role }) => role === 't0');
  const entry = entryOf(gates, order[t0]?.id ?? '');
  if (entry === undefined || !order.slice(0, t0 + 1).some(({ id }) => id === gate) || !isAfterT0(context, gates)) return undefined;
  const at = effectiveSettlement(entry)?.settled.event.at;
  return at === undefined ? undefined : new Date(at);
};

const foldedFindings = foldOnce<Finding>();

/** The check as its lane says; each lane of a reading is folded once. */
export const findingOf = (check: Item, inputs: GateInputs): Finding => {
  const lane = laneOfCheck(inputs, check);
  const { context, now, deployment, observation } = inputs;
  return foldedFindings(lane, check.id, [context, now, deployment, observation], () =>
    findingFrom(check, lane, context, { now, deployment, observation, agedUntil: agedUntil(check, inputs) }),
  );
};
