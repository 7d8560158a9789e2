import * as z from 'zod';
import { byLane, isType, type Stored } from '../audit/event.ts';
import { stepChoices } from '../audit/events/rollback.ts';
import { lanes } from '../audit/lane.ts';
import { backupCheck, type Checklist, gateOf } from '../checklist/definition.ts';
import { type Targets, writesMetricOf } from '../checklist/targets.ts';
import { type Attempt, endedBy, mayBeStopped, type Rollback } from '../folds/rollback.ts';
import { cannotBegin, nextOfStep, nextOfUndo, type Progress, stepPolicy } from '../folds/rollback-progress.ts';
import type { StageFacts } from '../ports.ts';
import { dataRoles, endingRoles, operatingRoles, signerRoles } from '../roles.ts';
import { faultOfDrill, unreadInDrill } from '../run/gates/drill-fault.ts';
import { askedAfter, extensionOf } from '../run/gates/review-cap.ts';
import { planOf } from '../run/gates/rollback-plan.ts';
import { silenceAt } from '../run/gates/way-back.ts';
import { isDecisionAsked } from '../run/state/decision-visit.ts';
import type { Entry, Gates } from '../run/state/gate-entries.ts';
import type { RunContext } from '../run/state/run-context.ts';
import { readableIn, targetsOf } from '../run/state/targets.ts';

/** What the way back of a run waits for now. */
export const waitsSchema = z.object({
  for: z.enum(['decision', 'data', 'step', 'function']).meta({
    description: 'The decision about a rollback, the decision about the data, people because of a step, or a function that is at work.',
  }),
  step: z.string().nullable().meta({ description: 'The step that an answer is about; null for the decision.' }),
  since: z.string(),
  reason: z.string(),
  roles: z.array(z.string()).meta({ description: 'Who is asked; empty while a function is at work.' }),
  choices: z.array(z.enum(stepChoices)).default([]).meta({
    description: 'What people can choose about the step now. A step that has not begun can only be ended, by an operations lead.',
  }),
  silentAt: z.string().nullable().meta({
    description:
      'When it goes on without an answer: silence rolls back or keeps the data, and a function that does not answer is asked again. Null: never.',
  }),
  backup: z.string().nullable().meta({ description: 'Of the decision about the data: the check that says what is known of the backup.' }),
  writes: z
    .object({
      writes: z
        .number()
        .nullable()
        .meta({ description: 'How many, at least: a backup is older than its statement. Null where nobody knows.' }),
      since: z.string().nullable(),
      until: z.string().nullable(),
      detail: z.string().meta({ description: 'The metric that counts them, or why nobody knows.' }),
    })
    .nullable()
    .meta({ description: 'Of the decision about the data: what was written since the backup was stated.' }),
  extension: z.object({ seconds: z.number(), until: z.string() }).nullable().default(null).meta({
    description:
      'Of a decision that the cap of a review has opened: if people continue, incidents may extend the review for so many seconds from their decision, and no longer than until this time. Null for any other.',
  }),
});
export type Waits = z.infer<typeof waitsSchema>;

type Material = {
  readonly context: RunContext;
  readonly gates: Gates;
  /** Every event of the run. */
  readonly events: readonly Stored[];
  readonly rollback: Rollback;
  readonly now: Date;
  readonly stage: Pick<StageFacts, 'targets'>;
};

/** Null where the run has ended, is not on the way back, or goes on by itself in a moment. */
export const waitsOf = (material: Material): Waits | null => {
  const { context, gates } = material;
  if (context.ended !== undefined) return null;
  const entry = gates.open;
  const gate = entry === undefined ? undefined : gateOf(context.checklist, entry.gate);
  const undo = undoOf(material, gate?.step ?? null);
  if (undo !== null || entry === undefined || gate === undefined) return undo;
  if (gate.role === 'decision') return decisionOf(material, entry);
  return gate.step === null ? null : stepOf(material, entry, gate.step);
};

/** The stop of requests is being taken back: by a step, or because the run ends and no gate carries the rollback on any more. */
const undoOf = ({ rollback, now }: Material, stepOfGate: string | null): Waits | null => {
  const last = rollback.steps.get('stop-requests')?.attempts.at(-1);
  if (last?.action !== 'undo' || !mayBeStopped(rollback)) return null;
  return waitOf(
    nextOfUndo(rollback, now),
    'stop-requests',
    last.requestedAt,
    choicesAfter(last, stepOfGate === null || endedBy(rollback) !== undefined),
  );
};

