import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import type { GateDefinition, GateId } from '../../lib/checklist/gates.ts';
import { foldRollback, mayBeStopped } from '../../lib/folds/rollback.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, personIn } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, shopTargets } from '../way-back.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

/** A trigger and something else, in every order, at every gate after T0. A newer run joins the table with the events of its claim. */
const hour = 3600;
const word = { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } as const;
const review = (anchor: 'deployment.finished' | 'stable-since', onDeadline: 'page' | 'not-stable') =>
  ({ role: 'review', onDeadline, window: { anchor, seconds: hour }, deadlineSeconds: 24 * hour }) as const;
const kinds: Readonly<Partial<Record<GateId, Partial<GateDefinition>>>> = {
  'deployment-window': { role: 'deployment', deadlineSeconds: 24 * hour },
  'monitoring-4h': { role: 'monitoring', windowSeconds: hour, deadlineSeconds: 24 * hour },
  'phase-5': { role: 'evidence', onDeadline: 'page', deadlineSeconds: 24 * hour },
  'deployment-success': { role: 'evidence', onDeadline: 'page', deadlineSeconds: 24 * hour },
  'stability-24h': review('stable-since', 'not-stable'),
  'sign-off': { role: 'approval', onRejected: 'decision', onDeadline: 'page', asks: ['product-owner'], deadlineSeconds: 24 * hour },
  'review-48h': review('stable-since', 'not-stable'),
};
const places = Object.keys(kinds) as readonly GateId[];

/** T0, the deployment, the gate of the case, and one behind it unless it is the last one of the real checklist. */
const checklistWith = (place: GateId): Checklist => {
  const ids = [...new Set<GateId>(['deployment-window', place, ...(place === 'review-48h' ? [] : (['review-48h'] as const))])];
  const owned = ids.map((id) =>
    id === 'sign-off'
      ? check('signed', id, {
          kind: 'sign-off',
          owner: 'product-owner',
          waivable: false,
          rule: { kind: 'signed/1', role: 'product-owner' },
        })
      : check(`ready-${id}`, id, { rule: word, owner: 'operations-lead' }),
  );
  return checklistOf(
    [gate('t-minus-2h', { role: 't0' }), ...ids.map((id) => gate(id, kinds[id]))],
    [
      check('ready-t-minus-2h', 't-minus-2h', { rule: word, owner: 'operations-lead' }),
      ...owned,
      check('data-corruption', 'phase-1', { kind: 'trigger', gate: null, rule: null, owner: 'operations-lead' }),
    ],
  );
};

type Acts = (story: Story, place: GateId) => Promise<boolean>;
const people = (deps: FakeDependencies) => signingFor(['people'], deps);

const trigger: Acts = async ({ deps, run }) => {
  const input = { request: anew(), run, trigger: 'data-corruption', reason: 'Rows are missing.' };
  return (await triggerRollback(deps, input, personIn(deps, 'operations-lead'))).refused === undefined;
};

/** What the gate waits for. */
const answer: Acts = async ({ deps, run }, place) => {
  if (place !== 'sign-off') {
    const said = { request: anew(), run, check: `ready-${place}`, statement: 'I have looked at it today.' };
    return (await attest(people(deps), said, personIn(deps, 'operations-lead'))).refused === undefined;
  }
  const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('nobody was asked');
  const link = (JSON.parse(mail.text) as { readonly url: string }).url.split('/').at(-1) ?? '';
  const caller = personIn(deps, 'product-owner');
  const page = (await showApproval(deps, { link }, caller)).ok;
  if (page === undefined) return false;
  const given = { link, answer: 'approved', confirmation: page.code, report: page.report, note: '' } as const;
  const done = await answerApproval(people(deps), given, caller);
  return done.ok?.state === 'answered';
};

