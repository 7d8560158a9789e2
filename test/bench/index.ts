import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { localStatus } from '../../lib/local/commands.ts';
import { localStage } from '../../lib/local/stage.ts';
import { bundleAll, measureBundles } from '../../lib/stack/bundle.ts';
import { setup } from '../emulator.ts';
import { observationCosts } from '../observation-costs.ts';
import { commandLineFigures } from './command-line.ts';
import { firstStepOnStage } from './first-step.ts';
import { judgingFigures } from './judging.ts';
import { pageFigures } from './pages.ts';
import { parsingFigures } from './parsing.ts';
import { costLimit, feedFigures, runFigures } from './runs.ts';
import { type Row, trailFigures } from './trail.ts';

/** `npm run bench` measures what a run costs and prints it. It asserts nothing, because machines differ. */
const root = resolve(import.meta.dirname, '../..');

const print = (title: string, rows: readonly Row[]): void => {
  const width = Math.max(...rows.map(({ figure }) => figure.length));
  process.stdout.write(`\n${title}\n`);
  for (const { figure, value, limit } of rows)
    process.stdout.write(`  ${figure.padEnd(width)}  ${value}${limit === '' ? '' : `  (limit ${limit})`}\n`);
};

const onTables = async (): Promise<readonly Row[]> => {
  const stop = await setup();
  try {
    return await trailFigures();
  } finally {
    await stop?.();
  }
};

/** What an observation costs on a run that holds many, in relation to the first ones. */
const crowdedRun = async (): Promise<readonly Row[]> => {
  const { first, last, again, firstLook, worstLook } = await observationCosts(5_000);
  const row = (figure: string, from: number, to: number): Row => ({
    figure: `${figure}, read units: first, then`,
    value: `${from}, ${to}: ratio ${(to / from).toFixed(2)}`,
    limit: '2',
  });
  return [row('one more', first, last), row('the same again', first, again), row('a reconciliation', firstLook, worstLook)];
};

