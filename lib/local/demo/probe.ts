import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from './reports.ts';
import type { Workspace } from './workspace.ts';

type Point = { readonly at: string; readonly ok: boolean; readonly latencyMs: number };

/** How many requests a probe has made so far, and how many of them failed. */
export type ProbeCounts = { readonly requests: number; readonly failed: number };

export type Probe = {
  readonly counts: () => ProbeCounts;
  /** Throws when the demo has ended. */
  readonly throwIfStopped: () => void;
  stop(): Promise<Report>;
};

/** Makes a request at a fixed interval and records each result. Every point of the series is a real response. */
export const startProbe = (
  workspace: Workspace,
  series: { readonly name: string; readonly about: string; readonly everyMs: number; readonly request: () => Promise<boolean> },
): Probe => {
  const points: Point[] = [];
  let running = true;
  const work = (async () => {
    while (running && !workspace.signal.aborted) {
      const began = Date.now();
      const ok = await series.request().catch(() => false);
      points.push({ at: new Date(began).toISOString(), ok, latencyMs: Date.now() - began });
      await sleep(Math.max(1, series.everyMs - (Date.now() - began)));
    }
  })();
  return {
    counts: () => ({ requests: points.length, failed: points.filter(({ ok }) => !ok).length }),
    throwIfStopped: () => workspace.signal.throwIfAborted(),
    stop: async () => {
      running = false;
      await work;
      const path = join(workspace.folder, `${series.name}.series.json`);
      writeFileSync(path, JSON.stringify({ schema: 'holdpoint.series/1', name: series.name, about: series.about, points }));
      return { type: 'series', source: series.name, file: path, madeAt: new Date().toISOString(), contentType: 'application/json' };
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
