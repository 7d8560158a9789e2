import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from './reports.ts';
import type { Workshop } from './workspace.ts';

type Point = { readonly at: string; readonly ok: boolean; readonly latencyMs: number };

/** What a probe has seen so far. */
export type Seen = { readonly asked: number; readonly failed: number };

export type Probe = {
  readonly points: () => number;
  readonly seen: () => Seen;
  /** Throws when the play is over. */
  readonly alive: () => void;
  stop(): Promise<Report>;
};

/** Asks something again and again and writes down what came of it. Every point is a real answer at a real time. */
export const startProbe = (
  shop: Workshop,
  series: { readonly name: string; readonly about: string; readonly everyMs: number; readonly ask: () => Promise<boolean> },
): Probe => {
  const points: Point[] = [];
  let running = true;
  const work = (async () => {
    while (running && !shop.signal.aborted) {
      const began = Date.now();
      const ok = await series.ask().catch(() => false);
      points.push({ at: new Date(began).toISOString(), ok, latencyMs: Date.now() - began });
      await sleep(Math.max(1, series.everyMs - (Date.now() - began)));
    }
  })();
  return {
    points: () => points.length,
    seen: () => ({ asked: points.length, failed: points.filter(({ ok }) => !ok).length }),
    alive: () => shop.signal.throwIfAborted(),
    stop: async () => {
      running = false;
      await work;
      const path = join(shop.folder, `${series.name}.series.json`);
      writeFileSync(path, JSON.stringify({ schema: 'holdpoint.series/1', name: series.name, about: series.about, points }));
      return { type: 'series', source: series.name, file: path, madeAt: new Date().toISOString(), contentType: 'application/json' };
    },
  };
};

/** Probes until there are so many points over so much time. */
export const probeFor = async (probe: Probe, least: number, began: number, ms: number): Promise<Report> => {
  while (probe.points() < least || Date.now() - began < ms) {
    probe.alive();
    await sleep(50);
  }
  return probe.stop();
};
