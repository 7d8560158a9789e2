import { expect } from 'vitest';
import type { DataOf, EventType, Stored } from '../lib/audit/event.ts';
import type { RollbackStep } from '../lib/audit/events/rollback.ts';
import { genesis, lanes, scopes } from '../lib/audit/lane.ts';
import { sha256 } from '../lib/canonical-json.ts';
import type { Checklist } from '../lib/checklist/definition.ts';
import type { RollbackSettings, Targets } from '../lib/checklist/targets.ts';
import { targetsSchema } from '../lib/checklist/targets.ts';
import type { CollectorTask, StepAttempt } from '../lib/ports.ts';
import type { Rule } from '../lib/registry/rules.ts';
import { attest } from '../lib/run/commands/attest.ts';
import { decideRollback } from '../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../lib/run/commands/handle-step.ts';
import { reportDeployment } from '../lib/run/commands/report-deployment.ts';
import { triggerRollback } from '../lib/run/commands/trigger-rollback.ts';
import { reconcileGate } from '../lib/run/gates/reconcile-gate.ts';
import { appendToRun, noFollowUp } from '../lib/run/writing/append.ts';
import { signingFor } from './fakes.ts';
import { anew, artifact, check, checklistOf, ci, contextOf, dependenciesOf, gate, personIn } from './given.ts';
import { atFirstGate } from './machine.ts';
import { type Story, toWindow } from './story.ts';

/** A service whose rollback functions carry out, and whose probes say whether it works. */
export const shopTargets = (rollback: Partial<RollbackSettings> = {}): Targets =>
  targetsSchema.parse({
    components: [{ component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } }],
    probes: [
      { id: 'health', url: 'https://shop.example.com/health', expect: {}, critical: true },
      { id: 'stopped', url: 'https://shop.example.com/orders', expect: { status: [503] } },
    ],
    rollback: {
      'stop-requests': { by: { kind: 'lambda', function: 'shop-gate' }, stopped: ['stopped'], accepting: ['health'] },
      'revert-version': { by: { kind: 'platform' } },
      'restore-database': { notApplicable: 'The service stores nothing that this release changes.' },
      'restart-services': { notApplicable: 'Lambda starts new environments with the version.' },
      ...rollback,
    },
  });

/** What the functions of the way back answer: by step and action, the last word for all further attempts. */
export type Answers = {
  readonly acts?: (attempt: StepAttempt) => 'done' | 'failed' | 'lost';
  readonly proves?: (task: Extract<CollectorTask, { kind: 'proof' }>) => boolean | 'lost';
  /** The functions are silent from then on: the run has entered this gate, and the reconciler has not looked. */
  readonly until?: string;
};

/** Appends an event of the way back, as the function does that may. */
export const record = async <T extends Extract<EventType, `rollback.${string}`>>(
  { deps, run }: Story,
  step: string,
  type: T,
  data: DataOf<T>,
): Promise<Stored> => {
  const context = await contextOf(deps, run);
  const appended = await appendToRun(signingFor(['people', 'reconciler'], deps), context, {
    draft: { scope: context.scope, lane: lanes.rollback, step, type, actor: { kind: 'system', id: 'test' }, data } as never,
    lane: 'unread',
    followUp: noFollowUp,
  });
  return appended.stored as Stored;
};

/** Answers what was asked of the actuator and the collector until now. Each answer takes `seconds`. False: nothing was asked. */
export const answerAsked = async (
  story: Story,
  { acts = () => 'done', proves = () => true }: Answers = {},
  seconds = 1,
): Promise<boolean> => {
  const { actuator, collector, clock } = story.deps.controls;
  const attempts = actuator.attempts.splice(0);
  const tasks = collector.tasks.splice(0).map(({ task }) => task);
  for (const { attempt } of attempts) {
    clock.advance(seconds * 1000);
    const said = acts(attempt);
    if (said === 'lost') continue;
    const type = said === 'done' ? 'rollback.step-done' : 'rollback.step-failed';
    await record(story, `${attempt.step}/${attempt.attempt}/${said}`, type, { ...attempt, detail: said });
  }
  for (const task of tasks) {
    if (task.kind !== 'proof') continue;
    clock.advance(seconds * 1000);
    const said = proves(task);
    if (said === 'lost') continue;
    const { kind: _, ...proof } = task;
    await record(story, `${task.step}/${task.attempt}/proved/${task.proof}`, 'rollback.step-proved', {
      ...proof,
      proved: said,
      detail: said ? 'seen from outside' : 'not seen from outside',
      evidence: [],
    });
  }
  return attempts.length + tasks.length > 0;
};

