import { randomUUID } from 'node:crypto';
import { hasPassed } from '../../query/gate-state.ts';
import { proveAfterDeployment, proveUnderLoad } from './after-deployment.ts';
import {
  attestBeforeDeployment,
  attestMonitoring,
  attestReview,
  attestStability,
  attestSuccess,
  attestValidation,
} from './attestations.ts';
import { rollBack } from './bad-release.ts';
import { recordFirstBaseline } from './first-baseline.ts';
import type { Output } from './output.ts';
import { adoptTarget, backOf, freeEnvironment, placeOrders, registerProfile, rehearsalText, rehearseRollback } from './preparation.ts';
import { measureSteady, startProbe } from './probe.ts';
import { giveDocuments, giveStanding, type Proving, prove, proveInStaging } from './proving.ts';
import { snapshotOrders } from './records-data.ts';
import {
  begun,
  loadBeforeStaging,
  measureBaseline,
  type PreparedRelease,
  prepareRelease,
  startCustomers,
  withOwnFolder,
} from './release.ts';
import { smokeTests } from './reports.ts';
import { sendAll } from './sending.ts';
import type { DemoStage } from './stage.ts';
import { startStageRecords } from './stage-records.ts';
import { approveAll, component, type Demo, holder, must, read, until } from './steps.ts';
import { becomesOk, compareOrders, labelAlarms, observationOf, startStability, startWatching, testAlarm, watchingOf } from './watching.ts';

/** The local stage asks for at least 30 points: over 4 seconds in the series `monitoring`, over 8 in `stability`, which begins with it. */
const monitored = { minPoints: 32, ms: 4_300 } as const;
const stable = { minPoints: 32, ms: 8_500 } as const;
/**
 * A rule allows a step of the baseline's whole rate: after a stall of the machine the customers catch up, which looks like one. Others allow
 * answers within a second.
 */
const evenly = { ...monitored, longestGapMs: 1_500, maxStepPct: 80, mostP95Ms: 800 } as const;
/** Of the health, too, answers within a second are taken for usual. */
const calmly = { ...stable, longestGapMs: 3_000, mostP95Ms: 800 } as const;
/** So many processes of the function answer at once while the release is watched. */
const warmRequests = 3;
/** Enough points that one slow answer is not the 95th percentile. */
const health = { minPoints: 32, ms: 2_200, everyMs: 50, longestGapMs: 900 } as const;
/** `onStarted` is called with the id of each run as soon as it has one. `byItself`: nobody is asked whether the bad release is taken back. */
type Played = { readonly onStarted: (run: string) => void; readonly byItself: boolean };

/**
 * The good release, from its own reports to production stable; then one that fails for its customers and is taken back. A run starts as soon
 * as its release is published, and takes each report when its tool has written it. The bad release is prepared while the good one is watched.
 */
export const runScenario = async (stage: DemoStage, output: Output, { onStarted, byItself }: Played): Promise<void> => {
  const one = withOwnFolder(stage, 'release-1');
  const two = withOwnFolder({ ...stage, workspace: { ...stage.workspace, yields: true } }, 'release-2');
  await freeEnvironment(stage, output);
  const placed = begun(placeOrders(stage, output));
  const usual = begun(placed.then(() => measureBaseline(one)));
  const adopted = begun(adoptTarget(stage, output));
  const registered = begun(registerProfile(stage, output, { decidesItself: false }));
  const first = await prepareRelease(one, output, { number: 1, usual });
  await Promise.all([placed, adopted, registered]);
  const back = await backOf(stage, first);
  const load = back === null ? null : begun(loadBeforeStaging(one, output, first, usual));
  const drill = begun(rehearseRollback(stage, output, first, back));
  const quiet = Promise.all([usual, first.toolsEnded]);
  const staged = proveInStaging(one, output, { release: Promise.resolve(first), ready: drill, quiet });
  const records = startStageRecords(stage, output, { measured: usual, staged: staged.quiet });
  const rehearsal = async (): Promise<string> => {
    await drill;
    return rehearsalText(stage);
  };
  const [watched, measured] = [signalled(), signalled()];
  const giving = { stage, output, ci: await stage.ci(), job: `standing-${randomUUID().slice(0, 8)}` };
  await giveDocuments(giving, first);
  const good = await startRun(stage, output, first, { rehearsal, whenWatched: watched.signal, whenMeasured: measured.signal });
  onStarted(good.run);
  // What is sent would disturb what is measured.
  await usual;
  const standing = begun(Promise.all([giveStanding(giving, good, records), recordFirstBaseline(giving, usual)]));
  const proof = prove(good, { records, staged, load, standing });
  await passGates(good, proof, 'phase-1', 'phase-1');
  await standing;
  await passGates(good, proof, 'phase-2', 'phase-3');
  // Until then its tools would slow down the tests in staging; then people are asked.
  const usualTwo = begun(watched.until.then(() => measureBaseline(two)));
  const second = begun(prepareRelease(two, output, { number: 2, usual: usualTwo }));
  const stagedTwo = proveInStaging(two, output, {
    release: second,
    ready: Promise.all([staged.quiet, staged.alert, watched.until]),
    quiet: Promise.all([measured.until, second.then(({ toolsEnded }) => toolsEnded)]),
  });
  await passGates(good, proof, 'go-no-go', 'review-48h');
  if (byItself) await registerProfile(stage, output, { decidesItself: true });
  const bad = await startRun(stage, output, await second, { rehearsal, whenWatched: null, whenMeasured: () => undefined });
  onStarted(bad.run);
  // The backup of the first release's production is a later one than that of the stage.
  const newest = { ...records, environment: [...records.environment, watchingOf(good).proving.backup] };
  await passGates(bad, prove(bad, { records: newest, staged: stagedTwo, load: null, standing }), 'phase-1', 'deployment-window');
  await rollBack(bad, good.artifact.digest, byItself ? 'by-itself' : 'person');
};

