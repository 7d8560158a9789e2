import { describe, expect, test } from 'vitest';
import { lanes } from '../../lib/audit/lane.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import type { GateDefinition, GateId } from '../../lib/checklist/gates.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { playedOnce } from '../played-once.ts';
import type { Story } from '../story.ts';
import { shopTargets } from '../way-back.ts';
import { explore, type Scenario } from './schedule-explorer.ts';
import { holds } from './way-back-holds.ts';

/** A trigger and something else, in every order, at every gate after T0. What holds afterwards is in `way-back-holds.ts`. */
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

/** From it on a newer run may take the environment over. */
const isShared = (place: GateId): boolean => places.indexOf(place) > places.indexOf('deployment-success');

/** T0, the deployment, the gate from which on the environment is shared, the gate of the case, and one behind it unless it is the last one of the real checklist. */
const gatesWith = (place: GateId): readonly GateId[] => [
  ...new Set<GateId>(['deployment-window', ...(isShared(place) ? (['deployment-success'] as const) : []), place, 'review-48h']),
];

const checklistWith = (place: GateId): Checklist => {
  const ids = gatesWith(place);
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

/** Another run of the same service comes to T0, and its reconciler looks. The world of a story has at most one. */
const newer = new WeakMap<FakeDependencies, Story>();
const newerRun: Acts = async ({ deps }) => {
  const run = await givenRun(deps, { version: '1.2.4' }, { ...ci, token: sha256(anew()) });
  const machine = machineOf(deps, run);
  newer.set(deps, { deps, run, machine });
  await machine.begin();
  await answer({ deps, run, machine }, 't-minus-2h');
  return look({ deps, run, machine });
};
const acts = { 'gate answer': answer, timer, cancel, deadline, 'newer run': newerRun };

/** The clock stands still until the orders are played, so that they differ by order only. */
const playTo = async (place: GateId): Promise<Story> => {
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
  for (const gate of gatesWith(place)) {
    if (gate === place) break;
    await on(gate);
  }
  deps.controls.clock.advance(1000);
  expect(machine.at()).toBe(place);
  return story;
};

const played = new Map(places.map((place) => [place, playedOnce(() => playTo(place))]));
const at = (place: GateId): Promise<Story> => played.get(place)?.() ?? expect.fail(`no such place: ${place}`);

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

const cases = places.flatMap((place) => Object.entries(acts).map(([name, act]) => ({ place, name, act })));

describe('a trigger at each gate after T0', () => {
  test.each(cases)('$place: before the $name', async ({ place, act }) => {
    const story = await at(place);
    letTimeRun(story);
    expect(await trigger(story, place)).toBe(true);
    await story.machine.settle();
    expect(story.machine.at()).toBe('rollback-decision');
    await act(story, place);
    expect(await holds(story, { triggered: true, newer: newer.get(story.deps) })).toBe('end rolled-back');
  });

  test.each(cases)('$place: at the $name, before the reconciler looks', async ({ place, act }) => {
    for (const first of ['trigger', 'act'] as const) {
      const story = await at(place);
      letTimeRun(story);
      if (first === 'act') await act(story, place);
      const triggered = await trigger(story, place);
      if (first === 'trigger') await act(story, place);
      await holds(story, { triggered, newer: newer.get(story.deps) });
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
    expect(await holds(story, { triggered, newer: newer.get(story.deps) })).toBe(triggered ? 'end rolled-back' : before);
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
