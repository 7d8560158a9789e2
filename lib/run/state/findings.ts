import type { Stored } from '../../audit/event.ts';
import type { Line } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { foldLine } from '../../evaluation/check-finding.ts';
import type { RunHead } from './run-context.ts';
import { laneOfLine, type Reading } from './gate-inputs.ts';

/** A line as it stands, from the events of its lane. */
export const findingFrom = (
  line: Line,
  events: readonly Stored[],
  head: RunHead,
  at: { readonly now: Date; readonly deployment?: readonly Stored[] },
): Finding => {
  const { artifacts, local, waitScale } = head.started.event.data;
  const deviates = head.checklist.deviations.some((deviation) => deviation.line === line.id);
  const fold = foldLine({
    line,
    events,
    now: at.now,
    notBefore: line.after === null || at.deployment === undefined ? null : (lastOf(line.after, at.deployment) ?? null),
    components: artifacts.map((artifact) => artifact.component),
    local,
    scaled: deviates || (waitScale > 1 && isWindowed(line, head)),
  });
  return {
    line: line.id,
    kind: line.kind,
    source: line.source,
    title: line.title,
    words: line.words,
    owner: line.owner,
    proof: line.proof,
    mode: line.mode,
    ...fold,
  };
};

/** The last time that the event happened which the line's proof must follow. */
const lastOf = (type: NonNullable<Line['after']>, deployment: readonly Stored[]): string | undefined =>
  deployment.findLast((stored) => stored.event.type === type)?.event.at;

/** Whether the line's proof spans a waiting window, which a stage may shorten. */
const isWindowed = (line: Line, head: RunHead): boolean => {
  const computed = line.rule?.kind === 'no-open-observations/1' || line.rule?.kind === 'alarms-labelled/1';
  return computed && head.checklist.gates.some((gate) => gate.id === line.gate && gate.window !== null);
};

export const findingOf = (line: Line, reading: Reading): Finding => findingFrom(line, laneOfLine(reading, line), reading.head, reading);
