import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { loadTest, serveHandlers } from './load.ts';
import type { Show } from './output.ts';
import { type Probe, probeFor, startProbe } from './probe.ts';
import { billOfMaterials, commitOf, integrationTests, type Report, secrets, unitTests } from './reports.ts';
import { alias } from './sample.ts';
import { smokeTests } from './smoke.ts';
import type { PlayedStage } from './stage.ts';
import { approveAll, holder, must, type Play, read, send, until, waive } from './steps.ts';

/** How much of a series is played: at least 30 points over these real seconds. */
const points = 32;
const soakMs = 20_000;
const monitoringMs = 12_000;
const healthMs = 2_500;

const component = 'sample';

/** The release of this very repository, from its own reports to production stable. Answers with the run's id. */
export const playRelease = async (stage: PlayedStage, show: Show, told: (run: string) => void): Promise<string> => {
  const { commit, dirty } = commitOf(stage.shop.root);
  const release = `${commit.slice(0, 12)}.${Date.now().toString(36)}`;
  const ready = show.part('sample published');
  const built = await stage.sample.publish(release);
  ready(`version ${built.version}, ${built.digest.slice(0, 19)}`);
  const reports = await makeReports(stage, show, built.version);
  const ci = await stage.ci();
  const started = must(
    'start the run',
    await ci.startRun({
      body: {
        service: stage.service,
        environment: stage.environment,
        version: release,
        commit,
        artifacts: [{ component, digest: built.digest }],
        changes: [`commit ${commit.slice(0, 12)}`],
        reason: `Release of this checkout${dirty ? ', with uncommitted changes in the work tree' : ''}.`,
        requestedBy: 'npm start',
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
      },
    }),
  );
  told(started.run);
  show.line(`run ${started.run} started, its page: ${stage.publicUrl}/runs/${started.run}`);
  const auditor = await stage.person(holder(stage, 'auditor').id);
  const play: Play = {
    stage,
    show,
    run: started.run,
    ci,
    auditor,
    commit,
    artifact: { component, digest: built.digest },
    job: `play-${randomUUID().slice(0, 8)}`,
    shown: new Set(),
  };
  await prove(play, reports);
  const monitoring = await deploy(play, built.version, reports.wayBack);
  await validate(play, monitoring);
  await review(play, monitoring);
  return started.run;
};

type Reports = {
  readonly first: readonly Report[];
  readonly bill: Report;
  readonly integration: Report;
  readonly soak: Report;
  /** What came of trying the way back. */
  readonly wayBack: string;
};

/** Everything is made afresh, by the project's own tools, before the run starts; the soak goes on meanwhile. */
const makeReports = async (stage: PlayedStage, show: Show, version: string): Promise<Reports> => {
  const { shop, sample } = stage;
  const began = Date.now();
  const soak = startProbe(shop, {
    name: 'soak',
    about: `sample version ${version}, before anybody uses it`,
    everyMs: 400,
    ask: async () => (await sample.ask(version)).ok,
  });
  const tested = show.part('unit tests, coverage');
  const [first, second] = await Promise.all([unitTests(shop), Promise.all([secrets(shop), billOfMaterials(shop), openapi(stage)])]);
  tested();
  const [sarif, bill, document] = second;
  const integrated = show.part('integration tests');
  const integration = await integrationTests(shop);
  integrated();
  const loaded = show.part('load test, 160 clients on the in-process handlers');
  const served = await serveHandlers(shop, stage.functionEnv);
  const load = await loadTest(shop, served, await stage.tokenOf(holder(stage, 'auditor').id)).finally(() => served.stop());
  loaded();
  const wayBack = await sample.rehearse(version);
  const soaked = show.part('end of the soak');
  const soakReport = await probeFor(soak, points, began, soakMs);
  soaked(`${soak.points()} points over ${((Date.now() - began) / 1000).toFixed(0)} s, beside the tests above`);
  return { first: [...first, sarif, document, load], bill, integration, soak: soakReport, wayBack };
};

/** The document that the deployed API gives of itself. */
const openapi = async (stage: PlayedStage): Promise<Report> => {
  const response = await fetch(`${stage.publicUrl}/v1/openapi.json`, {
    headers: { authorization: `Bearer ${await stage.tokenOf(holder(stage, 'auditor').id)}` },
  });
  if (!response.ok) throw new Error(`the API gave no OpenAPI document: ${response.status} ${(await response.text()).slice(0, 200)}`);
  const file = join(stage.shop.folder, 'openapi.json');
  writeFileSync(file, await response.text());
  return { type: 'openapi', source: 'own-api', file, madeAt: new Date().toISOString(), contentType: 'application/json' };
};

