import { randomUUID } from 'node:crypto';
import { hasPassed } from '../../query/gate-state.ts';
import {
  attestBeforeDeployment,
  attestEnvironment,
  attestMonitoring,
  attestReview,
  attestStability,
  attestSuccess,
  attestTesting,
  attestValidation,
} from './attestations.ts';
import { rollBack } from './bad-release.ts';
import type { Output } from './output.ts';
import { adoptTarget, freeEnvironment, placeOrders, rehearsalText, rehearseRollback } from './preparation.ts';
import { finishProbe, measureSteady, startProbe } from './probe.ts';
import { begun, measureBaseline, type PreparedRelease, prepareRelease, withOwnFolder } from './release.ts';
import { smokeTests } from './reports.ts';
import type { DemoStage } from './stage.ts';
import { approveAll, component, type Demo, holder, must, read, send, until, waive } from './steps.ts';
import { becomesOk, compareOrders, labelAlarms, observationOf, startWatching, testAlarm, watchingOf } from './watching.ts';

/** The local stage asks for at least 30 points over 8 seconds in the series `monitoring` and `stability`. */
const monitored = { minPoints: 32, ms: 8_500 } as const;
/** So many processes of the function answer at once while the release is watched. */
const warmRequests = 3;
/** Enough points that one slow answer is not the 95th percentile. */
const health = { minPoints: 42, ms: 2_200, everyMs: 50, longestGapMs: 900 } as const;
/** Called with the id of each run as soon as it has one. */
type Started = (run: string) => void;

/**
 * The good release, from its own reports to production stable; then one that fails for its customers and is taken back. A run starts as soon
 * as its release is published, and takes each report when its tool has written it. The bad release is prepared while the good one is watched.
 */
export const runScenario = async (stage: DemoStage, output: Output, onStarted: Started): Promise<void> => {
  const one = withOwnFolder(stage, 1);
  const two = withOwnFolder({ ...stage, workspace: { ...stage.workspace, yields: true } }, 2);
  await freeEnvironment(stage, output);
  const placed = begun(placeOrders(stage, output));
  const usual = begun(placed.then(() => measureBaseline(one)));
  const adopted = begun(adoptTarget(stage, output));
  const first = await prepareRelease(one, output, { number: 1, usual });
  await Promise.all([placed, adopted]);
  const drill = begun(rehearseRollback(stage, output, first));
  const rehearsal = async (): Promise<string> => {
    await drill;
    return rehearsalText(stage);
  };
  let whenWatched = (): void => {};
  const watched = new Promise<void>((resolve) => {
    whenWatched = resolve;
  });
  const good = await startRun(stage, output, first, { rehearsal, whenWatched });
  onStarted(good.run);
  await passGates(good, 'phase-1', 'phase-1');
  const second = begun(prepareRelease(two, output, { number: 2, usual: begun(watched.then(() => measureBaseline(two))) }));
  await passGates(good, 'phase-2', 'review-48h');
  const bad = await startRun(stage, output, await second, { rehearsal, whenWatched: null });
  onStarted(bad.run);
  await passGates(bad, 'phase-1', 'deployment-window');
  await rollBack(bad, good.artifact.digest);
};

/** Starts a run of the prepared release. */
const startRun = async (
  stage: DemoStage,
  output: Output,
  release: PreparedRelease,
  given: Pick<Demo, 'rehearsal' | 'whenWatched'>,
): Promise<Demo> => {
  const { source, published } = release;
  const ci = await stage.ci();
  const artifact = { component, digest: published.digest };
  const { run } = must(
    'start the run',
    await ci.startRun({
      body: {
        service: stage.service,
        environment: stage.environment,
        version: `${source.version}-${Date.now().toString(36)}`,
        commit: source.commit,
        artifacts: [artifact],
        changes: [`commit ${source.commit.slice(0, 12)}`],
        reason: `Release ${source.version} of the shop.`,
        requestedBy: 'npm start',
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
      },
    }),
  );
  output.line('');
  output.line(`run ${run} of shop ${source.version} started: ${stage.publicUrl}/runs/${run}`);
  output.line('Below, ✓ is pass, ~ waived, – not applicable, ✗ fail, · missing; the basis of each verdict is in brackets.');
  output.line('');
  const auditor = await stage.person(holder(stage, 'auditor').id);
  return { stage, output, run, ci, auditor, release, artifact, job: `demo-${randomUUID().slice(0, 8)}`, printed: new Set(), ...given };
};

const verify = async (demo: Demo): Promise<void> => {
  for (const made of demo.release.verification) for (const report of await made) await send(demo, report);
};

const prepareEnvironment = async (demo: Demo): Promise<void> => {
  await send(demo, await demo.release.billOfMaterials);
  await attestEnvironment(demo);
  const lead = await demo.stage.person(holder(demo.stage, 'technical-lead').id);
  must(
    'not applicable',
    await lead.declareNotApplicable({
      params: { run: demo.run, check: 'migration-scripts-tested' },
      body: { reason: 'This release migrates no stored orders.' },
    }),
  );
};

const test = async (demo: Demo): Promise<void> => {
  await send(demo, await demo.release.integration);
  await send(demo, await demo.release.finishSoak());
  await attestTesting(demo);
  await waive(
    demo,
    'phase-3',
    'incident-response-documented',
    'The shop has a guide for troubleshooting and no plan for incidents, and the demo does not invent one.',
  );
};

