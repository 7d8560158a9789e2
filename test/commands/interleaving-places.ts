import { expect } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type Checklist, gateOf, gateOfRole, type Item, incidentId } from '../../lib/checklist/definition.ts';
import { gateGraphOf, isSupersedable } from '../../lib/checklist/gate-graph.ts';
import { type Gate, type GateDefinition, type GateId, gateIdSchema } from '../../lib/checklist/gates.ts';
import { check, checklistOf, dependenciesOf } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { playedOnce } from '../played-once.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, shopTargets } from '../way-back.ts';
import { deploys, fulfil, triggers } from './interleaving-acts.ts';

/**
 * Every place of a run from T0 on, as the state machine of the real checklist has them: a gate that is added there is played here without
 * a change, and a role that is added does not compile before its row says what it waits for.
 */
export type Place = {
  readonly name: string;
  /** The state of the machine. */
  readonly at: string;
  readonly role: Gate['role'];
  /** Whether the deployment was admitted, so that there is something to take back. */
  readonly isDeployed: boolean;
  /** Whether a newer run may take the environment over here. */
  readonly isShared: boolean;
  /** The rollback is decided or about to be: a further trigger is added to the first one. */
  readonly isWayBack: boolean;
  /** Of the incident gate: where a person resumes the run. */
  readonly interrupts?: string;
  /** A run that waits there, where the reconciler has nothing left to do. Its clock stands still until the orders are played. */
  readonly story: () => Promise<Story>;
};

const hour = 3600;
const day = 24 * hour;
const operations = 'operations-lead';
const word = { kind: 'attested/1', role: operations, evidence: 'attestation' } as const;

/** What is shorter than in the real checklist, or asks fewer people, so that one act is one answer. */
const plain: { readonly [R in GateDefinition['role']]: (gate: Extract<GateDefinition, { role: R }>) => GateDefinition } = {
  evidence: (gate) => gate,
  approval: ({ distinctPeople: _, nonAuthors: __, ...gate }) => ({ ...gate, asks: ['product-owner'], reports: [] }),
  t0: (gate) => gate,
  deployment: (gate) => gate,
  monitoring: (gate) => ({ ...gate, windowSeconds: hour }),
  review: (gate) => ({ ...gate, window: { ...gate.window, seconds: hour } }),
};

const plainGate = (id: string): GateDefinition => {
  const gate = baseChecklist.gates.find((one) => one.id === id) ?? expectKnown(id);
  return plain[gate.role]({ ...gate, deadlineSeconds: day } as never);
};
const expectKnown = (id: string): never => expect.fail(`the checklist has no gate ${id}`);

const graph = gateGraphOf(baseChecklist);
const spine = baseChecklist.gates.map(({ id }) => id);
const t0 = gateOfRole(baseChecklist, 't0') ?? expect.fail('the checklist has no T0');
const afterT0 = spine.slice(spine.indexOf(t0.id as GateId) + 1);
const deployment = gateOfRole(baseChecklist, 'deployment')?.id ?? '';
const sharing = afterT0.find((_, place) => isSupersedable(baseChecklist, afterT0[place + 1] ?? '')) ?? '';
const last = afterT0.at(-1) ?? '';
const wayBack = graph.gates.map(({ id }) => id).filter((id) => !spine.some((one) => one === id));
/** Every state in which a run may wait once it has come to T0. */
export const states: readonly string[] = [t0.id, ...afterT0, ...wayBack, graph.incident.id];

const isSharedAt = (gate: string): boolean => isSupersedable(baseChecklist, gate);
export const roleAt = (at: string): Gate['role'] => (gateOf(baseChecklist, at) ?? expectKnown(at)).role;

/** T0, the deployment, the gate from which on the environment is shared, the gate of the case, and the last one. */
const gatesWith = (place: string): readonly string[] =>
  spine.filter((id) => [t0.id, deployment, ...(isSharedAt(place) ? [sharing] : []), place, last].includes(id));

const checkAt = (id: string): Item => {
  const at = gateIdSchema.parse(id);
  if (roleAt(id) !== 'approval') return check(`ready-${id}`, at, { rule: word, owner: operations });
  const rule = { kind: 'signed/1', role: 'product-owner' } as const;
  return check('signed', at, { kind: 'sign-off', owner: 'product-owner', waivable: false, rule });
};