const prove = async (play: Play, reports: Reports): Promise<void> => {
  for (const report of reports.first) await send(play, report);
  await until(play, 'phase-1');
  await send(play, reports.bill);
  await attestEnvironment(play, reports.wayBack);
  const lead = await play.stage.person(holder(play.stage, 'technical-lead').id);
  must(
    'not applicable',
    await lead.declareNotApplicable({
      params: { run: play.run, check: 'migration-scripts-tested' },
      body: { reason: 'The sample keeps no data, so there is nothing to migrate.' },
    }),
  );
  await until(play, 'phase-2');
  await send(play, reports.integration);
  await send(play, reports.soak);
  await attestTesting(play);
  await waive(
    play,
    'phase-3',
    'incident-response-documented',
    'This repository has no incident response plan of its own; the workflow has an incident gate, and no plan is invented.',
  );
  await until(play, 'phase-3');
  await approveAll(play, 'go-no-go');
  await until(play, 'go-no-go');
};

/** T-2 h to the end of the deployment: the alias is shifted after T0, and what is live is read back. */
const deploy = async (play: Play, version: string, wayBack: string): Promise<Probe> => {
  const { stage, ci } = play;
  await until(play, 't-minus-2h', 'open');
  await waive(play, 't-minus-2h', 'final-code-review', 'This repository has no independent reviewer of its commits; nobody is invented.');
  await attestBeforeDeployment(play, wayBack);
  await until(play, 't-minus-2h');
  const report = async (state: 'started' | 'finished', digest: string): Promise<unknown> =>
    must(
      `deployment ${state}`,
      await ci.reportDeployment({ params: { run: play.run }, body: { state, environment: stage.environment, component, digest } }),
    );
  const shifted = play.show.part('alias shifted');
  await report('started', play.artifact.digest);
  await stage.sample.shift(version);
  const live = await stage.sample.readBack();
  await report('finished', live.digest);
  shifted(`live is version ${live.version}, digest read back ${live.digest.slice(0, 19)}`);
  const ask = async (): Promise<boolean> => (await stage.sample.ask(alias)).ok;
  const monitoring = startProbe(stage.shop, { name: 'monitoring', about: 'the live alias of the sample', everyMs: 300, ask });
  const began = Date.now();
  const health = startProbe(stage.shop, { name: 'health', about: 'the live alias of the sample', everyMs: 150, ask });
  await send(play, await probeFor(health, 12, began, healthMs));
  await send(play, await smokeTests(stage));
  await until(play, 'deployment-window');
  return monitoring;
};

const validate = async (play: Play, monitoring: Probe): Promise<void> => {
  await until(play, 'monitoring-4h', 'open');
  await play.stage.emit({
    ...observationOf(play),
    observation: `heartbeat-${play.job}`,
    kind: 'other',
    bad: false,
    subject: component,
    summary: `the live alias was asked ${monitoring.seen().asked} times, ${monitoring.seen().failed} of them in vain`,
  });
  await play.stage.notify(alarmOf(play));
  const watched = play.show.part('the live alias watched');
  const series = await probeFor(monitoring, points, Date.now(), monitoringMs);
  watched(`${monitoring.points()} points`);
  await send(play, series);
  await attestMonitoring(play, monitoring.seen());
  await until(play, 'monitoring-4h');
  await until(play, 'phase-5', 'open');
  await attestValidation(play, monitoring.seen());
  await until(play, 'phase-5');
  await until(play, 'deployment-success', 'open');
  await attestSuccess(play, monitoring.seen());
  await until(play, 'deployment-success');
};

const observationOf = (play: Play): object => ({
  service: play.stage.service,
  environment: play.stage.environment,
  observedAt: new Date().toISOString(),
});

/** An alarm's notification as CloudWatch writes it to a topic. */
const alarmOf = (play: Play): object => ({
  AlarmName: `${play.stage.service}-errors`,
  AlarmDescription: 'A test of the alarm path.',
  NewStateValue: 'ALARM',
  OldStateValue: 'OK',
  NewStateReason: 'Threshold Crossed: 1 datapoint was greater than the threshold.',
  StateChangeTime: new Date().toISOString(),
  Region: 'US East (N. Virginia)',
  AWSAccountId: '000000000000',
  AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${play.stage.service}-errors`,
});

const review = async (play: Play, monitoring: Probe): Promise<void> => {
  await until(play, 'stability-24h', 'open');
  const labelled = await labelAlarms(play);
  await attestStability(play, monitoring.seen(), labelled);
  await until(play, 'stability-24h');
  await approveAll(play, 'sign-off');
  await until(play, 'sign-off');
  await until(play, 'review-48h', 'open');
  const { gates, observations } = await read(play);
  const open = observations.filter(({ bad, label }) => bad && label === null).length;
  await attestReview(play, gates.filter(({ state }) => state === 'passed').length, open);
  await until(play, 'review-48h');
};

/** Operations label every bad observation that reached the run: an alarm was true or false, nothing stays open. */
const labelAlarms = async (play: Play): Promise<number> => {
  const lead = await play.stage.person(holder(play.stage, 'operations-lead').id);
  const { observations } = await read(play);
  const bad = observations.filter((one) => one.bad && one.label === null);
  for (const { observation } of bad) {
    must(
      'label',
      await lead.labelObservation({
        params: { run: play.run, observation },
        body: { label: 'true', explanation: 'Raised on purpose, to see that alarms reach the run.' },
      }),
    );
    play.show.line(`labelled ${observation} as a true alarm`);
  }
  return bad.length;
};
