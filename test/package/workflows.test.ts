import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assignments, attestBackup, bash, ciSystem, commit, type Outputs, repository, tokenFor, viewed } from './ci-world.ts';
import { githubWorkflow, gitlabPipeline } from './workflows.ts';

describe('the workflow for GitHub Actions', () => {
  const workflow = githubWorkflow();
  const of = (job: string) => workflow.jobs[job] ?? expect.fail(`no job ${job}`);

  /** Runs the `run` steps of a job; the `uses` steps are the checkout and Node.js, which are there. */
  const runJob = async (name: string, cwd: string, needs: Readonly<Record<string, Outputs>>) => {
    const job = of(name);
    const steps: Record<string, Outputs> = {};
    const filled = (text: string): string =>
      text
        .replace('${{ github.token }}', 'of-the-job')
        .replace(/\$\{\{ (steps|needs)\.(\w+)\.outputs\.(\w+) \}\}/g, (_, kind: string, from: string, output: string) => {
          const found = (kind === 'steps' ? steps : needs)[from]?.[output];
          return found ?? expect.fail(`${kind}.${from} has no output ${output}`);
        });
    const given = (env: Outputs = {}): Outputs => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filled(value)]));
    for (const step of job.steps) {
      if (!('run' in step)) continue;
      const output = join(cwd, '.output');
      writeFileSync(output, '');
      const runner = {
        GITHUB_SHA: commit,
        GITHUB_REF_NAME: 'v1.4.0',
        GITHUB_RUN_ID: '77',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_OUTPUT: output,
      };
      const token = { ACTIONS_ID_TOKEN_REQUEST_URL: ciSystem.tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job' };
      const env = { ...runner, ...token, ...workflow.env, HOLDPOINT_URL: ciSystem.origin, ...given(job.env), ...given(step.env) };
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
    expect([...new Set(ciSystem.audiences)]).toEqual([ciSystem.origin]);
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
      const token = await tokenFor(ciSystem.origin);
      const runner = {
        CI_COMMIT_SHA: commit,
        CI_COMMIT_TAG: 'v1.4.0',
        CI_PIPELINE_ID: '78',
        CI_API_V4_URL: ciSystem.gitlabApi,
        CI_PROJECT_ID: '12',
        GITLAB_TOKEN: 'glpat-x',
        HOLDPOINT_URL: ciSystem.origin,
        HOLDPOINT_TOKEN: token,
      };
      const ended = await bash(cwd, [...pipeline.common.before_script, ...job.script].join('\n'), { ...runner, ...passedOn });
      expect(ended.code, ended.out).toBe(0);
      if (job.artifacts !== undefined) passedOn = assignments(join(cwd, job.artifacts.reports.dotenv));
    }
    expect((await viewed()).gates.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed']);
  }, 120_000);
});
