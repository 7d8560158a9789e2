import { type Draft, isType, type Stored } from '../lib/audit/event.ts';
import { genesis } from '../lib/audit/lane.ts';
import { type Targets, targetsSchema } from '../lib/checklist/targets.ts';
import type { StepAttempt } from '../lib/ports.ts';
import type { FakeDependencies } from './fakes.ts';
import { anew } from './given.ts';

/** What the reconciler records on the way back, for tests of the commands and the actuators. */
export const targets: Targets = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } }],
  probes: [
    { id: 'closed', url: 'https://shop.example.com/orders', expect: { status: [503] } },
    { id: 'open', url: 'https://shop.example.com/orders', expect: {} },
  ],
  rollback: {
    'stop-requests': { by: { kind: 'event' }, stopped: ['closed'], accepting: ['open'] },
    'revert-version': { by: { kind: 'platform' } },
    'restore-database': { by: { kind: 'lambda', function: 'restore-orders' } },
    'restart-services': { notApplicable: 'Lambda starts new environments by itself.' },
  },
});
export const stableDigest = `sha256:${'a'.repeat(64)}`;

/** The same dependencies on a stage that says what runs the service. */
export const withTargets = (deps: FakeDependencies, given: Targets = targets): FakeDependencies => ({
  ...deps,
  stage: { ...deps.stage, targets: { shop: { production: given } } },
});

const append = async (deps: FakeDependencies, run: string, draft: Omit<Draft, 'scope' | 'lane' | 'actor' | 'step'>): Promise<string> => {
  const [started] = await deps.trail.read(`run/${run}`, { lane: 'run' });
  const whole = { ...draft, scope: `run/${run}`, lane: 'rollback', step: anew(), actor: { kind: 'system', id: 'reconciler' } } as Draft;
  return (await deps.trail.append(whole, { parentHash: started?.hash ?? genesis })).stored.event.id;
};

export const fixTarget = (deps: FakeDependencies, run: string): Promise<string> =>
  append(deps, run, {
    type: 'rollback.target-fixed',
    data: {
      run: '20260228-080000-abcdefghjk',
      version: '1.2.2',
      level: 'production-stable',
      components: [{ component: 'web', digest: stableDigest, reference: '7' }],
    },
  });

export const request = (deps: FakeDependencies, run: string, attempt: StepAttempt, actuator: string): Promise<string> =>
  append(deps, run, { type: 'rollback.step-requested', data: { ...attempt, actuator } });

export const prove = (deps: FakeDependencies, run: string, attempt: StepAttempt, proved: boolean): Promise<string> =>
  append(deps, run, { type: 'rollback.step-proved', data: { ...attempt, proof: 1, proved, detail: 'seen', evidence: [] } });

export const measured = (deps: FakeDependencies, run: string): Promise<string> =>
  append(deps, run, {
    type: 'rollback.triggered',
    data: { trigger: 'multiple-cascading-errors', by: null, reason: null, detail: 'three alarms', evidence: [], decides: false },
  });

export const decidedBySilence = (deps: FakeDependencies, run: string): Promise<string> =>
  append(deps, run, { type: 'rollback.decided', data: { round: 1, decision: 'roll-back', how: 'silence', by: null, reason: null } });

export const rollbackLane = async (deps: FakeDependencies, run: string): Promise<readonly string[]> =>
  (await sinceT0(deps, run)).map(({ event }) => event.type);

/** The lane without the target that the reconciler fixed before T0. */
export const sinceT0 = async (deps: FakeDependencies, run: string): Promise<readonly Stored[]> => {
  const lane = await deps.trail.read(`run/${run}`, { lane: 'rollback' });
  return lane.filter((stored) => !isType('rollback.target-fixed')(stored) || stored.event.data.level !== 'adopted');
};
