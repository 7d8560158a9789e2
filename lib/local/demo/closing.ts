import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../api/client.ts';
import type { RunView } from '../../query/view.ts';
import { must } from './steps.ts';

/** Milliseconds. The reconciler closes a trail within a second or two; one that is open for longer is told as open. */
const limits = { closing: 20_000, pause: 250 } as const;

type Ending = {
  readonly view: RunView;
  /** How many lanes the closing names; null while the trail is open. */
  readonly lanes: number | null;
};

/** The run as it stands when nothing more comes: at once while it still waits, else when its trail is closed. */
export const endOfTrail = async (auditor: Client, run: string, signal: AbortSignal): Promise<Ending> => {
  for (const began = Date.now(); ; await sleep(limits.pause, undefined, { signal })) {
    const view = must('read the run', await auditor.readRun({ params: { run } }));
    if (view.closed) return { view, lanes: await lanesOf(auditor, run) };
    if (view.outcome === 'running' || view.outcome === 'blocked' || Date.now() - began > limits.closing) return { view, lanes: null };
  }
};

const lanesOf = async (auditor: Client, run: string): Promise<number | null> => {
  const { events } = must('read the closing', await auditor.listRunEvents({ params: { run }, query: { type: 'run.closed' } }));
  const closing = events.find(({ type }) => type === 'run.closed');
  const named: unknown = closing?.data.lanes;
  return Array.isArray(named) ? named.length : null;
};

export const inWords = (view: RunView, lanes: number | null): string => {
  if (view.closed)
    return `The trail is closed: ${view.events} events${lanes === null ? '' : ` in ${lanes} lanes`}, each lane with its length and head.`;
  if (view.outcome === 'running' || view.outcome === 'blocked') return `The trail is open: ${view.events} events so far.`;
  return `The trail is still open ${limits.closing / 1000} s after the end of the path: ${view.events} events so far.`;
};
