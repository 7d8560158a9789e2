import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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
import type { Output } from './output.ts';
import { finishProbe, type Probe, startProbe } from './probe.ts';
import { type PreparedRelease, prepareRelease } from './release.ts';
import { smokeTests } from './reports.ts';
import type { ReleaseNumber } from './shop-source.ts';
import type { DemoStage } from './stage.ts';
import { approveAll, type Demo, holder, must, read, send, until, waive } from './steps.ts';

/** The local stage asks for at least 30 points over 8 seconds in the series `monitoring`. */
const monitored = { minPoints: 32, ms: 8_500 } as const;
const health = { minPoints: 12, ms: 2_200 } as const;
/** Longer than the second that notifications of alarms are exact to. */
const alarmTestMs = 1_500;

const component = 'shop';
const placedOrders = 12;

type Started = (run: string) => void;

/** Releases the shop, from its own reports to production stable. Calls `onStarted` with the run's id as soon as it has one. */
export const runScenario = async (stage: DemoStage, output: Output, onStarted: Started): Promise<void> => {
  const ordering = output.part('orders placed through the live version');
  await stage.shop.client.placeOrders(placedOrders);
  ordering(`${placedOrders} orders`);
  await releaseRun(stage, output, { number: 1, last: 'review-48h', onStarted });
};

/** Starts a run of the prepared release. */
const startRun = async (stage: DemoStage, output: Output, release: PreparedRelease): Promise<Demo> => {
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
  return { stage, output, run, ci, auditor, release, artifact, job: `demo-${randomUUID().slice(0, 8)}`, printed: new Set() };
};

const verify = async (demo: Demo): Promise<void> => {
  for (const report of demo.release.verification) await send(demo, report);
};

const prepareEnvironment = async (demo: Demo): Promise<void> => {
  await send(demo, demo.release.billOfMaterials);
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
  await send(demo, demo.release.integration);
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
  const shifting = demo.output.part('live alias shifted');
  await report('started', demo.artifact.digest);
  await shop.function.shift(release.published.version);
  const live = await shop.function.readLive();
  await report('finished', live.digest);
  shifting(`version ${live.version} is live, ${live.digest.slice(0, 19)}`);
  const probe = startProbe(workspace, { name: 'health', about: `${shop.client.url}/health`, everyMs: 150, request: shop.client.isHealthy });
  const smoking = demo.output.part('health probe and smoke tests');
  const [healthy, smoke] = await Promise.all([finishProbe(probe, health), smokeTests(workspace, release.source, shop.client)]);
  smoking(`${probe.counts().requests} points`);
  await send(demo, healthy);
  await send(demo, smoke);
};

/** Watches an order that a client placed before: the shop's critical feature. */
const startMonitoring = ({ stage: { workspace, shop } }: Demo): Probe =>
  startProbe(workspace, { name: 'monitoring', about: `${shop.client.url}/orders/{id}`, everyMs: 250, request: shop.client.readsOrder });

const monitor = async (demo: Demo): Promise<void> => {
  await until(demo, 'monitoring-4h', 'open');
  await testAlarm(demo);
  const monitoring = startMonitoring(demo);
  demo.monitoring = monitoring;
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

const observationOf = (demo: Demo): object => ({
  service: demo.stage.service,
  environment: demo.stage.environment,
  observedAt: new Date().toISOString(),
});

/** Turns the shop's alarm red on purpose: whether its notifications reach the run is seen by the observations of the run. */
const testAlarm = async ({ stage: { shop }, output }: Demo): Promise<void> => {
  await shop.alarm.setState('ALARM', 'A test of the alarm path.');
  output.line(`set the alarm ${shop.alarm.name} to ALARM, to test that alarms reach the run`);
  await sleep(alarmTestMs);
};

/** The next request's metrics put the alarm back. An emulated alarm without new data would stay red, so the demo resets it then. */
const becomesOk = async ({ stage: { shop, workspace }, output }: Demo): Promise<void> => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    workspace.signal.throwIfAborted();
    if (!(await shop.alarm.isRed())) return output.line(`the alarm ${shop.alarm.name} is OK again: the next requests did not fail`);
    await sleep(100);
  }
  await shop.alarm.setState('OK', 'Reset by the demo: an emulated alarm without new data does not go back by itself.');
  output.line(`reset the alarm ${shop.alarm.name}: it got no new data, and an emulated alarm does not go back by itself`);
};

const attestStable = async (demo: Demo): Promise<void> => {
  await until(demo, 'stability-24h', 'open');
  const labelled = await labelAlarms(demo);
  await attestStability(demo, countsOf(demo), labelled);
};

const review = async (demo: Demo): Promise<void> => {
  await until(demo, 'review-48h', 'open');
  const { gates, observations } = await read(demo);
  const open = observations.filter(({ bad, label }) => bad && label === null).length;
  await attestReview(demo, gates.filter(hasPassed).length, open);
};

const countsOf = ({ monitoring }: Demo) => {
  if (monitoring === undefined) throw new Error('nothing was monitored before the deployment');
  return monitoring.counts();
};

/** Operations label every bad observation of the run as a true or false alarm, because an open one blocks the gate. */
const labelAlarms = async (demo: Demo): Promise<number> => {
  const lead = await demo.stage.person(holder(demo.stage, 'operations-lead').id);
  const { observations } = await read(demo);
  const bad = observations.filter((one) => one.bad && one.label === null);
  for (const { observation } of bad) {
    must(
      'label',
      await lead.labelObservation({
        params: { run: demo.run, observation },
        body: { label: 'true', explanation: 'Raised on purpose, to test that alarms reach the run.' },
      }),
    );
    demo.output.line(`labelled ${observation} as a true alarm`);
  }
  return bad.length;
};

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

/** Takes the run from its first gate up to and including `last`. Throws `Blocked` when a gate does not pass. */
const passGates = async (demo: Demo, last: string): Promise<void> => {
  for (const { gate, pass } of steps) {
    await pass(demo);
    await until(demo, gate);
    if (gate === last) return;
  }
  throw new Error(`the demo has no step for the gate ${last}`);
};

/** Prepares a release, starts its run, and takes it up to and including the gate `last`. */
export const releaseRun = async (
  stage: DemoStage,
  output: Output,
  { number, last, onStarted }: { readonly number: ReleaseNumber; readonly last: string; readonly onStarted: Started },
): Promise<Demo> => {
  const demo = await startRun(stage, output, await prepareRelease(stage, output, number));
  onStarted(demo.run);
  await passGates(demo, last);
  return demo;
};
