import { incidentId } from '../../lib/checklist/definition.ts';
import type { Role } from '../../lib/roles.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { type Act, request } from './clients.ts';
import type { World } from './world.ts';

/** What people do to a run, sensibly or at the wrong moment. */
export const person = (world: World, role: Role): PersonCaller => {
  const { roster } = world.stores;
  const one = roster.holders(role)[0];
  if (one === undefined) throw new Error(`nobody of the simulation's roster is ${role}`);
  return { kind: 'person', id: one.id, roles: one.roles, signedInAt: new Date(world.timeline.now()) };
};

export const anew = ({ draws, order }: World): string => `simulated-${order.length}-${draws.below(2 ** 31)}`;

export const attestOne: Act = async (world, run) => {
  const attested = world.checklist.items.filter(({ rule }) => rule?.kind === 'attested/1');
  if (attested.length === 0) return;
  const { id, rule } = world.draws.pick(attested);
  if (rule?.kind !== 'attested/1') return;
  const input = { run, check: id, statement: `I have looked at it, ${world.draws.below(3)}.`, request: anew(world) };
  await request(world, 'people', `attest ${id}`, (deps) => attest(deps, input, person(world, rule.role)));
};

const exempted = (world: World) => world.checklist.items.filter(({ waivable, gate }) => waivable && gate !== null);

export const waiveOne: Act = async (world, run) => {
  const { id } = world.draws.pick(exempted(world));
  const until = new Date(world.timeline.now() + world.draws.between(60_000, 4 * 3_600_000)).toISOString();
  const input = { run, check: id, reason: 'There is no machine for it today.', until, request: anew(world) };
  await request(world, 'people', `waive ${id}`, (deps) => waive(deps, input, person(world, 'technical-lead')));
};

export const declareOne: Act = async (world, run) => {
  const { id } = world.draws.pick(exempted(world));
  const input = { run, check: id, reason: 'This release changes nothing there.', request: anew(world) };
  await request(world, 'people', `not applicable ${id}`, (deps) => declareNotApplicable(deps, input, person(world, 'technical-lead')));
};

export const label: Act = async (world, run) => {
  const input = {
    run,
    observation: `seen-${world.draws.below(6)}`,
    label: world.draws.pick(['true', 'explained', 'false'] as const),
    explanation: 'We looked at it together.',
    request: anew(world),
  };
  await request(world, 'people', `label ${input.observation}`, (deps) => labelObservation(deps, input, person(world, 'operations-lead')));
};

/** Every observation that anybody sends in a simulation. */
export const labelAll: Act = async (world, run) => {
  for (let n = 0; n < 6; n += 1) {
    const input = {
      run,
      observation: `seen-${n}`,
      label: 'explained' as const,
      explanation: 'We looked at it together.',
      request: anew(world),
    };
    await request(world, 'people', `label seen-${n}`, (deps) => labelObservation(deps, input, person(world, 'operations-lead')));
  }
};

export const cancel: Act = async (world, run) => {
  const input = { run, reason: 'The customer asked to wait.' };
  const done = await request(world, 'people', 'cancel', (deps) => cancelRun(deps, input, person(world, 'operations-lead')));
  if (done !== undefined) world.promised.cancelled.add(run);
};

/** Sometimes so near that it is missed, sometimes to no instant at all. */
export const moveT0: Act = async (world, run) => {
  const at = new Date(world.timeline.now() + world.draws.between(60_000, 12 * 3_600_000)).toISOString();
  const plannedT0 = world.draws.chance(0.5) ? at : 'when-released';
  const input = { run, plannedT0, reason: 'The database team is ill.', request: anew(world) } as const;
  await request(world, 'people', `reschedule to ${plannedT0}`, (deps) => rescheduleRun(deps, input, person(world, 'operations-lead')));
};

export const rollBack: Act = async (world, run) => {
  const triggers = world.checklist.items.filter(({ kind }) => kind === 'trigger');
  if (triggers.length === 0) return;
  const input = { run, trigger: world.draws.pick(triggers).id, reason: 'Rows are missing in the table.', request: anew(world) };
  const done = await request(world, 'people', 'trigger', (deps) => triggerRollback(deps, input, person(world, 'operations-lead')));
  if (done !== undefined) world.promised.triggered.add(done.event);
};

export const decideOne: Act = async (world, run) => {
  const input = { run, decision: world.draws.pick(['resume', 'resume', 'end'] as const), reason: 'We have found the cause.' };
  await request(world, 'people', `${incidentId} ${input.decision}`, (deps) =>
    decideIncident(deps, input, person(world, 'operations-lead')),
  );
};

type Asked = { readonly kind: string; readonly run: string; readonly url: string; readonly role: Role };

/** Opens a link that was mailed, reads the report, thinks, and answers; sometimes an old one. */
export const answerOne: Act = async (world, run) => {
  const { draws } = world;
  const asked = world.stores.mailer.mails
    .map(({ text }) => JSON.parse(text) as Asked)
    .filter((one) => one.kind === 'approval-requested' && one.run === run);
  if (asked.length === 0) return;
  const { url, role } = draws.chance(0.85) ? draws.pick(asked.slice(-3)) : draws.pick(asked);
  const link = url.split('/').at(-1) ?? '';
  const page = await request(world, 'people', `open as ${role}`, (deps) => showApproval(deps, { link }, person(world, role)));
  if (page === undefined) return;
  await world.timeline.sleep(draws.chance(0.6) ? draws.between(50, 2_000) : draws.between(2_000, 600_000));
  const drawn = draws.fraction();
  const answer = drawn < 0.86 ? 'approved' : drawn < 0.93 ? 'changes-requested' : 'rejected';
  const input = { link, answer, confirmation: page.code, report: page.report, note: 'Seen.' } as const;
  const done = await request(world, 'people', `${answer} as ${role}`, (deps) => answerApproval(deps, input, person(world, role)));
  if (done?.state === 'answered' && done.answered?.answer === 'rejected')
    world.promised.rejected.push({ run, gate: done.gate, round: done.round, at: world.order.length });
};
