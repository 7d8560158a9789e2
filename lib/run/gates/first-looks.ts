import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf, type Item } from '../../checklist/definition.ts';
import { currentRound, foldRounds, isOpenRound } from '../../folds/approval-rounds.ts';
import type { CollectorTask, StageFacts } from '../../ports.ts';
import { counted } from '../../wording.ts';
import { currentEntryOf, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { stagingTargetsOf, targetsOf } from '../state/targets.ts';
import { whyNotStagedAmong } from '../writing/too-early.ts';
import { lookAgainMs, looksIn, nextLook, plannedLooks, protectedLines } from './planned-looks.ts';

/**
 * What Holdpoint has still to see for the first time before people sign: what it finds is a part of the report, and would take their requests back.
 * Pure, from what the gate reads anyway.
 */

/** So long after its gate opened a first look is waited for, in real time: the collector is asked every minute. A look that never comes holds no gate. */
const waitForMs = 5 * lookAgainMs;
/** More titles than these nobody reads in one reason. */
const mostNamed = 3;

export type FirstLooks = {
  readonly lines: readonly Item[];
  readonly tasks: readonly CollectorTask[];
  /** Since when they are waited for, and from when people are asked without them. Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
};

/** The first looks for which the requests of the gate wait; undefined where none is outstanding, it was given up, or people are asked already. */
export const firstLooks = (stage: Pick<StageFacts, 'targets'>, inputs: GateInputs, gate: Gate): FirstLooks | undefined => {
  const entry = gate.asks.length === 0 ? undefined : currentEntryOf(inputs.gates, gate.id);
  if (entry === undefined) return undefined;
  const since = Date.parse(entry.opened.event.at);
  const until = since + waitForMs;
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  if (inputs.now.getTime() >= until || (round !== undefined && isOpenRound(round))) return undefined;
  const due = [...ownLooks(stage, inputs, gate), ...looksAtStaging(stage, inputs)];
  if (due.length === 0) return undefined;
  const tasks = new Map(due.map(({ task }) => [JSON.stringify(task), task]));
  return { lines: due.map(({ line }) => line), tasks: [...tasks.values()], since, until };
};

type Due = { readonly line: Item; readonly task: CollectorTask };

const ownLooks = (stage: Pick<StageFacts, 'targets'>, inputs: GateInputs, gate: Gate): readonly Due[] =>
  targetsOf({ stage }, inputs.context) === undefined
    ? []
    : [...new Set([...gate.reports, gate.id])]
        .flatMap((id) => gateOf(inputs.context.checklist, id) ?? [])
        .flatMap((one) => plannedLooks(inputs, one))
        .filter(({ next }) => next.isFirst && next.dueAt <= inputs.now.getTime())
        .map(({ check, task }) => ({ line: check, task }));

const looksAtStaging = (stage: Pick<StageFacts, 'targets'>, inputs: GateInputs): readonly Due[] => {
  const { context, allChecks, gates, now } = inputs;
  const staging = isAfterT0(context, gates) ? undefined : stagingTargetsOf({ stage }, context);
  if (staging === undefined || whyNotStagedAmong(context, allChecks, now) !== undefined) return [];
  return protectedLines(context.checklist, staging)
    .filter(
      ({ line, source }) => nextLook(looksIn(allChecks.get(lanes.check(line.gate ?? '', line.id)) ?? [], source, line), 0, null)?.isFirst,
    )
    .map(({ line }) => ({ line, task: { kind: 'protections' } }));
};

/** Why nobody is asked yet; undefined where no look keeps the requests back. */
export const firstLooksBlocker = (looks: FirstLooks | undefined): string | undefined => {
  if (looks === undefined) return undefined;
  const { lines, until } = looks;
  const more = lines.length - mostNamed;
  const named = lines.slice(0, mostNamed).map(({ title }) => title);
  const all = more > 0 ? [...named, counted(more, 'more check')] : named;
  return `Holdpoint's own first look for ${all.join(', ')} is not back yet: people are asked when it is, and without it at ${new Date(until).toISOString()}`;
};
