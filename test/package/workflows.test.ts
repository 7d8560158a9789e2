import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../lib/local/tcp-ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { deployed } from '../../lib/rules/deployed.ts';
import { sbomComplete } from '../../lib/rules/sbom-complete.ts';
import { seriesCovers } from '../../lib/rules/series-covers.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, dependenciesOf, gate, junitReport, personIn } from '../given.ts';
import { jobClaims, stageAt, startIssuer, type TestIssuer } from '../handlers/issuer.ts';
import { serveStage } from '../handlers/live-api.ts';
import { type Machine, machineOf } from '../machine.ts';
import { sampleOf } from '../samples.ts';
import { emptyEnv, packCli } from './pack-cli.ts';
import { calledPipeline, calledWorkflow, githubWorkflow, gitlabPipeline } from './workflows.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-workflows-'));
let tgz: string;
let issuer: TestIssuer;
let origin: string;
/** What GitHub's token endpoint was asked for. */
let audiences: string[];
let tokenServer: Server;
let tokenUrl: string;
let jobs = 0;

const tokenFor = (audience: string): Promise<string> =>
  issuer.sign(jobClaims(issuer.url, Math.floor(Date.now() / 1000), { aud: audience, jti: `job-${++jobs}` }));

beforeAll(async () => {
  ({ tgz } = await packCli(folder));
  issuer = await startIssuer();
  tokenServer = createServer((request, response) => {
    const audience = new URL(request.url ?? '', 'http://localhost').searchParams.get('audience') ?? 'none';
    audiences.push(audience);
    if (request.headers.authorization !== 'Bearer of-the-job') return void response.writeHead(401).end();
    void tokenFor(audience).then((value) => response.end(JSON.stringify({ value })));
  });
  const port = await freePort();
  tokenUrl = `http://localhost:${port}/token?api-version=2.0`;
  await new Promise<void>((done) => tokenServer.listen(port, 'localhost', done));
}, 120_000);
afterAll(async () => {
  await issuer.close();
  tokenServer.close();
  rmSync(folder, { recursive: true, force: true });
});

const health = seriesCovers.of({
  series: 'health',
  minDurationSeconds: 1,
  minPoints: 3,
  maxGapPct: 60,
  maxFailurePct: 0,
  maxP95Ms: 2000,
});
/** Stands for a probe, which would take minutes and need a service. */
const probed = `node -e "const at = (n) => new Date(Date.now() + n * 300).toISOString(); const points = [0, 1, 2, 3, 4].map((n) => ({ at: at(n), ok: true, latencyMs: 5 })); require('fs').writeFileSync('health.series.json', JSON.stringify({ schema: 'holdpoint.series/1', name: 'health', about: 'shop', points }))"`;

