import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assignments, attestBackup, bash, ciSystem, commit, type Outputs, repository, tokenFor, viewed } from './ci-world.ts';
import { calledPipeline, calledWorkflow } from './workflows.ts';

describe('the workflows that Holdpoint calls', () => {
  const [workflow, pipeline] = [calledWorkflow(), calledPipeline()];
  const job = workflow.jobs.deploy ?? expect.fail('no job deploy');

  /** A run that waits at the gate before its deployment, and the variables that every job has. */
  const started = async () => {
    const cwd = repository();
    const env = {
      HOLDPOINT_URL: ciSystem.origin,
      HOLDPOINT_TOKEN: await tokenFor(ciSystem.origin),
      CI_COMMIT_SHA: commit,
      CI_COMMIT_TAG: 'v1.4.0',
      CI_API_V4_URL: ciSystem.gitlabApi,
      CI_PROJECT_ID: '12',
      GITLAB_TOKEN: 'glpat-x',
    };
    const script = [...pipeline.common.before_script, ...(pipeline.jobs.verify?.script ?? [])].join('\n');
    const verified = await bash(cwd, script, env);
    expect(verified.code, verified.out).toBe(0);
    return { run: (await viewed()).run, cwd: repository() };
  };

  /** Runs the job for GitHub with the payload that Holdpoint sends, and returns what it has deployed. */
  const called = async ({ run, cwd }: { readonly run: string; readonly cwd: string }) => {
    const output = join(cwd, '.output');
    writeFileSync(output, '');
    const token = { ACTIONS_ID_TOKEN_REQUEST_URL: ciSystem.tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job' };
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
      const env = { ...token, GITHUB_OUTPUT: output, HOLDPOINT_URL: ciSystem.origin, ...(Object.fromEntries(own) as Outputs) };
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
    const env = { HOLDPOINT_URL: ciSystem.origin, HOLDPOINT_TOKEN: await tokenFor(ciSystem.origin), HOLDPOINT_RUN: given.run };
    // The commit of the test is in no repository.
    const script = (name: string) =>
      [...pipeline.common.before_script, ...(pipeline.jobs[name]?.script ?? [])]
        .join('\n')
        .replace(/^git fetch .*$/m, 'true')
        .replaceAll('https://holdpoint.example.com', ciSystem.origin);
    expect(script('deploy')).toContain('\ntrue\n');
    for (const name of ['status', 'deploy']) {
      const ended = await bash(given.cwd, script(name), env);
      expect(ended.code, ended.out).toBe(0);
    }
    expect(await statesOf()).toEqual(['passed', 'passed', 'passed']);
  }, 120_000);
});