/** The same until nobody asks any more. */
export const answerFunctions = async (story: Story, answers: Answers = {}, seconds = 1): Promise<void> => {
  const { until } = answers;
  for (let turn = 0; turn < 100; turn += 1) {
    await story.machine.settle(until);
    if (story.machine.at() === until) return;
    if (!(await answerAsked(story, answers, seconds))) return;
  }
  throw new Error(`the functions are asked for ever; the run is at ${story.machine.at()}`);
};

/** Lets time pass, and the reconciler look. */
export const later = async (story: Story, seconds: number): Promise<void> => {
  story.deps.controls.clock.advance(seconds * 1000);
  await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run });
  await story.machine.settle();
};

/** A run whose deployment has finished, on a stage that says how the service is taken back. */
export const deployed = async (rollback?: Partial<RollbackSettings>): Promise<Story> => {
  const story = await toWindow();
  Object.assign(story.deps.stage, { targets: { shop: { production: shopTargets(rollback) } } });
  for (const state of ['started', 'finished'] as const)
    await reportDeployment(
      signingFor([], story.deps),
      { run: story.run, state, environment: 'production', component: 'web', digest: artifact },
      ci,
    );
  await story.machine.settle();
  return story;
};

/** A person declares a trigger. */
export const declare = async (story: Story, trigger = 'data-corruption-detected'): Promise<void> => {
  const done = await triggerRollback(
    signingFor(['people'], story.deps),
    { request: anew(), run: story.run, trigger, shown: 'orders 4411 to 4420', reason: 'rows are missing' },
    personIn(story.deps, 'operations-lead'),
  );
  expect(done.refused).toBeUndefined();
  await story.machine.settle();
};

/** What the reconciler records when it has measured a trigger. */
export const measure = async (story: Story, trigger = 'critical-feature-not-working'): Promise<void> => {
  const detail = 'the probe health failed 3 times';
  const data = { trigger, by: null, reason: null, detail, evidence: [], decides: false };
  await record(story, `measured/${trigger}/${story.deps.clock.now().toISOString()}`, 'rollback.triggered', data);
  await story.machine.settle();
};

/** The collector finds that the critical probe fails: what the reconciler measures the trigger of a critical feature by. */
export const probeFailed = async (story: Story): Promise<void> => {
  await probeRecorded(story);
  await story.machine.settle();
};

