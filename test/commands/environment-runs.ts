import { sha256 } from '../../lib/canonical-json.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import type { Rule } from '../../lib/registry/rules.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { readGates } from '../../lib/run/state/gate-inputs.ts';
import type { FakeDependencies } from '../fakes.ts';
import { artifact, check, checklistOf, ci, contextOf, gate, givenOpen, givenRun, junitReport, reportOfRun } from '../given.ts';

/** Several runs in one environment, moved gate by gate: T0, the deployment, Deployment Success, a review. */
export const releaseChecklist = (rules: readonly Rule[] = []): Checklist =>
  checklistOf(
    [
      gate('t-minus-2h', { role: 't0' }),
      gate('deployment-window', { role: 'deployment' }),
      gate('deployment-success', { role: 'evidence', onDeadline: 'page' }),
      gate('stability-24h', { role: 'evidence', onDeadline: 'page' }),
    ],
    [
      check('ready', 't-minus-2h', { rule: { kind: 'no-alarm-red/1' } }),
      ...rules.map((rule, n) => check(`rule-${n}`, 't-minus-2h', { rule })),
      check('deployed', 'deployment-window', { rule: { kind: 'deployed/2' } }),
      check('works', 'deployment-success'),
      check('stable', 'stability-24h', { rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 2 } }),
    ],
  );

let tokens = 0;

/** A run that waits at T0. */
export const runAtT0 = async (deps: FakeDependencies, version = '1.2.3', changes: Parameters<typeof givenRun>[1] = {}): Promise<string> => {
  const run = await givenRun(deps, { version, ...changes }, { ...ci, token: sha256(`token of a run ${++tokens}`) });
  await enter(deps, run, 't-minus-2h');
  return run;
};

export const enter = async (deps: FakeDependencies, run: string, at: string): Promise<void> => {
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, at);
  await reconcileGate(deps, { run });
};

/** The gate at which the workflow waits, or how the run ended. */
export const placeOf = async (deps: FakeDependencies, run: string): Promise<string> => {
  const context = await contextOf(deps, run);
  return context.ended?.event.data.outcome ?? (await readGates(deps, context)).open?.gate ?? 'between gates';
};

export const deploy = async (deps: FakeDependencies, run: string): Promise<void> => {
  await enter(deps, run, 'deployment-window');
  for (const state of ['started', 'finished'] as const) {
    const said = await reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    if (said.refused) throw new Error(said.refused.detail);
  }
  await reconcileGate(deps, { run });
};

/** From T0 to its review. */
export const toReview = async (deps: FakeDependencies, run: string): Promise<void> => {
  await deploy(deps, run);
  await enter(deps, run, 'deployment-success');
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await reconcileGate(deps, { run });
  await enter(deps, run, 'stability-24h');
};

/** What is requested and what is due, for so many minutes. */
export const passMinutes = async (deps: FakeDependencies, minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    deps.controls.clock.advance(60_000);
    await sweep(deps);
  }
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
};

export const requested = async (deps: FakeDependencies): Promise<readonly string[]> => {
  const requests = deps.controls.reconciler.requests.splice(0);
  for (const request of requests) await reconcileGate(deps, request);
  return requests.map(({ run }) => run);
};