const checklistWith = (place: string): Checklist => {
  const ids = gatesWith(place);
  const trigger = check('data-corruption', 'phase-1', { kind: 'trigger', gate: null, rule: null, owner: operations });
  return checklistOf(ids.map(plainGate), [...ids.map(checkAt), trigger]);
};

/** Every step is carried out by a function, and a person says what becomes of the data. */
const everyStep = shopTargets({
  'restore-database': { by: { kind: 'lambda', function: 'shop-restore' }, proof: ['health'], backwardCompatible: false },
  'restart-services': { by: { kind: 'lambda', function: 'shop-restart' }, proof: ['health'] },
});

const playTo = async (place: string, { isDeployed = true, targets = shopTargets() } = {}): Promise<Story> => {
  const stage = { targets: { shop: { production: targets } } };
  const deps = dependenciesOf(checklistWith(place), { tickMs: 0, stage });
  const { run, machine } = await atFirstGate(deps);
  const story: Story = { deps, run, machine };
  const { clock } = deps.controls;
  for (const gate of gatesWith(place)) {
    clock.advance(1000);
    if (gate === deployment && isDeployed) await deploys(story);
    if (gate === place) break;
    if (['monitoring', 'review'].includes(roleAt(gate))) clock.advance(hour * 1000);
    await fulfil(story, gate);
    await machine.settle();
  }
  clock.advance(1000);
  expect(machine.at()).toBe(place);
  return story;
};

/** The release is taken back from a gate at which it shares its environment, because a newer run may come meanwhile. */
const playBackTo = async (place: string): Promise<Story> => {
  const story = await playTo(last, { targets: everyStep });
  const { machine, deps } = story;
  expect(await triggers(story)).toBe(true);
  await machine.settle();
  if (roleAt(place) !== 'decision') {
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { until: place });
    // There a person must say what becomes of the data.
    if (machine.at() === 'restore-database' && place !== machine.at()) {
      await fulfil(story, machine.at());
      await answerFunctions(story, { until: place });
    }
  }
  // Nothing is waited for at the verification: the run stands there until the reconciler looks.
  if (roleAt(place) !== 'verification') await machine.settle();
  deps.controls.clock.advance(1000);
  expect(machine.at()).toBe(place);
  return story;
};

const playToIncident = async (interrupted: () => Promise<Story>): Promise<Story> => {
  const story = await interrupted();
  await story.machine.breakOff();
  await story.machine.settle();
  story.deps.controls.clock.advance(1000);
  expect(story.machine.at()).toBe(incidentId);
  return story;
};

const placeOf = (at: string, play: () => Promise<Story>, more: Partial<Place> = {}): Place => ({
  name: at,
  at,
  role: roleAt(at),
  isDeployed: true,
  isShared: isSharedAt(at),
  isWayBack: wayBack.includes(at),
  story: playedOnce(play),
  ...more,
});

const onTheWay: readonly Place[] = [
  placeOf(t0.id, () => playTo(t0.id), { isDeployed: false }),
  placeOf(deployment, () => playTo(deployment, { isDeployed: false }), { name: `${deployment}, nothing deployed`, isDeployed: false }),
  ...afterT0.map((at) => placeOf(at, () => playTo(at))),
  ...wayBack.map((at) => placeOf(at, () => playBackTo(at))),
];

/** An incident is the same wherever the same can still be done, so one place of each kind is enough. */
const kindOf = ({ at, role, isDeployed, isShared, isWayBack }: Place): string =>
  JSON.stringify([at === t0.id, isDeployed, isShared, isWayBack && role]);
const incidents = onTheWay
  .filter((one, place) => onTheWay.findIndex((other) => kindOf(other) === kindOf(one)) === place)
  .map((interrupted) =>
    placeOf(incidentId, () => playToIncident(interrupted.story), {
      name: `incident at ${interrupted.name}`,
      isDeployed: interrupted.isDeployed,
      isShared: interrupted.isShared,
      isWayBack: interrupted.isWayBack,
      interrupts: interrupted.at,
    }),
  );

export const places: readonly Place[] = [...onTheWay, ...incidents];
