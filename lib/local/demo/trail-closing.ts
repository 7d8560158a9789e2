import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../api/client.ts';
import { hasEnded } from '../../query/gate-state.ts';
import type { RunView } from '../../query/view.ts';
import { must } from './steps.ts';

/** Milliseconds. The reconciler closes a trail within a second or two of the run's end, and within two sweeps on a machine that is busy. */
const limits = { closing: 150_000, pause: 250 } as const;

type FinalRun = {
  readonly view: RunView;
  /** How many lanes `run.closed` lists; null while the trail is open. */
  readonly lanes: number | null;
};

/** Reads the run once its trail is closed, so that all its events are counted. Does not wait for a run that has no outcome yet. */
export const readFinalRun = async (auditor: Client, run: string, signal: AbortSignal): Promise<FinalRun> => {
  for (const began = Date.now(); ; await sleep(limits.pause, undefined, { signal })) {
    const view = must('read the run', await auditor.readRun({ params: { run } }));
    if (view.closed) return { view, lanes: await countLanes(auditor, run) };
    if (!hasEnded(view) || Date.now() - began > limits.closing) return { view, lanes: null };
  }
};

const countLanes = async (auditor: Client, run: string): Promise<number | null> => {
  const { events } = must('read the end of the trail', await auditor.listRunEvents({ params: { run }, query: { type: 'run.closed' } }));
  const lanes: unknown = events.find(({ type }) => type === 'run.closed')?.data.lanes;
  return Array.isArray(lanes) ? lanes.length : null;
};

export const trailText = ({ view, lanes }: FinalRun): string => {
  if (view.closed)
    return `The audit trail is closed: ${view.events} events${lanes === null ? '' : ` in ${lanes} lanes`}; its last event lists the length and head hash of every lane.`;
  if (!hasEnded(view)) return `The audit trail is open: ${view.events} events so far.`;
  return `The audit trail was still open ${limits.closing / 1000} s after the run ended: ${view.events} events so far.`;
};
