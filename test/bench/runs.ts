import { performance } from 'node:perf_hooks';
import { feed } from '../../lambdas/event-feed.ts';
import { type Billed, billed, costOf, pricedAt, prices } from '../../lib/local/prices.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf, givenRun, twoGates } from '../given.ts';
import { stageOf } from '../handlers/requests.ts';
import { type PlayedRun, playGoodRun, playRolledBackRun, transitionsOfRuns } from '../run-figures.ts';
import type { Row } from './trail.ts';

/** What the issue of a run's cost aims at, in dollars. */
export const costLimit = '$0.005, aim $0.003';

const rounded = (count: number): string => String(Math.round(count * 10) / 10);

/** The cost, under it each part that costs a hundredth of a cent, and under that the operations that used most of it. */
export const costRows = (figure: string, { billed: counts, operations }: Pick<PlayedRun, 'billed' | 'operations'>): readonly Row[] => {
  const { total, parts } = costOf(counts);
  const worthwhile = billed.filter((name) => parts[name] >= 0.0001).toSorted((a, b) => parts[b] - parts[a]);
  return [
    { figure, value: `$${total.toFixed(4)}`, limit: costLimit },
    ...worthwhile.flatMap((name) => [
      { figure: `  ${name}`, value: `$${parts[name].toFixed(4)} for ${rounded(counts[name])}`, limit: '' },
      ...operationRows(name, counts[name], operations),
    ]),
  ];
};

/** Operations with a twentieth of the part, and what `assumed` adds. Nothing where one operation is all of it. */
const operationRows = (name: Billed, all: number, operations: PlayedRun['operations']): readonly Row[] => {
  const found = [...operations].map(([operation, used]) => ({ operation, count: used[name as keyof typeof used] ?? 0 }));
  const counted = found.reduce((sum, { count }) => sum + count, 0);
  if (counted === 0) return [];
  const rows = [...found, { operation: 'assumed for sessions and pages', count: all - counted }].filter(({ count }) => count >= all / 20);
  if (rows.length < 2) return [];
  return rows
    .toSorted((a, b) => b.count - a.count)
    .map(({ operation, count }) => ({
      figure: `    ${operation}`,
      value: `$${((count * prices[name].dollars) / prices[name].per).toFixed(4)} for ${rounded(count)}`,
      limit: '',
    }));
};

/** Transitions by the graph and in the played runs, and the cost of those runs with the assumptions of `test/run-figures.ts`. */
export const runFigures = async (): Promise<readonly Row[]> => {
  const { good, rolledBack } = transitionsOfRuns();
  const [stable, back] = [await playGoodRun(), await playRolledBackRun()];
  if (stable.end !== 'end production-stable' || back.end !== 'end rolled-back')
    throw new Error(`the played runs ended as ${stable.end} and ${back.end}`);
  return [
    { figure: 'transitions of a good run, by the graph and as played', value: `${good.count}, ${stable.transitions}`, limit: '30' },
    {
      figure: 'transitions with one trigger: at the last gate, and as played',
      value: `${rolledBack.count}, ${back.transitions}`,
      limit: '45',
    },
    ...costRows(`a good run, by list prices of ${pricedAt.asOf} in ${pricedAt.region}`, stable),
    ...costRows('a run that is rolled back after its deployment', back),
  ];
};

const stage = stageOf();
const restart = (n: number): object => ({
  version: '0',
  id: `6a7e8feb-b491-4cf7-a9f1-${String(n).padStart(12, '0')}`,
  'detail-type': 'observation.reported',
  source: 'acme.probe',
  account: '111122223333',
  time: '2026-03-02T07:59:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: { service: 'shop', environment: 'production', kind: 'restart', bad: true, subject: `task ${n}`, summary: 'Out of memory' },
});

/** How many observations the feed's function takes in a second, one event after the other, on one open run. `parts` are its ports. */
export const observationsPerSecond = async (deps: Parameters<typeof feed>[0]['deps'], count: number): Promise<number> => {
  const began = performance.now();
  for (let n = 0; n < count; n += 1) {
    const done = await feed({ deps, stage }, restart(n));
    if (!('recorded' in done) || done.recorded !== 1) throw new Error(`observation ${n} was not recorded: ${JSON.stringify(done)}`);
  }
  return count / ((performance.now() - began) / 1000);
};

/** A run that waits at its first gate. */
export const openRun = async (): Promise<FakeDependencies> => {
  const deps = dependenciesOf(twoGates);
  await givenRun(deps);
  return deps;
};

export const feedFigures = async (): Promise<readonly Row[]> => [
  {
    figure: 'observations per second, one function, on tables in memory',
    value: (await observationsPerSecond(await openRun(), 500)).toFixed(0),
    limit: '',
  },
];