/** The same, and nobody has looked yet. */
export const probeRecorded = async ({ deps, run }: Pick<Story, 'deps' | 'run'>): Promise<void> => {
  const context = await contextOf(deps, run);
  const at = deps.clock.now().toISOString();
  await appendToRun(signingFor(['people', 'reconciler'], deps), context, {
    draft: {
      scope: context.scope,
      lane: lanes.measurement,
      step: `health/${at}`,
      type: 'probe.measured',
      actor: { kind: 'system', id: 'test' },
      data: {
        ...{ probe: 'health', component: null, source: 'collector', critical: true, at },
        ...{ outcome: 'failed', tries: 3, failed: 3, evidence: sha256(at) },
      },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
};

/** A person decides. */
export const decideAs = async (story: Story, decision: 'roll-back' | 'continue'): Promise<void> => {
  const input = { run: story.run, decision, reason: 'We have looked at it together.' };
  const done = await decideRollback(signingFor(['people'], story.deps), input, personIn(story.deps, 'operations-lead'));
  expect(done.refused).toBeUndefined();
  await story.machine.settle();
};

/** A person chooses what becomes of a step; `isShown`: and names an event of the run that shows it. */
export const handle = async (story: Story, step: string, choice: 'retry' | 'by-hand' | 'end', isShown = false): Promise<void> => {
  const [first] = await story.deps.trail.read(scopes.run(story.run), { lane: lanes.run });
  const evidence = isShown && first !== undefined ? [first.event.id] : [];
  const reason = 'We have looked at it together.';
  const said = choice === 'by-hand' ? { answer: choice, reason, evidence } : { answer: choice, reason };
  const input = { run: story.run, step: step as RollbackStep, ...said };
  const done = await handleStep(signingFor(['people'], story.deps), input, personIn(story.deps, 'operations-lead'));
  expect(done.refused).toBeUndefined();
  await story.machine.settle();
};

const triggerRules: Readonly<Record<string, Rule>> = {
  'data-corruption-detected': { kind: 'trigger-reported/1', kinds: ['data'] },
  'critical-feature-not-working': { kind: 'trigger-probe-fails/1', looksInARow: 1 },
};

/** T0, and the deployment. */
export const smallRelease = checklistOf(
  [gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment', deadlineSeconds: 86_400 })],
  [
    check('ready', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
    check('smoke-tests', 'deployment-window'),
    ...Object.entries(triggerRules).map(([id, rule]) =>
      check(id, 'phase-1', { kind: 'trigger', gate: null, rule, owner: 'operations-lead' }),
    ),
  ],
);

/** A small release whose deployment has started, or waits to start, on a stage that says this about its service. */
export const started = async (
  targets: Targets = shopTargets(),
  { checklist = smallRelease, deploys = true }: { readonly checklist?: Checklist; readonly deploys?: boolean } = {},
): Promise<Story> => {
  const deps = dependenciesOf(checklist, { stage: { targets: { shop: { production: targets } } } });
  const { run, machine } = await atFirstGate(deps);
  const said = { request: anew(), run, check: 'ready', statement: 'I have looked at it today.' };
  await attest(signingFor(['people'], deps), said, personIn(deps, 'operations-lead'));
  await machine.settle();
  const story: Story = { deps, run, machine };
  if (deploys) await deploy(story);
  expect(machine.at()).toBe('deployment-window');
  return story;
};

/** CI reports that the deployment starts. */
export const deploy = async ({ deps, run, machine }: Story): Promise<void> => {
  const report = { run, state: 'started', environment: 'production', component: 'web', digest: artifact } as const;
  const done = await reportDeployment(signingFor([], deps), report, ci);
  expect(done.refused).toBeUndefined();
  await machine.settle();
};

/** A person has freed the environment of the run, and another run has claimed it. */
export const takenByAnother = async ({ deps, run }: Pick<Story, 'deps' | 'run'>): Promise<void> => {
  const scope = scopes.environment('shop', 'production');
  const [held] = await deps.trail.read(scope, { lane: lanes.claim });
  expect(held?.event.type).toBe('environment.claimed');
  const freed = { run, end: null, by: 'p-operations1', reason: 'c'.repeat(64) };
  const claimed = { run: '20260302-090000-bcdfghjkmn', why: 't0', supersedes: null } as const;
  const place = { scope, lane: lanes.claim, actor: { kind: 'system', id: 'reconciler' } } as const;
  await deps.trail.append({ ...place, step: 'freed', type: 'environment.freed', data: freed }, { parentHash: genesis });
  await deps.trail.append({ ...place, step: 'claimed', type: 'environment.claimed', data: claimed }, { parentHash: genesis });
};

/** What the collector answers when it has looked at what runs before the first step. */
export const readBack = async (story: Story, digest: string): Promise<void> => {
  const found = await contextOf(story.deps, story.run);
  await appendToRun(signingFor([], story.deps), found, {
    draft: {
      scope: found.scope,
      lane: lanes.deployment,
      step: `read-back/web/${digest}`,
      type: 'deployment.read-back',
      actor: { kind: 'system', id: 'test' },
      data: { component: 'web', before: true, digest, reference: '8', detail: 'alias live' },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
  await story.machine.settle();
};
