import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf, type Line, linesOf } from '../../checklist/definition.ts';
import { releases } from '../../evaluation/verdict.ts';
import type { World } from '../../ports.ts';
import { liveFindings } from '../state/computed.ts';
import { type Entry, entryOf, type Gates, standing } from '../state/gate-entries.ts';
import { appendTo, type RunHead, system } from '../state/run-context.ts';
import type { Look } from './recheck.ts';
import { isAfterT0, type Reading, readGates } from '../state/gate-inputs.ts';

export type Regression = { readonly line: string; readonly verdict: string };

/** The required line that stopped releasing; where no line did (a sent-back, a changed report), the gate itself. */
export const firstRegression = (reading: Reading, entry: Entry): Regression => {
  const found = [...reading.unsound, entry.gate]
    .flatMap((id) => liveFindings(id, reading))
    .find((finding) => finding.mode === 'required' && !releases(finding.verdict));
  return found === undefined ? { line: entry.gate, verdict: 'changed' } : { line: found.line, verdict: found.verdict };
};

/**
 * Says beside a settle event that it no longer stands. It holds this gate when the answer has not gone out, the next one when
 * it has; after T0 it is a candidate for a trigger, which a person decides.
 */
export const recordRegression = async (
  world: Pick<World, 'trail'>,
  head: RunHead,
  entry: Entry,
  settled: Stored<'gate.settled'>,
  regression: Regression,
  gates?: Gates,
): Promise<void> => {
  const { settlement } = settled.event.data;
  await appendTo(
    world,
    head.opener,
    [...entry.lane, settled].sort((a, b) => a.event.seq - b.event.seq),
    {
      scope: head.scope,
      lane: lanes.gate(entry.gate),
      step: `${entry.opened.event.data.entry}/regressed/${settlement}/${regression.line}/${regression.verdict}`,
      type: 'gate.regressed',
      actor: system('settler'),
      data: {
        gate: entry.gate,
        entry: entry.opened.event.data.entry,
        settlement,
        ...regression,
        candidate: gates !== undefined && isAfterT0(head, gates),
      },
    },
  );
};

/** A line that a writer has just changed, with its verdict now. */
export type Changed = { readonly line: Line; readonly releases: boolean; readonly verdict: string };

/**
 * The writer's half of the two-sided protocol, called after its append: reads the gate lanes, records a regression where a
 * settled gate rested on a line that no longer releases, and asks the settler to look when an open gate may have changed. The
 * promised look goes with the ask; where nothing is to be asked it is struck off.
 */
export const afterChange = async (
  world: Pick<World, 'trail' | 'settler'>,
  head: RunHead,
  changed: readonly Changed[],
  look?: Look,
): Promise<void> => {
  const open = changed.length === 0 ? undefined : await recordChange(world, head, changed);
  if (open !== undefined) await world.settler.nudge(head.run, open, look?.item);
  else await look?.strike();
};

/** Answers with the open gate when the change concerns it. */
const recordChange = async (world: Pick<World, 'trail'>, head: RunHead, changed: readonly Changed[]): Promise<string | undefined> => {
  const gates = await readGates(world, head);
  for (const change of changed) {
    if (change.releases || change.line.mode !== 'required' || change.line.gate === null) continue;
    const entry = entryOf(gates, change.line.gate);
    const settlement = entry === undefined ? undefined : standing(entry);
    if (entry === undefined || settlement?.settled.event.data.outcome !== 'released') continue;
    await recordRegression(world, head, entry, settlement.settled, { line: change.line.id, verdict: change.verdict }, gates);
  }
  const open = gates.open?.gate;
  if (open === undefined) return undefined;
  const concerned =
    changed.some(({ line }) => line.gate === open) ||
    changed.some((change) => !change.releases) ||
    refersTo(head, open, changed) ||
    gates.entries.some((entry) => (standing(entry)?.regressions.length ?? 0) > 0);
  return concerned ? open : undefined;
};

/** Whether the open gate reports or computes from a gate of a changed line. */
const refersTo = (head: RunHead, open: string, changed: readonly Changed[]): boolean => {
  const gate = gateOf(head.checklist, open);
  // It judges earlier gates again whose time is over: any line of them may be what it waits for.
  if (gate?.rejudges) return true;
  const reports = gate?.reports ?? [];
  const referred = linesOf(head.checklist, open).flatMap((line) => (line.rule?.kind === 'lines-release/1' ? line.rule.lines : []));
  return changed.some(({ line }) => (line.gate !== null && reports.some((id) => id === line.gate)) || referred.includes(line.id));
};