const look = async ({ deps, run }: Story): Promise<boolean> => {
  await reconcileGate(signingFor(['reconciler'], deps), { run });
  return true;
};
const timer: Acts = async (story) => {
  story.deps.controls.clock.advance(2 * hour * 1000);
  return look(story);
};
const deadline: Acts = async (story) => {
  story.deps.controls.clock.advance(25 * hour * 1000);
  return look(story);
};
const cancel: Acts = async ({ deps, run }) =>
  (await cancelRun(people(deps), { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'))).refused === undefined;
const acts = { 'gate answer': answer, timer, cancel, deadline };

/** The clock stands still until the orders are played, so that they differ by order only. */
const at = async (place: GateId): Promise<Story> => {
  const deps = dependenciesOf(checklistWith(place), { tickMs: 0, stage: { targets: { shop: { production: shopTargets() } } } });
  const { run, machine } = await atFirstGate(deps);
  const story: Story = { deps, run, machine };
  const on = async (from: GateId): Promise<void> => {
    deps.controls.clock.advance(1000);
    await answer(story, from);
    await machine.settle();
  };
  await on('t-minus-2h');
  deps.controls.clock.advance(1000);
  for (const state of ['started', 'finished'] as const)
    await reportDeployment(signingFor([], deps), { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
  if (place !== 'deployment-window') await on('deployment-window');
  deps.controls.clock.advance(1000);
  expect(machine.at()).toBe(place);
  return story;
};

/** From now on every reading of the clock is later than the one before. */
const letTimeRun = ({ deps }: Story): void => {
  const { clock } = deps.controls;
  const read = clock.now;
  Object.assign(clock, {
    now: () => {
      clock.advance(1);
      return read();
    },
  });
};

const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(scopes.run(run), { prefix: '' });

/** Lets the run come to its rest, deciding for the rollback where it is asked, and looks whether everything holds. */
const holds = async (story: Story, told: { readonly triggered: boolean }): Promise<string> => {
  await story.machine.settle();
  if (told.triggered) expect(story.machine.at(), 'an acknowledged trigger leads to the decision').toBe('rollback-decision');
  if (story.machine.at() === 'rollback-decision') {
    await decideAs(story, 'roll-back');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  }
  // What was written while the trail was closed is accounted for a while later.
  story.deps.controls.clock.advance(200_000);
  await sweep(story.deps);
  await story.machine.settle();
  const events = await eventsOf(story);
  expect(verifyScope(events, undefined, await story.deps.trail.read(scopes.late(story.run), { prefix: '' }))).toBeUndefined();
  expect(events.filter(isType('run.ended')).length).toBe(story.machine.at().startsWith('end ') ? 1 : 0);
  const gates = foldGates(events.filter(({ event }) => event.lane.startsWith(lanes.gates)));
  const passed = gates.entries.flatMap(({ gate: id, settlements }) =>
    settlements.filter(({ settled, delivered }) => delivered !== undefined && settled.event.data.outcome === 'passed').map(() => id),
  );
  expect(new Set(passed).size, `no gate passes twice: ${passed.join()}`).toBe(passed.length);
  expect(story.deps.controls.workflow.answers.length, 'one answer for each entry').toBe(
    gates.entries.filter(({ settlements }) => settlements.some(({ delivered }) => delivered !== undefined)).length,
  );
  if (gates.open !== undefined) expect(story.machine.at(), 'the machine and the trail agree').toBe(gates.open.gate);
  const rollback = foldRollback(events.filter(({ event }) => event.lane === lanes.rollback));
  expect(mayBeStopped(rollback), 'requests are accepted').toBe(false);
  if (told.triggered) {
    expect(budgetsOf(rollback.lane).map(({ budget, until }) => [budget, until !== null])).toEqual(
      ['decision', 'execution', 'verification', 'total'].map((budget) => [budget, true]),
    );
  }
  return story.machine.at();
};

const cases = places.flatMap((place) => Object.entries(acts).map(([name, act]) => ({ place, name, act })));

describe('a trigger at each gate after T0', () => {
  test.each(cases)('$place: before the $name', async ({ place, act }) => {
    const story = await at(place);
    letTimeRun(story);
    expect(await trigger(story, place)).toBe(true);
    await story.machine.settle();
    expect(story.machine.at()).toBe('rollback-decision');
    await act(story, place);
    expect(await holds(story, { triggered: true })).toBe('end rolled-back');
  });

  test.each(cases)('$place: at the $name, before the reconciler looks', async ({ place, act }) => {
    for (const first of ['trigger', 'act'] as const) {
      const story = await at(place);
      letTimeRun(story);
      if (first === 'act') await act(story, place);
      const triggered = await trigger(story, place);
      if (first === 'trigger') await act(story, place);
      await holds(story, { triggered });
    }
  });

  test.each(cases)('$place: after the $name', async ({ place, name, act }) => {
    const story = await at(place);
    letTimeRun(story);
    await act(story, place);
    await story.machine.settle();
    const { machine } = story;
    const before = machine.at();
    if (name === 'cancel') expect(before, 'a release that is deployed is not cancelled').toBe(place);
    const triggered = await trigger(story, place);
    expect(triggered).toBe(!before.startsWith('end '));
    expect(await holds(story, { triggered })).toBe(triggered ? 'end rolled-back' : before);
  });

  test.each(places)(
    '%s: races the decider of its gate, in every order',
    async (place) => {
      const setUp = async (): Promise<Scenario> => {
        const story = await at(place);
        const { deps, run, machine } = story;
        // The gate has all that it waits for, and nobody has decided it.
        if (place !== 'phase-5' && place !== 'deployment-success' && place !== 'deployment-window')
          deps.controls.clock.advance(2 * hour * 1000);
        await answer(story, place);
        deps.controls.reconciler.requests.splice(0);
        const told = { triggered: false };
        return {
          deps,
          lanes: [lanes.rollback, lanes.gate(place)],
          processes: {
            person: async (own) => {
              told.triggered = await trigger({ deps: own as FakeDependencies, run, machine }, place);
            },
            decider: (own) => reconcileGate(own, { run }),
          },
          check: async () => {
            letTimeRun(story);
            deps.controls.clock.advance(60_000);
            await look(story);
            await holds(story, told);
          },
        };
      };
      const { orders } = await explore(setUp);
      expect(orders).toBeGreaterThan(5);
    },
    60_000,
  );
});
