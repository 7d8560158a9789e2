import { isType } from '../../lib/audit/event.ts';
import type { RollbackStep } from '../../lib/audit/events/rollback.ts';
import { scopes } from '../../lib/audit/lane.ts';
import { gateOf } from '../../lib/checklist/definition.ts';
import { needsPeople } from '../../lib/folds/rollback-progress.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { type Act, request } from './clients.ts';
import { feedEvent } from './functions.ts';
import { anew, person } from './people.ts';
import { look } from './rollback-functions.ts';
import { adopted, rollbackNow } from './service.ts';
import type { World } from './world.ts';

/** What people do on the way back, sensibly or at the wrong moment; and silence. */
export const nothing: Act = async () => undefined;

/** Two people say to which version the first release may be taken back. */
export const adoptVersion = async (world: World): Promise<void> => {
  const components = [{ component: 'web', digest: adopted.digest, reference: adopted.version }];
  const named = { service: 'shop', environment: 'production', target: 'adopt', version: '1.2.2', components } as const;
  for (const role of ['operations-lead', 'technical-lead'] as const) {
    const input = { ...named, request: anew(world) };
    await request(world, 'people', `adopt as ${role}`, (deps) => adoptTarget(deps, input, person(world, role)), 4);
  }
};

export const decideTrigger: Act = async (world, run) => {
  const decision = world.draws.pick(['roll-back', 'roll-back', 'continue'] as const);
  const input = { run, decision, reason: 'We have looked at it together.' };
  const done = await request(world, 'people', `decide ${decision}`, (deps) =>
    decideRollback(deps, input, person(world, 'operations-lead')),
  );
  if (done !== undefined) world.promised.decided.push({ run, event: done.event, decision });
};

export const decideDataOne: Act = async (world, run) => {
  const choice = world.draws.pick(['restore', 'keep'] as const);
  const input = { run, choice, reason: 'We have looked at the backup.' };
  const done = await request(world, 'people', `data ${choice}`, (deps) => decideData(deps, input, person(world, 'operations-lead')));
  if (done !== undefined) world.promised.decided.push({ run, event: done.event, decision: choice });
};

/** Who is asked answers; now and then somebody answers who was not asked. */
export const handleOne =
  (gate: string): Act =>
  async (world, run) => {
    const { draws, timeline } = world;
    const rollback = rollbackNow(world, run);
    const own = gateOf(world.checklist, gate)?.step ?? 'monitor-stability';
    const step = gate === 'verify-health' || draws.chance(0.2) ? draws.pick(['stop-requests', own]) : own;
    const isAsked = needsPeople(rollback, own, new Date(timeline.now())) !== undefined;
    if (!isAsked && !draws.chance(0.1)) return;
    const answer = draws.pick(['retry', 'retry', 'by-hand', 'by-hand', 'end'] as const);
    const reason = 'We have looked at it together.';
    const said = answer === 'by-hand' ? { answer, reason, evidence: shownBy(world, run) } : { answer, reason };
    const input = { run, step: step as RollbackStep, ...said };
    const done = await request(world, 'people', `${answer} ${step}`, (deps) => handleStep(deps, input, person(world, 'operations-lead')));
    if (done !== undefined && answer === 'end') world.promised.ended.add(done.event);
  };

/** What a person names as evidence: an event of the run, or nothing. */
const shownBy = ({ draws, order }: World, run: string): string[] => {
  const events = order.filter((stored) => stored.event.scope === scopes.run(run) && isType('evidence.recorded')(stored));
  return events.length > 0 && draws.chance(0.7) ? [draws.pick(events).event.id] : [];
};

/** Something that the reconciler measures as a trigger: a look at a release that does not work, or a checksum job that found harm. */
export const measureOne: Act = async (world, run) => {
  const { draws, timeline } = world;
  if (draws.chance(0.5)) return look(world, run, { kind: 'probes' }, true);
  feedEvent(world, {
    service: 'shop',
    environment: 'production',
    via: 'bus',
    observation: `harm-${draws.below(4)}`,
    kind: 'data',
    bad: true,
    subject: 'orders',
    summary: 'checksums differ',
    observedAt: new Date(timeline.now() - draws.between(0, 60_000)).toISOString(),
  });
};
