import { incidentId } from '../../lib/checklist/definition.ts';
import { rollbackGateIds } from '../../lib/checklist/gates.ts';
import { ok } from '../../lib/outcome.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { checklists } from './checklists.ts';
import { alarm, deploy, reportObservation, sendReport } from './ci.ts';
import { type Act, request } from './clients.ts';
import { outcomeIsDelivered } from './invariants.ts';
import type { Execution, Executions } from './machine.ts';
import { answerOne, attestOne, cancel, decideOne, declareOne, label, labelAll, moveT0, rollBack, waiveOne } from './people.ts';
import { decideDataOne, decideTrigger, handleOne, measureOne, nothing } from './rollback-people.ts';
import type { World } from './world.ts';

/** Acts and how often they are chosen, in relation to each other. */
type Weighted = readonly (readonly [number, Act])[];

/** What helps the run on where it waits. The simulation looks; a client would read the run. */
const helpful = (gate: string): Weighted => {
  if (gate === incidentId) return [[5, decideOne]];
  if (gate === 'rollback-decision')
    return [
      [4, decideTrigger],
      [3, nothing],
      [0.5, rollBack],
      [0.5, measureOne],
    ];
  if (rollbackGateIds.some((id) => id === gate))
    return [
      [4, handleOne(gate)],
      [2, decideDataOne],
      [1, nothing],
    ];
  if (gate === 'go-no-go' || gate === 'sign-off') return [[10, answerOne]];
  if (gate === 'deployment-window')
    return [
      [4, deploy],
      [6, sendReport],
    ];
  if (gate === 'stability-24h')
    return [
      [3, reportObservation],
      [3, labelAll],
      [1, alarm],
    ];
  if (gate === 'review-48h')
    return [
      [6, nothing],
      [2, reportObservation],
      [3, label],
      [2, labelAll],
      [1, alarm],
    ];
  return [
    [6, sendReport],
    [4, attestOne],
  ];
};

const anything: Weighted = [
  [6, sendReport],
  [4, attestOne],
  [4, answerOne],
  [1.5, waiveOne],
  [1, declareOne],
  [2, reportObservation],
  [2, alarm],
  [1.5, label],
  [0.8, deploy],
  [0.15, cancel],
  [0.3, moveT0],
  [0.2, rollBack],
  [0.2, measureOne],
  [0.3, decideTrigger],
  [0.3, decideDataOne],
  [0.5, decideOne],
];

/** Where a rollback is what the simulation is about, triggers are frequent. */
const restless: Weighted = [
  [1, rollBack],
  [1, measureOne],
];

const choose = ({ draws }: World, from: Weighted): Act => {
  let left = draws.fraction() * from.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, act] of from) {
    left -= weight;
    if (left < 0) return act;
  }
  return (from[0] as Weighted[number])[1];
};

const isRestless = ({ checklist }: World): boolean => checklist === checklists['way-back'];

/** Events after which a race is likely: somebody acts at that very moment now and then. */
const moments = new Set([
  'gate.settled',
  'gate.opened',
  'gate.delivered',
  'approval.answered',
  'approval.requested',
  'run.started',
  'run.ended',
  'rollback.triggered',
  'rollback.decided',
  'rollback.step-done',
  'rollback.step-proved',
]);

/** Acts on a run, alone or several at once, until it is over or the actors leave. Virtual milliseconds. */
export const liveOn = async (world: World, executions: Executions, run: string, until: number): Promise<void> => {
  const { timeline, draws } = world;
  const act = (): Promise<void> => {
    const gate = executions.get(run)?.at ?? '';
    if (isRestless(world) && draws.chance(0.06)) return choose(world, restless)(world, run);
    return choose(world, draws.chance(0.75) ? helpful(gate) : anything)(world, run);
  };
  const atOnce = (): void => {
    for (let several = 1 + (draws.chance(0.3) ? draws.below(4) : 0); several > 0; several -= 1)
      timeline.after(draws.between(0, 40), () => void act());
  };
  world.onInsert.push(({ event }) => {
    if (event.scope !== `run/${run}` || !moments.has(event.type) || timeline.now() > until || !draws.chance(0.12)) return;
    timeline.after(draws.between(0, 60), () => void act());
  });
  while (timeline.now() < until && executions.get(run)?.end === undefined) {
    await timeline.sleep(pause(world, executions.get(run)));
    atOnce();
    if (draws.chance(0.1)) void look(world, executions, run);
  }
};

/** In the long windows people come by seldom. */
const pause = ({ draws }: World, execution: Execution | undefined): number => {
  const isWindow = ['monitoring-4h', 'stability-24h', 'review-48h'].includes(execution?.at ?? '');
  const longest = isWindow ? 2 * 3_600_000 : draws.chance(0.8) ? 240_000 : 3_600_000;
  return draws.between(1_000, longest);
};

/** Whoever reads the run: it has an outcome only when the workflow has taken the answer that leads there. */
const look = async (world: World, executions: Executions, run: string): Promise<void> => {
  const view = await request(world, 'people', 'look', async (deps) => {
    const read = await readRun(deps, run);
    return read.refused ? read : ok({ outcome: read.ok.outcome });
  });
  if (view !== undefined) outcomeIsDelivered(world, executions, run, view.outcome);
};