const here = 'http://localhost:4566';
const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`;

/** What a start loads, and what may be loaded later. */
const sizes = (bytes = 0, onDemand = 0): string => `${kilobytes(bytes)}${onDemand === 0 ? '' : `, ${kilobytes(onDemand)} on demand`}`;

/** Imports every bundle in a new process, five times; prints the median. */
const bundles = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
  try {
    // The limits are those of AWS: functions of a local stage also estimate what they consume.
    await bundleAll({ ...localStage({ publicUrl: here, peopleIssuer: `${here}/people`, ciIssuer: `${here}/ci` }), local: false }, folder);
    const measured = Array.from({ length: 5 }, () => measureBundles(folder));
    return functionNames.map((name) => {
      const { bundleLimit, onDemandLimit } = factsOf(name);
      const times = measured.map((one) => one[name].importMs).sort((a, b) => a - b);
      return {
        figure: name,
        value: `${sizes(measured[0]?.[name].bytes, measured[0]?.[name].onDemand)}, imported in ${times[2]} ms`,
        limit: `${sizes(bundleLimit, onDemandLimit)}, aim 150 ms`,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const local = (...args: readonly string[]) =>
  spawn(process.execPath, ['bin/holdpoint.mjs', 'local', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

/** The part of the demo's document that is read here; a run that it does not play is missing. */
type Played = Readonly<Record<string, string | number>> & {
  readonly firstGate: { readonly seconds: number } | null;
  readonly cost?: { readonly dollars: number };
  readonly runs?: readonly { readonly run: string; readonly outcome: string; readonly cost?: { readonly dollars: number } }[];
};

/** Plays the demo on a stage that is up and stays up. Its progress goes to stderr. `parts`: the seconds of each part, as the demo prints them. */
const played = async (...options: readonly string[]): Promise<{ readonly result: Played; readonly parts: string }> => {
  const child = local('demo', '--once', ...options, '--json');
  child.stderr.pipe(process.stderr);
  const [document, progress] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const result = JSON.parse(document) as Played;
  if (result.outcome !== 'production-stable')
    throw new Error(`the run ended ${result.outcome}, so its figures are not those of a full run`);
  return { result, parts: /seconds, part by part: (.*)/.exec(progress)?.[1] ?? '' };
};

/** `setUpSeconds`: what the stage took, 0 where it was up before. */
const fullRun = async (setUpSeconds: number): Promise<readonly Row[]> => {
  const { result, parts } = await played();
  const runs = result.runs ?? [{ outcome: result.outcome, ...(result.cost && { cost: result.cost }) }];
  return [
    { figure: 'transitions of a full run', value: String(result.transitions), limit: '30' },
    ...(['events', 'invocations', 'writeUnits', 'readUnits', 'mails'] as const).map((name) => ({
      figure: name,
      value: String(result[name]),
      limit: '',
    })),
    ...runs.map(({ outcome, cost }) => ({
      figure: `cost of the run that ended ${outcome}, with the durations of this machine`,
      value: cost === undefined ? 'skipped: the demo does not count it' : `$${cost.dollars.toFixed(4)}`,
      limit: costLimit,
    })),
    ...secondsOf(Number(result.wallSeconds), result.firstGate?.seconds, setUpSeconds),
    { figure: 'seconds, part by part', value: parts, limit: '' },
  ];
};

/** Once more, with a rollback that no person decides. */
const decidedByItself = async (): Promise<readonly Row[]> => {
  const { runs = [] } = (await played('--by-itself')).result;
  return [await firstStepOnStage(runs.map(({ run }) => run))];
};

/** A stage that was up before is a warm one; the other limits are those of `npm start` from its command on. */
const secondsOf = (all: number, firstGate: number | undefined, setUp: number): readonly Row[] => {
  const [stage, ofAll, ofFirst] = setUp === 0 ? ['on a stage that was up', '75 s', ''] : ['with the set-up of the stage', '150 s', '60 s'];
  const seconds = (value: number | undefined): string => (value === undefined ? 'no gate passed' : `${(value + setUp).toFixed(1)} s`);
  return [
    { figure: `seconds in all, ${stage}`, value: seconds(all), limit: ofAll },
    { figure: `seconds to the first gate, ${stage}`, value: seconds(firstGate), limit: ofFirst },
  ];
};

const stopped = async (): Promise<void> => {
  const down = local('down');
  down.stdout.pipe(process.stderr);
  down.stderr.pipe(process.stderr);
  await once(down, 'close');
};

/** The stage outlives the demo, because the events of its runs are read afterwards. It is stopped unless it was up before. */
const onStage = async (): Promise<readonly Row[]> => {
  const wasUp = localStatus().state === 'up';
  const began = performance.now();
  const up = wasUp ? undefined : local('up');
  up?.stdout.pipe(process.stderr);
  up?.stderr.pipe(process.stderr);
  if (up !== undefined) {
    const [code] = (await once(up, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the local stage could not be set up: exit code ${code}`);
  }
  const setUpSeconds = (performance.now() - began) / 1000;
  try {
    return [...(await fullRun(wasUp ? 0 : setUpSeconds)), ...(await decidedByItself())];
  } finally {
    if (!wasUp) await stopped();
  }
};

print('Trail and gates, on real tables', await onTables());
print('5,000 observations of one run, on tables in memory', await crowdedRun());
print('Judging, in memory', await judgingFigures());
print('Pages, in memory', await pageFigures());
print('Reading reports of every type, each in a process of its own; seconds of its processor', await parsingFigures());
print('Bundles', await bundles());
print('Command line, bundled', await commandLineFigures());
print('Runs of the real checklist, counted in memory; assumptions in test/run-figures.ts', await runFigures());
print('The feed', await feedFigures());
print('The demo on the local stage', await onStage());