/** What the workflows prove, in three gates; a person attests one check. */
const checklist = checklistOf(
  [gate('phase-1'), gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment' })],
  [
    check('no-regressions', 'phase-1'),
    check('coverage', 'phase-1', { rule: coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature' }) }),
    check('bill', 'phase-1', { rule: sbomComplete.of({ minComponents: 1 }), scope: 'artifact' }),
    check('backup', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
    check('code-deployed', 'deployment-window', { rule: deployed.of({}) }),
    check('smoke', 'deployment-window', { after: 'deployment.finished' }),
    check('health', 'deployment-window', { after: 'deployment.finished', rule: health }),
  ],
);

let deps: FakeDependencies;
let machine: Machine | undefined;
let api: Awaited<ReturnType<typeof serveStage>>;
/** The work that Step Functions and the reconciler do beside the requests. */
const tend = async (): Promise<void> => {
  deps.controls.clock.set(new Date().toISOString());
  const [started] = (await deps.index.list({ limit: 1 })).runs;
  if (started === undefined) return;
  const first = machine === undefined;
  machine ??= machineOf(deps, started.run);
  if (first) await machine.begin();
  await machine.settle();
};
const viewed = async () => {
  await tend();
  const [started] = (await deps.index.list({ limit: 1 })).runs;
  return (await readRun(deps, started?.run ?? '')).ok ?? expect.fail('no run was started');
};
const attestBackup = async (): Promise<void> => {
  const { run } = await viewed();
  const attested = { request: anew(), run, check: 'backup', statement: 'Restored on staging this morning.' };
  expect((await attest(deps, attested, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
};

beforeEach(async () => {
  audiences = [];
  machine = undefined;
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const given = stageAt(issuer.url, 'https://login.example.com', { publicUrl: origin });
  const stage = { ...given, issuers: given.issuers.map((one) => (one.kind === 'ci' ? { ...one, audience: origin } : one)) };
  deps = dependenciesOf(checklist, { now: new Date().toISOString() });
  api = await serveStage(deps, stage, port, tend);
  return () => api.close();
});

/** A checkout of another repository in an empty folder: its own commands, and the package. */
const repository = (smoke: 'good' | 'bad' = 'good'): string => {
  const path = mkdtempSync(join(folder, 'repository-'));
  mkdirSync(join(path, 'tools'));
  mkdirSync(join(path, 'coverage'));
  cpSync(tgz, join(path, 'tools/holdpoint-0.1.0.tgz'));
  const reports = {
    unit: junitReport(3),
    smoke: junitReport(2, smoke === 'bad' ? 1 : 0),
    lcov: sampleOf('lcov'),
    bill: sampleOf('cyclonedx'),
  };
  for (const [name, bytes] of Object.entries(reports)) writeFileSync(join(path, `.${name}`), bytes);
  const commands = {
    build: 'echo web > web.tar; cp .bill bom.cdx.json; touch bom.cdx.json',
    test: 'cp .unit junit.xml; cp .lcov coverage/lcov.info',
    deploy: 'echo "$1" > deployed',
    smoke: `${probed}; cp .smoke smoke-junit.xml; exit ${smoke === 'bad' ? 1 : 0}`,
  };
  for (const [name, command] of Object.entries(commands)) {
    writeFileSync(join(path, `${name}.sh`), `#!/bin/sh\n${command}\n`);
    chmodSync(join(path, `${name}.sh`), 0o755);
  }
  return path;
};

type Ended = { readonly code: number; readonly out: string };
/** Runs a script as a CI system's shell does: it ends at the first command that fails. */
const bash = (cwd: string, script: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((done) => {
    writeFileSync(join(cwd, '.step'), script);
    const child = execFile('bash', ['-e', '.step'], { cwd, env: { ...emptyEnv(folder), ...env }, timeout: 60_000 }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out: `${script}\n${out}${err}` }),
    );
  });

type Outputs = Record<string, string>;
/** `NAME=VALUE` lines of a file, as GITHUB_OUTPUT and GitLab's dotenv reports have them. */
const assignments = (file: string): Outputs =>
  Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

const commit = 'a'.repeat(40);

describe('the workflow for GitHub Actions', () => {
  const workflow = githubWorkflow();
  const of = (job: string) => workflow.jobs[job] ?? expect.fail(`no job ${job}`);

  /** Runs the `run` steps of a job; the `uses` steps are the checkout and Node.js, which are there. */
  const runJob = async (name: string, cwd: string, needs: Readonly<Record<string, Outputs>>) => {
    const job = of(name);
    const steps: Record<string, Outputs> = {};
    const filled = (text: string): string =>
      text.replace(/\$\{\{ (steps|needs)\.(\w+)\.outputs\.(\w+) \}\}/g, (_, kind: string, from: string, output: string) => {
        const found = (kind === 'steps' ? steps : needs)[from]?.[output];
        return found ?? expect.fail(`${kind}.${from} has no output ${output}`);
      });
    const given = (env: Outputs = {}): Outputs => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filled(value)]));
    for (const step of job.steps) {
      if (!('run' in step)) continue;
      const output = join(cwd, '.output');
      writeFileSync(output, '');
      const runner = { GITHUB_SHA: commit, GITHUB_REF_NAME: 'v1.4.0', GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '1', GITHUB_OUTPUT: output };
      const token = { ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job' };
      const env = { ...runner, ...token, ...workflow.env, HOLDPOINT_URL: origin, ...given(job.env), ...given(step.env) };
      const ended = await bash(cwd, step.run, env);
      if (step.id !== undefined) steps[step.id] = assignments(output);
      if (ended.code !== 0) return { ended, outputs: {} };
    }
    return { ended: { code: 0, out: '' }, outputs: given(job.outputs) };
  };

  test('puts no value of others into a script: they come as variables', () => {
    const scripts = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap((step) => ('run' in step ? [step.run] : [])));
    expect(scripts.length).toBeGreaterThan(5);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  test('names Node.js 20.19 or newer, and checks out before it installs', () => {
    for (const { steps } of Object.values(workflow.jobs)) {
      expect(steps.slice(0, 2)).toMatchObject([
        { uses: 'actions/checkout@v5' },
        { uses: 'actions/setup-node@v5', with: { 'node-version': 24 } },
      ]);
    }
    expect(new URL(workflow.env.HOLDPOINT_URL).origin).toBe(workflow.env.HOLDPOINT_URL);
  });

  test('releases in an empty folder of another repository, from the start to the smoke tests', async () => {
    const verified = await runJob('verify', repository(), {});
    expect(verified.ended.code, verified.ended.out).toBe(0);
    expect((await viewed()).gates.map(({ state }) => state)).toEqual(['passed', 'waiting', 'ahead']);
    await attestBackup();
    const cwd = repository();
    const deploying = await runJob('deploy', cwd, { [of('deploy').needs ?? '']: verified.outputs });
    expect(deploying.ended.code, deploying.ended.out).toBe(0);
    const run = await viewed();
    expect(run).toMatchObject({
      commit,
      version: 'v1.4.0',
      artifacts: [{ component: 'web', digest: readFileSync(join(cwd, 'deployed'), 'utf8').trim() }],
    });
    expect(run.gates.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed']);
    expect([...new Set(audiences)]).toEqual([origin]);
  }, 120_000);

  test('fails when the smoke tests fail', async () => {
    const verified = await runJob('verify', repository(), {});
    await attestBackup();
    const { ended } = await runJob('deploy', repository('bad'), { verify: verified.outputs });
    expect(ended.code, ended.out).toBe(1);
    expect(ended.out).toContain('fail         smoke');
    expect((await viewed()).gates.map(({ state }) => state)).toEqual(['passed', 'passed', 'blocked']);
  }, 120_000);
});

describe('the pipeline for GitLab', () => {
  const pipeline = gitlabPipeline();

  test('asks for a token for the origin of the server', () => {
    expect(pipeline.common.id_tokens.HOLDPOINT_TOKEN.aud).toBe(new URL(pipeline.variables.HOLDPOINT_URL).origin);
    expect(Object.values(pipeline.jobs).map(({ stage }) => stage)).toEqual(pipeline.stages);
  });

  test('releases in an empty folder of another repository, from the start to the smoke tests', async () => {
    let passedOn: Outputs = {};
    for (const [name, job] of Object.entries(pipeline.jobs)) {
      if (name === 'deploy') await attestBackup();
      const cwd = repository();
      const token = await tokenFor(origin);
      const runner = {
        CI_COMMIT_SHA: commit,
        CI_COMMIT_TAG: 'v1.4.0',
        CI_PIPELINE_ID: '78',
        HOLDPOINT_URL: origin,
        HOLDPOINT_TOKEN: token,
      };
      const ended = await bash(cwd, [...pipeline.common.before_script, ...job.script].join('\n'), { ...runner, ...passedOn });
      expect(ended.code, ended.out).toBe(0);
      if (job.artifacts !== undefined) passedOn = assignments(join(cwd, job.artifacts.reports.dotenv));
    }
    expect((await viewed()).gates.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed']);
  }, 120_000);
});

describe('the workflows that Holdpoint calls', () => {
  const [workflow, pipeline] = [calledWorkflow(), calledPipeline()];
  const job = workflow.jobs.deploy ?? expect.fail('no job deploy');

  /** A run that waits at the gate before its deployment, and the variables that every job has. */
  const started = async () => {
    const cwd = repository();
    const env = { HOLDPOINT_URL: origin, HOLDPOINT_TOKEN: await tokenFor(origin), CI_COMMIT_SHA: commit, CI_COMMIT_TAG: 'v1.4.0' };
    const script = [...pipeline.common.before_script, ...(pipeline.jobs.verify?.script ?? [])].join('\n');
    const verified = await bash(cwd, script, env);
    expect(verified.code, verified.out).toBe(0);
    return { run: (await viewed()).run, cwd: repository() };
  };

  /** Runs the job for GitHub with the payload that Holdpoint sends, and returns what it has deployed. */
  const called = async ({ run, cwd }: { readonly run: string; readonly cwd: string }) => {
    const output = join(cwd, '.output');
    writeFileSync(output, '');
    const token = { ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job' };
    const filled = (text: string): string =>
      text
        .replace('${{ github.event.client_payload.run }}', run)
        .replace(
          /\$\{\{ steps\.asked\.outputs\.(\w+) \}\}/g,
          (_, name: string) => assignments(output)[name] ?? expect.fail(`no output ${name}`),
        );
    for (const step of job.steps) {
      if (!('run' in step)) continue;
      if (step.if !== undefined) {
        expect(step.if).toBe("steps.asked.outputs.deployments == '0'");
        if (assignments(output).deployments !== '0') continue;
      }
      const own = Object.entries({ ...job.env, ...step.env }).map(([name, value]) => [name, filled(value)]);
      const env = { ...token, GITHUB_OUTPUT: output, HOLDPOINT_URL: origin, ...(Object.fromEntries(own) as Outputs) };
      const ended = await bash(cwd, step.run, env);
      if (ended.code !== 0) return ended;
    }
    return { code: 0, out: '' };
  };
  const statesOf = async () => (await viewed()).gates.map(({ state }) => state);

  test('begin with the events that Holdpoint sends, and only after the gate has passed', () => {
    expect(workflow.on).toEqual({ repository_dispatch: { types: ['holdpoint'] } });
    expect(job.if).toBe("github.event.client_payload.gate == 't-minus-2h' && github.event.client_payload.outcome == 'passed'");
    const [rule] = pipeline.jobs.deploy?.rules ?? [];
    expect(rule?.if).toBe('$CI_PIPELINE_SOURCE == "trigger" && $HOLDPOINT_GATE == "t-minus-2h" && $HOLDPOINT_OUTCOME == "passed"');
    expect(job.steps.flatMap((step) => ('run' in step && step.run.includes('${{') ? [step.run] : []))).toEqual([]);
  });

  test('on GitHub deploys what Holdpoint says, and once', async () => {
    const given = await started();
    await attestBackup();
    const first = await called(given);
    expect(first.code, first.out).toBe(0);
    expect(await statesOf()).toEqual(['passed', 'passed', 'passed']);
    const deployed = readFileSync(join(given.cwd, 'deployed'), 'utf8').trim();
    expect((await viewed()).artifacts).toEqual([{ component: 'web', digest: deployed }]);
    rmSync(join(given.cwd, 'deployed'));
    const second = await called(given);
    expect(second.code, second.out).toBe(0);
    expect(existsSync(join(given.cwd, 'deployed'))).toBe(false);
  }, 120_000);

  test('on GitHub deploys nothing when the event lies: the gate has not passed', async () => {
    const given = await started();
    const { code } = await called(given);
    expect(code).not.toBe(0);
    expect(existsSync(join(given.cwd, 'deployed'))).toBe(false);
    expect(await statesOf()).toEqual(['passed', 'waiting', 'ahead']);
  }, 120_000);

  test('on GitLab deploys what Holdpoint says', async () => {
    const given = await started();
    await attestBackup();
    const env = { HOLDPOINT_URL: origin, HOLDPOINT_TOKEN: await tokenFor(origin), HOLDPOINT_RUN: given.run };
    // The commit of the test is in no repository.
    const script = (name: string) =>
      [...pipeline.common.before_script, ...(pipeline.jobs[name]?.script ?? [])].join('\n').replace(/^git fetch .*$/m, 'true');
    expect(script('deploy')).toContain('\ntrue\n');
    for (const name of ['news', 'deploy']) {
      const ended = await bash(given.cwd, script(name), env);
      expect(ended.code, ended.out).toBe(0);
    }
    expect(await statesOf()).toEqual(['passed', 'passed', 'passed']);
  }, 120_000);
});
