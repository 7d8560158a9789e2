import { isType, type Stored } from '../../lib/audit/event.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { CollectorTask } from '../../lib/ports.ts';
import { alarmsHeard } from '../../lib/rules/alarms-heard.ts';
import { alarmsReady } from '../../lib/rules/alarms-ready.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { type Answering, collectorWorld } from '../fakes/collector.ts';
import { signingFor } from '../fakes.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import type { Story } from '../story.ts';
import type { Case } from './writers.ts';

export const good = `sha256:${'c'.repeat(64)}`;
export const bad = `sha256:${'b'.repeat(64)}`;
export const targets = targetsSchema.parse({
  components: [
    { component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } },
    { component: 'batch', platform: { kind: 'reported' } },
  ],
  probes: [
    { id: 'orders', url: 'https://shop.test/orders', expect: {}, critical: true },
    { id: 'closed', url: 'https://shop.test/closed', expect: { status: [503] } },
  ],
  alarms: ['shop-errors'],
  metrics: [{ id: 'p95', is: 'p95', namespace: 'AWS/Lambda', metric: 'Duration', statistic: 'p95' }],
  rollback: {
    'stop-requests': { by: { kind: 'person' }, stopped: ['closed'], accepting: ['orders'] },
    'restart-services': { by: { kind: 'platform' }, proof: ['orders'] },
    'restore-database': { by: { kind: 'person' } },
    watchSeconds: 10,
  },
});

export type Options = Parameters<typeof collectorWorld>[1];
export const healthy: Answering = ({ url }) => ({ status: url.pathname === '/closed' ? 503 : 200 });
export const broken: Answering = () => ({ status: 500 });

/** The collector of a story, over the fakes of its deployment; it signs nothing. */
export const collectorOf = (
  { deps }: Pick<Story, 'deps'>,
  answering: Answering = healthy,
  options: Options = {},
  stage: object = { shop: { production: targets } },
) => ({
  ...signingFor([], deps),
  resting: new Map<string, number>(),
  looks: new Map(),
  stage: { ...deps.stage, targets: stage as never },
  ...collectorWorld(answering, options, { now: () => deps.controls.clock.now(), advance: (ms) => deps.controls.clock.advance(ms) }),
});

export const checks = [
  check('probes', 'phase-1', { rule: probesPass.of({ set: 'probes', probes: 'critical' }) as never }),
  check('alarms', 'phase-1', { rule: alarmsReady.of({ maxUnknownSeconds: 3600 }) as never }),
  check('heard', 'phase-1', { rule: alarmsHeard.of({}) as never }),
];
export const small = async (changes: Parameters<typeof atFirstGate>[1] = {}): Promise<Story> => {
  const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [...checks, check('unit-tests', 'phase-2')]));
  const { run, machine } = await atFirstGate(deps, changes);
  return { deps, run, machine };
};
export const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(`run/${run}`, { prefix: '' });
export const typesIn = (events: readonly Stored[]): string[] => events.map(({ event }) => event.type);
export const proofs = async (story: Story) => (await eventsOf(story)).filter(isType('rollback.step-proved')).map(({ event }) => event.data);
export const prove = async (story: Story, step: string, more: object = {}, answering = healthy, options: Options = {}) => {
  const task = { kind: 'proof', step, action: 'do', attempt: 1, proof: 1, ...more } as CollectorTask;
  await collect(collectorOf(story, answering, options), story.run, task);
  return (await proofs(story)).at(-1);
};

/** The collector as a writer that dies: one probe lets the gate pass. */
export const collectCase: Case = {
  name: 'a look of the collector that lets the gate pass',
  given: async () => {
    const probes = check('probes', 'phase-1', { rule: probesPass.of({ set: 'probes', probes: 'critical' }) as never });
    const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [probes, check('later', 'phase-2')]));
    const { run, machine } = await atFirstGate(deps);
    return { deps, run, machine };
  },
  command: (story) => collect({ ...collectorOf(story), trail: story.deps.trail }, story.run, { kind: 'probes' }),
  event: 'evidence.recorded',
  follows: async ({ machine }) => machine.at() === 'phase-2',
};
