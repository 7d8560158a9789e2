/** A stage, a CI system and a repository that releases: what the workflows of the README run in. Its hooks are those of the file that imports it. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { freePort } from '../../lib/local/tcp-ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { deployed } from '../../lib/rules/deployed.ts';
import { record } from '../../lib/rules/record-within.ts';
import { sbomComplete } from '../../lib/rules/sbom-complete.ts';
import { seriesCovers } from '../../lib/rules/series-covers.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, dependenciesOf, gate, junitReport, personIn } from '../given.ts';
import { jobClaims, stageAt, startIssuer, type TestIssuer } from '../handlers/issuer.ts';
import { serveStage } from '../handlers/live-api.ts';
import { type Machine, machineOf } from '../machine.ts';
import { sampleOf } from '../samples.ts';
import { committed, installGh, startGitLab } from './code-host.ts';
import { emptyEnv, packCli } from './pack-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-workflows-'));
const checkout = committed(folder);
/** The commit that is released. */
export const { commit } = checkout;
let tgz: string;
let issuer: TestIssuer;
/** What a test reads: the address of the stage, those of GitHub's tokens and of GitLab, and for which audiences tokens were asked. */
export const ciSystem = { origin: '', tokenUrl: '', gitlabApi: '', audiences: [] as string[] };
let gitlab: Awaited<ReturnType<typeof startGitLab>>;
let tokenServer: Server;
let jobs = 0;

export const tokenFor = (audience: string): Promise<string> =>
  issuer.sign(jobClaims(issuer.url, Math.floor(Date.now() / 1000), { aud: audience, jti: `job-${++jobs}` }));

beforeAll(async () => {
  ({ tgz } = await packCli(folder));
  installGh(join(folder, 'global', 'bin'), commit);
  gitlab = await startGitLab(commit);
  ciSystem.gitlabApi = gitlab.api;
  issuer = await startIssuer();
  tokenServer = createServer((request, response) => {
    const audience = new URL(request.url ?? '', 'http://localhost').searchParams.get('audience') ?? 'none';
    ciSystem.audiences.push(audience);
    if (request.headers.authorization !== 'Bearer of-the-job') return void response.writeHead(401).end();
    void tokenFor(audience).then((value) => response.end(JSON.stringify({ value })));
  });
  const port = await freePort();
  ciSystem.tokenUrl = `http://localhost:${port}/token?api-version=2.0`;
  await new Promise<void>((done) => tokenServer.listen(port, 'localhost', done));
}, 120_000);
afterAll(async () => {
  await gitlab.close();
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
    check('reviewed', 'phase-1', { rule: record('reviews', { minCommits: 1, base: 'live' }) as never }),
    check('changes', 'phase-1', { rule: record('changes', {}) as never }),
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
export const viewed = async () => {
  await tend();
  const [started] = (await deps.index.list({ limit: 1 })).runs;
  return (await readRun(deps, started?.run ?? '')).ok ?? expect.fail('no run was started');
};
export const attestBackup = async (): Promise<void> => {
  const { run } = await viewed();
  const attested = { request: anew(), run, check: 'backup', statement: 'Restored on staging this morning.' };
  expect((await attest(deps, attested, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
};

beforeEach(async () => {
  ciSystem.audiences = [];
  machine = undefined;
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  ciSystem.origin = origin;
  const given = stageAt(issuer.url, 'https://login.example.com', { publicUrl: origin });
  const stage = { ...given, issuers: given.issuers.map((one) => (one.kind === 'ci' ? { ...one, audience: origin } : one)) };
  deps = dependenciesOf(checklist, { now: new Date().toISOString() });
  api = await serveStage(deps, stage, port, tend);
  return () => api.close();
});

/** A checkout of another repository in an empty folder: its own commands, and the package. */
export const repository = (smoke: 'good' | 'bad' = 'good'): string => {
  const path = mkdtempSync(join(folder, 'repository-'));
  cpSync(checkout.path, path, { recursive: true });
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

export type Ended = { readonly code: number; readonly out: string };
/** Runs a script as a CI system's shell does: it ends at the first command that fails. */
export const bash = (cwd: string, script: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((done) => {
    writeFileSync(join(cwd, '.step'), script);
    const child = execFile('bash', ['-e', '.step'], { cwd, env: { ...emptyEnv(folder), ...env }, timeout: 60_000 }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out: `${script}\n${out}${err}` }),
    );
  });

export type Outputs = Record<string, string>;
/** `NAME=VALUE` lines of a file, as GITHUB_OUTPUT and GitLab's dotenv reports have them. */
export const assignments = (file: string): Outputs =>
  Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
