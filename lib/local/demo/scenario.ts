import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { clients, loadTest, startApiServer } from './load-test.ts';
import type { Output } from './output.ts';
import { finishProbe, type Probe, startProbe } from './probe.ts';
import { billOfMaterials, commitOf, integrationTests, type Report, secretScan, unitTests } from './reports.ts';
import { liveAlias } from './sample-app.ts';
import { smokeTests } from './smoke-tests.ts';
import type { DemoStage } from './stage.ts';
import { approveAll, type Demo, holder, must, read, send, until, waive } from './steps.ts';

/** The local stage asks for at least 30 points in each long series, over these durations. */
const minPoints = 32;
const soakMs = 20_000;
const monitoringMs = 12_000;
const healthMs = 2_500;

const component = 'sample';

/** Releases this repository, from its own reports to production stable. Calls `onStarted` with the run's id as soon as it has one. */
export const runScenario = async (stage: DemoStage, output: Output, onStarted: (run: string) => void): Promise<void> => {
  const { commit, dirty } = commitOf(stage.workspace.root);
  const release = `${commit.slice(0, 12)}.${Date.now().toString(36)}`;
  const publishing = output.part('sample app published');
  const published = await stage.sample.publish(release);
  publishing(`version ${published.version}, ${published.digest.slice(0, 19)}`);
  const reports = await makeReports(stage, output, published.version);
  const ci = await stage.ci();
  const started = must(
    'start the run',
    await ci.startRun({
      body: {
        service: stage.service,
        environment: stage.environment,
        version: release,
        commit,
        artifacts: [{ component, digest: published.digest }],
        changes: [`commit ${commit.slice(0, 12)}`],
        reason: `Release of this checkout${dirty ? ', with uncommitted changes in the work tree' : ''}.`,
        requestedBy: 'npm start',
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
      },
    }),
  );
  onStarted(started.run);
  output.line('');
  output.line(`run ${started.run} started: ${stage.publicUrl}/runs/${started.run}`);
  output.line('Below, ✓ is pass, ~ waived, – not applicable, ✗ fail, · missing; the basis of each verdict is in brackets.');
  output.line('');
  const auditor = await stage.person(holder(stage, 'auditor').id);
  const demo: Demo = {
    stage,
    output,
    run: started.run,
    ci,
    auditor,
    commit,
    artifact: { component, digest: published.digest },
    job: `demo-${randomUUID().slice(0, 8)}`,
    printed: new Set(),
  };
  await passGatesBeforeDeployment(demo, reports);
  const monitoring = await deploy(demo, published.version, reports.rollbackTest);
  await validate(demo, monitoring);
  await review(demo, monitoring);
};

type Reports = {
  /** For the first gate. */
  readonly verification: readonly Report[];
  readonly billOfMaterials: Report;
  readonly integration: Report;
  readonly soak: Report;
  /** A sentence that describes the rollback test. */
  readonly rollbackTest: string;
};

/** Makes all reports with the project's own tools before the run starts. The soak series is recorded meanwhile. */
const makeReports = async (stage: DemoStage, output: Output, version: string): Promise<Reports> => {
  const { workspace, sample } = stage;
  const began = Date.now();
  const soak = startProbe(workspace, {
    name: 'soak',
    about: `sample version ${version}, before its release`,
    everyMs: 400,
    request: () => sample.isHealthy(version),
  });
  const testing = output.part('unit tests with coverage');
  const [unit, scan, bom, document] = await Promise.all([
    unitTests(workspace),
    secretScan(workspace),
    billOfMaterials(workspace),
    openapi(stage),
  ]);
  testing();
  const integrating = output.part('integration tests');
  const integration = await integrationTests(workspace);
  integrating();
  const loading = output.part(`load test with ${clients} clients`);
  const server = await startApiServer(workspace, stage.functionEnv);
  const load = await loadTest(workspace, server, await stage.tokenOf(holder(stage, 'auditor').id)).finally(() => server.stop());
  loading('the API handlers ran in one process');
  const rollbackTest = await sample.testRollback(version);
  const soaking = output.part('soak test finished');
  const soakReport = await finishProbe(soak, minPoints, began, soakMs);
  soaking(`${soak.counts().requests} points over ${((Date.now() - began) / 1000).toFixed(0)} s, recorded during the tests above`);
  return { verification: [...unit, scan, document, load], billOfMaterials: bom, integration, soak: soakReport, rollbackTest };
};

/** The OpenAPI document that the deployed API serves. */
const openapi = async (stage: DemoStage): Promise<Report> => {
  const response = await fetch(`${stage.publicUrl}/v1/openapi.json`, {
    headers: { authorization: `Bearer ${await stage.tokenOf(holder(stage, 'auditor').id)}` },
  });
  if (!response.ok) throw new Error(`the API served no OpenAPI document: ${response.status} ${(await response.text()).slice(0, 200)}`);
  const file = join(stage.workspace.folder, 'openapi.json');
  writeFileSync(file, await response.text());
  return { type: 'openapi', source: 'own-api', file, madeAt: new Date().toISOString(), contentType: 'application/json' };
};