/** `until` resolves when `signal` is called. */
const signalled = (): { readonly until: Promise<void>; readonly signal: () => void } => {
  let signal = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    signal = resolve;
  });
  return { until, signal: () => signal() };
};

/** Starts a run of the prepared release. */
const startRun = async (
  stage: DemoStage,
  output: Output,
  release: PreparedRelease,
  given: Pick<Demo, 'rehearsal' | 'whenWatched' | 'whenMeasured'>,
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

/** People are asked once it is known who wrote the release. */
const goOrNoGo = async (demo: Demo): Promise<void> => {
  await sendAll(demo, 'before go / no-go', [Promise.resolve(demo.release.reviews)]);
  await approveAll(demo, 'go-no-go');
};

const prepareDeployment = async (demo: Demo): Promise<void> => {
  await until(demo, 't-minus-2h', 'open');
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
  const [checksum, before] = await Promise.all([shop.orders.checksum(orders), snapshotOrders(stage)]);
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
    const since = new Date();
    // The alarm needs ten seconds to go back to OK, and the health is measured meanwhile.
    const tested = demo.whenWatched === null ? undefined : begun(testAlarm(demo));
    const measured = await measureSteady(
      () => startProbe(workspace, { name: 'health', about, everyMs, request: shop.client.isHealthy }),
      health,
    );
    if (demo.whenWatched === null) return measured;
    await tested;
    const { until: monitored, signal: whenMonitored } = signalled();
    const proving = proveAfterDeployment(demo, { before, since, monitored });
    demo.watching = startWatching(demo, { orders, checksum, proving, whenMonitored });
    demo.whenWatched();
    return measured;
  };
  const [healthy, smoke] = await Promise.all([watched(), smokeTests(workspace, release.source, { ...shop.client, source: 'smoke' })]);
  smoking(`${healthy.probe.counts().requests} points`);
  await sendAll(demo, 'after the deployment', [Promise.resolve([healthy.report, smoke])]);
};

const monitor = async (demo: Demo): Promise<void> => {
  await until(demo, 'monitoring-4h', 'open');
  const { monitoring, proving, whenMonitored } = watchingOf(demo);
  const after = begun(sendAll(demo, 'for validation, made after the monitoring', proving.reports));
  const watching = demo.output.part('live service monitored');
  const { report: series, probe } = await measureSteady(
    () => startCustomers(demo.stage, 'monitoring'),
    { ...evenly, usual: await demo.release.usual },
    monitoring,
  );
  demo.watching = { ...watchingOf(demo), monitoring: probe };
  whenMonitored();
  const counts = probe.counts();
  watching(`${counts.requests} points`);
  await demo.stage.emit({
    ...observationOf(demo),
    observation: `heartbeat-${demo.job}`,
    kind: 'other',
    bad: false,
    subject: component,
    summary: `Orders were read ${counts.requests} times, ${counts.failed} of them without success.`,
  });
  const underLoad = begun(proveUnderLoad(demo, proving.since));
  await Promise.all([sendAll(demo, 'about the monitoring', [Promise.resolve(series)]), attestMonitoring(demo, counts)]);
  demo.validating = begun(Promise.all([after, sendAll(demo, 'for validation, under load', [underLoad])]));
};

const validate = async (demo: Demo): Promise<void> => {
  await until(demo, 'phase-5', 'open');
  await Promise.all([attestValidation(demo, countsOf(demo)), demo.validating, becomesOk(demo)]);
};

const attestStable = async (demo: Demo): Promise<void> => {
  await until(demo, 'stability-24h', 'open');
  const { report: series } = await measureSteady(
    () => startStability(demo.stage),
    { ...calmly, usual: await demo.release.usual },
    watchingOf(demo).stability,
  );
  demo.whenMeasured();
  await sendAll(demo, 'about the stability', [Promise.resolve(series)]);
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

const succeed = async (demo: Demo): Promise<void> => {
  await until(demo, 'deployment-success', 'open');
  await attestSuccess(demo, countsOf(demo));
};

const countsOf = (demo: Demo) => watchingOf(demo).monitoring.counts();

/** What the demo does for each gate after `phase-3`, in the order of the checklist. */
const later: readonly Step[] = [
  { gate: 'go-no-go', pass: goOrNoGo },
  { gate: 't-minus-2h', pass: prepareDeployment },
  { gate: 'deployment-window', pass: deploy },
  { gate: 'monitoring-4h', pass: monitor },
  { gate: 'phase-5', pass: validate },
  { gate: 'deployment-success', pass: succeed },
  { gate: 'stability-24h', pass: attestStable },
  { gate: 'sign-off', pass: (demo) => approveAll(demo, 'sign-off') },
  { gate: 'review-48h', pass: review },
];

/** Takes the run through the gates from `first` to `last`, both included. Throws `Blocked` when one does not pass. */
const passGates = async (demo: Demo, proof: Proving, first: string, last: string): Promise<void> => {
  const proved = Object.entries(proof).map(([gate, sent]): Step => ({ gate, pass: () => sent }));
  const steps = [...proved, ...later];
  const [from, to] = [first, last].map((wanted) => steps.findIndex(({ gate }) => gate === wanted));
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error(`the demo has no steps from ${first} to ${last}`);
  for (const { gate, pass } of steps.slice(from, to + 1)) {
    await pass(demo);
    await until(demo, gate);
  }
};

type Step = { readonly gate: string; readonly pass: (demo: Demo) => Promise<unknown> };
