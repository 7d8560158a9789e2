import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Probe as Measuring, type ProbeCounts, startProbe as startMeasuring } from '../../cli/series-probe.ts';
import type { Report } from './reports.ts';
import type { Workspace } from './workspace.ts';

export type { ProbeCounts } from '../../cli/series-probe.ts';

export type Probe = {
  readonly counts: () => ProbeCounts;
  /** Throws when the demo has ended. */
  readonly throwIfStopped: () => void;
  stop(): Promise<Report>;
};

/** Starts the probe of `holdpoint probe` on something that is not a URL. It ends with the demo at the latest. */
export const startProbe = (
  workspace: Workspace,
  series: { readonly name: string; readonly about: string; readonly everyMs: number; readonly request: () => Promise<boolean> },
): Probe => {
  const measuring: Measuring = startMeasuring({
    ...series,
    request: async () => ({ ok: await series.request() }),
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  });
  workspace.signal.addEventListener('abort', measuring.stop);
  return {
    counts: measuring.counts,
    throwIfStopped: () => workspace.signal.throwIfAborted(),
    stop: async () => {
      measuring.stop();
      const file = join(workspace.folder, `${series.name}.series.json`);
      writeFileSync(file, JSON.stringify(await measuring.series));
      return { type: 'series', source: series.name, file, madeAt: new Date().toISOString(), contentType: 'application/json' };
    },
  };
};

/** Lets the probe run until it has `minPoints` and `ms` have passed since `began`, then stops it. */
export const finishProbe = async (probe: Probe, minPoints: number, began: number, ms: number): Promise<Report> => {
  while (probe.counts().requests < minPoints || Date.now() - began < ms) {
    probe.throwIfStopped();
    await sleep(50);
  }
  return probe.stop();
};