const passGatesBeforeDeployment = async (demo: Demo, reports: Reports): Promise<void> => {
  for (const report of reports.verification) await send(demo, report);
  await until(demo, 'phase-1');
  await send(demo, reports.billOfMaterials);
  await attestEnvironment(demo, reports.rollbackTest);
  const lead = await demo.stage.person(holder(demo.stage, 'technical-lead').id);
  must(
    'not applicable',
    await lead.declareNotApplicable({
      params: { run: demo.run, check: 'migration-scripts-tested' },
      body: { reason: 'The sample stores no data, so there is nothing to migrate.' },
    }),
  );
  await until(demo, 'phase-2');
  await send(demo, reports.integration);
  await send(demo, reports.soak);
  await attestTesting(demo);
  await waive(
    demo,
    'phase-3',
    'incident-response-documented',
    'This repository has no incident response plan, and the demo does not invent one.',
  );
  await until(demo, 'phase-3');
  await approveAll(demo, 'go-no-go');
  await until(demo, 'go-no-go');
};

/** From the T-2 h gate to the end of the deployment: after T0, shifts the live alias and reports the digest that is then live. */
const deploy = async (demo: Demo, version: string, rollbackTest: string): Promise<Probe> => {
  const { stage, ci } = demo;
  await until(demo, 't-minus-2h', 'open');
  await waive(
    demo,
    't-minus-2h',
    'final-code-review',
    'This repository has no independent reviewer of its commits, and the demo does not invent one.',
  );
  await attestBeforeDeployment(demo, rollbackTest);
  await until(demo, 't-minus-2h');
  const report = async (state: 'started' | 'finished', digest: string): Promise<unknown> =>
    must(
      `deployment ${state}`,
      await ci.reportDeployment({ params: { run: demo.run }, body: { state, environment: stage.environment, component, digest } }),
    );
  const shifting = demo.output.part('live alias shifted');
  await report('started', demo.artifact.digest);
  await stage.sample.shift(version);
  const live = await stage.sample.readLive();
  await report('finished', live.digest);
  shifting(`version ${live.version} is live, ${live.digest.slice(0, 19)}`);
  const request = (): Promise<boolean> => stage.sample.isHealthy(liveAlias);
  const monitoring = startProbe(stage.workspace, { name: 'monitoring', about: 'the live alias of the sample', everyMs: 300, request });
  const began = Date.now();
  const health = startProbe(stage.workspace, { name: 'health', about: 'the live alias of the sample', everyMs: 150, request });
  await send(demo, await finishProbe(health, 12, began, healthMs));
  await send(demo, await smokeTests(stage));
  await until(demo, 'deployment-window');
  return monitoring;
};

const validate = async (demo: Demo, monitoring: Probe): Promise<void> => {
  await until(demo, 'monitoring-4h', 'open');
  await demo.stage.emit({
    ...observationOf(demo),
    observation: `heartbeat-${demo.job}`,
    kind: 'other',
    bad: false,
    subject: component,
    summary: `The live alias was called ${monitoring.counts().requests} times, ${monitoring.counts().failed} of them without success.`,
  });
  // An alarm that stays red would hold the reviews.
  for (const state of ['ALARM', 'OK'] as const) await demo.stage.notify(alarmOf(demo, state));
  const watching = demo.output.part('live alias monitored');
  const series = await finishProbe(monitoring, minPoints, Date.now(), monitoringMs);
  watching(`${monitoring.counts().requests} points`);
  await send(demo, series);
  await attestMonitoring(demo, monitoring.counts());
  await until(demo, 'monitoring-4h');
  await until(demo, 'phase-5', 'open');
  await attestValidation(demo, monitoring.counts());
  await until(demo, 'phase-5');
  await until(demo, 'deployment-success', 'open');
  await attestSuccess(demo, monitoring.counts());
  await until(demo, 'deployment-success');
};

const observationOf = (demo: Demo): object => ({
  service: demo.stage.service,
  environment: demo.stage.environment,
  observedAt: new Date().toISOString(),
});

/** An alarm notification in CloudWatch's format. */
const alarmOf = (demo: Demo, state: 'ALARM' | 'OK'): object => ({
  AlarmName: `${demo.stage.service}-errors`,
  AlarmDescription: 'A test of the alarm path.',
  NewStateValue: state,
  OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
  NewStateReason: `Threshold Crossed: 1 datapoint was ${state === 'OK' ? 'not ' : ''}greater than the threshold.`,
  StateChangeTime: new Date().toISOString(),
  Region: 'US East (N. Virginia)',
  AWSAccountId: '000000000000',
  AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${demo.stage.service}-errors`,
});

const review = async (demo: Demo, monitoring: Probe): Promise<void> => {
  await until(demo, 'stability-24h', 'open');
  const labelled = await labelAlarms(demo);
  await attestStability(demo, monitoring.counts(), labelled);
  await until(demo, 'stability-24h');
  await approveAll(demo, 'sign-off');
  await until(demo, 'sign-off');
  await until(demo, 'review-48h', 'open');
  const { gates, observations } = await read(demo);
  const open = observations.filter(({ bad, label }) => bad && label === null).length;
  await attestReview(demo, gates.filter(hasPassed).length, open);
  await until(demo, 'review-48h');
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
