import { performance } from 'node:perf_hooks';
import { runPage } from '../../lib/console/run.ts';
import { readRunWithWords } from '../../lib/query/run-view.ts';
import { fullRun } from '../full-run.ts';
import type { Row } from './trail.ts';

const rounds = 21;

const medianMs = async (work: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
};

/** The page of a run of the whole checklist, as large as a real one: folding its events, and writing the HTML. */
export const pageFigures = async (): Promise<readonly Row[]> => {
  const { deps, run } = await fullRun();
  const name = (id: string): string => deps.roster.person(id)?.name ?? id;
  const read = async () => {
    const found = await readRunWithWords(deps, run);
    if (found.refused !== undefined) throw new Error(found.refused.detail);
    return found.ok;
  };
  const view = await read();
  const checks = Object.values(view.checkCounts).reduce((sum, count) => sum + count);
  const html = String(await runPage({ id: 'p-operations1', roles: [] }, view, name, deps.clock.now()));
  return [
    {
      figure: `page of a run with ${checks} checks and ${view.events} events: its HTML, median of ${rounds}`,
      value: `${(await medianMs(async () => String(await runPage({ id: 'p-operations1', roles: [] }, view, name, deps.clock.now())))).toFixed(1)} ms for ${Math.ceil(html.length / 1000)} KB`,
      limit: '20 ms, 90 KB',
    },
    {
      figure: 'the same with the reading and folding of its events, on tables in memory',
      value: `${(await medianMs(async () => String(await runPage({ id: 'p-operations1', roles: [] }, await read(), name, deps.clock.now())))).toFixed(1)} ms`,
      limit: '',
    },
  ];
};