const decisionOf = ({ context, gates, rollback }: Material, entry: Entry): Waits | null => {
  const trigger = rollback.triggers[0]?.event;
  const isAsked = trigger !== undefined || isDecisionAsked(context.checklist, gates, rollback.lane);
  if (rollback.decision !== undefined || !isAsked) return null;
  return {
    for: 'decision',
    step: null,
    since: trigger?.at ?? entry.opened.event.at,
    reason:
      trigger === undefined ? askedAfter({ context, gates }, entry) : `the trigger ${titleOf(context.checklist, trigger.data.trigger)}`,
    roles: [...new Set<string>([...operatingRoles, ...signerRoles])],
    silentAt: silenceAt({ context, rollback: rollback.lane }, entry)?.toISOString() ?? null,
    choices: [],
    ...noData,
    extension: extensionOf({ context, gates }, entry),
  };
};

const titleOf = ({ items }: Checklist, id: string): string => items.find((item) => item.id === id)?.title ?? id;

const stepOf = (material: Material, entry: Entry, step: string): Waits | null => {
  const { context, rollback, now, stage } = material;
  const openedAt = entry.opened.event.at;
  const targets = targetsOf({ stage }, context);
  const plan = planOf(targets, step, rollback.lane);
  const isEnded = endedBy(rollback) !== undefined;
  const held = isEnded ? undefined : notBegun(material, step, openedAt);
  if (held !== undefined) return held;
  const next = isEnded ? nextOfUndo(rollback, now) : nextOfStep(rollback, step, plan, { now, openedAt });
  if (!isEnded && plan.asksData && plan.skip === undefined && rollback.data === undefined && (next.is === 'ask' || next.is === 'wait')) {
    const silent = plan.backwardCompatible ? new Date(Date.parse(openedAt) + stepPolicy.dataWithinMs).toISOString() : null;
    const data = { ...noData, backup: backupCheck, writes: writesOf(rollback, targets) };
    return { for: 'data', step, since: openedAt, reason: next.reason, roles: [...dataRoles], silentAt: silent, choices: ['end'], ...data };
  }
  // Before health is verified, and before people end the rollback, the stop of requests is taken back.
  const about = (isEnded || step === 'verify-health') && mayBeStopped(rollback) ? 'stop-requests' : step;
  const last = rollback.steps.get(about)?.attempts.at(-1);
  return waitOf(next, about, last?.requestedAt ?? openedAt, choicesAfter(last, isEnded));
};

/** Another attempt helps nobody while a person still works on this one, and what is ending need not be ended. */
const choicesAfter = (last: Attempt | undefined, isEnding: boolean): Waits['choices'] => [
  ...(last?.actuator === 'person' && last.answer === undefined ? [] : (['retry'] as const)),
  'by-hand',
  ...(isEnding ? [] : (['end'] as const)),
];

/** A rollback that cannot begin, and a drill that does not know yet what runs or would rehearse nothing: no step is taken, and people can end it. */
const notBegun = ({ context, rollback, events, stage }: Material, step: string, since: string): Waits | undefined => {
  if (rollback.steps.size > 0) return undefined;
  const ending = { step, since, silentAt: null, choices: ['end' as const], ...noData };
  const deployment = byLane(events).get(lanes.deployment) ?? [];
  const why = faultOfDrill({ context, deployment }) ?? cannotBegin(rollback);
  if (why !== undefined) return { for: 'step', reason: why, roles: [...endingRoles], ...ending };
  const isDrill = context.started.event.data.drill !== undefined;
  if (!isDrill || rollback.decision !== undefined) return undefined;
  const [unread] = unreadInDrill({ context, deployment }, readableIn(targetsOf({ stage }, context)));
  return { for: 'function', reason: unread?.reason ?? 'what runs there is being read', roles: [], ...ending };
};

const waitOf = (next: Progress, step: string, since: string, choices: Waits['choices']): Waits | null => {
  const about = { step, since, ...noData };
  if (next.is === 'ask') return { for: 'step', reason: next.reason, roles: [...operatingRoles], silentAt: null, choices, ...about };
  if (next.is !== 'wait') return null;
  return { for: 'function', reason: next.reason, roles: [], silentAt: next.until.toISOString(), choices: [], ...about };
};

const noData = { backup: null, writes: null, extension: null } as const;

const writesOf = ({ lane }: Rollback, targets: Targets | undefined): Waits['writes'] => {
  const read = lane.findLast(isType('rollback.writes-read'))?.event.data;
  if (read !== undefined) return { writes: read.writes, since: read.since, until: read.until, detail: read.detail };
  const isNamed = targets !== undefined && writesMetricOf(targets) !== undefined;
  const detail = isNamed ? 'Holdpoint is counting' : 'the stage file names no metric that counts them';
  return { writes: null, since: null, until: null, detail };
};