const prepareDeployment = async (demo: Demo): Promise<void> => {
  await until(demo, 't-minus-2h', 'open');
  await waive(
    demo,
    't-minus-2h',
    'final-code-review',
    'The shop has no independent reviewer of its commits, and the demo does not invent one.',
  );
  await attestBeforeDeployment(demo);
};

/** Shifts the live alias, reports the digest that is then live, and proves that the service is healthy. */
const deploy = async (demo: Demo): Promise<void> => {
  const { stage, ci, release } = demo;
  const { shop, workspace } = stage;
  const report = async (state: 'started' | 'finished', digest: string): Promise<unknown> =>
    must(
      `deployment ${state}`,
      await ci.reportDeployment({ params: { run: demo.run }, body: { state, environment: stage.environment, component, digest } }),
    );
  const orders = [...shop.client.orders()];
  const checksum = await shop.orders.checksum(orders);
  const shifting = demo.output.part('live alias shifted');
  await report('started', demo.artifact.digest);
  await shop.function.shift(release.published.version, 'live');
  // As a deployment does: it is finished when the new version answers.
  await Promise.all(Array.from({ length: warmRequests }, () => shop.client.isHealthy()));
  const live = await shop.function.read('live');
  await report('finished', live.digest);
  shifting(`version ${live.version} is live, ${live.digest.slice(0, 19)}`);
  const about = `${shop.client.url}/health`;
  const { everyMs } = health;
  const smoking = demo.output.part('health probe and smoke tests');
  // Watched only then: requests of both at once would disturb the health that is measured.
  const watched = async () => {
    const measured = await measureSteady(
      () => startProbe(workspace, { name: 'health', about, everyMs, request: shop.client.isHealthy }),
      health,
    );
    if (demo.whenWatched === null) return measured;
    demo.watching = startWatching(demo, { orders, checksum });
    await testAlarm(demo);
    demo.whenWatched();
    return measured;
  };
  const [healthy, smoke] = await Promise.all([watched(), smokeTests(workspace, release.source, shop.client)]);
  smoking(`${healthy.probe.counts().requests} points`);
  await send(demo, healthy.report);
  await send(demo, smoke);
};

const monitor = async (demo: Demo): Promise<void> => {
  await until(demo, 'monitoring-4h', 'open');
  const { monitoring } = watchingOf(demo);
  const watching = demo.output.part('live service monitored');
  await becomesOk(demo);
  const series = await finishProbe(monitoring, monitored);
  const counts = monitoring.counts();
  watching(`${counts.requests} points`);
  await demo.stage.emit({
    ...observationOf(demo),
    observation: `heartbeat-${demo.job}`,
    kind: 'other',
    bad: false,
    subject: component,
    summary: `Orders were read ${counts.requests} times, ${counts.failed} of them without success.`,
  });
  await send(demo, series);
  await attestMonitoring(demo, counts);
};

const attestStable = async (demo: Demo): Promise<void> => {
  await until(demo, 'stability-24h', 'open');
  await send(demo, await finishProbe(watchingOf(demo).stability, monitored));
  await compareOrders(demo);
  const labelled = await labelAlarms(demo);
  await attestStability(demo, countsOf(demo), labelled);
};

const review = async (demo: Demo): Promise<void> => {
  await until(demo, 'review-48h', 'open');
  const { gates, observations } = await read(demo);
  const open = observations.filter(({ bad, label }) => bad && label === null).length;
  await attestReview(demo, countsOf(demo), { passed: gates.filter(hasPassed).length, open });
};

const countsOf = (demo: Demo) => watchingOf(demo).monitoring.counts();

/** What the demo does for each gate, in the order of the checklist. */
const steps: readonly { readonly gate: string; readonly pass: (demo: Demo) => Promise<void> }[] = [
  { gate: 'phase-1', pass: verify },
  { gate: 'phase-2', pass: prepareEnvironment },
  { gate: 'phase-3', pass: test },
  { gate: 'go-no-go', pass: (demo) => approveAll(demo, 'go-no-go') },
  { gate: 't-minus-2h', pass: prepareDeployment },
  { gate: 'deployment-window', pass: deploy },
  { gate: 'monitoring-4h', pass: monitor },
  { gate: 'phase-5', pass: (demo) => attestOpen(demo, 'phase-5', attestValidation) },
  { gate: 'deployment-success', pass: (demo) => attestOpen(demo, 'deployment-success', attestSuccess) },
  { gate: 'stability-24h', pass: attestStable },
  { gate: 'sign-off', pass: (demo) => approveAll(demo, 'sign-off') },
  { gate: 'review-48h', pass: review },
];

const attestOpen = async (demo: Demo, gate: string, attest: typeof attestSuccess): Promise<void> => {
  await until(demo, gate, 'open');
  await attest(demo, countsOf(demo));
};

/** Takes the run through the gates from `first` to `last`, both included. Throws `Blocked` when one does not pass. */
const passGates = async (demo: Demo, first: string, last: string): Promise<void> => {
  const [from, to] = [first, last].map((wanted) => steps.findIndex(({ gate }) => gate === wanted));
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error(`the demo has no steps from ${first} to ${last}`);
  for (const { gate, pass } of steps.slice(from, to + 1)) {
    await pass(demo);
    await until(demo, gate);
  }
};
