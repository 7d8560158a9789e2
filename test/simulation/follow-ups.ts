import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { type FollowUp, foldFollowUps, isReview } from '../../lib/folds/follow-ups.ts';
import { mayBeStopped } from '../../lib/folds/rollback.ts';
import { nextOfUndo } from '../../lib/folds/rollback-progress.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { readHolding } from '../../lib/run/state/environment.ts';
import { request } from './clients.ts';
import { person } from './people.ts';
import { rollbackNow } from './service.ts';
import type { World } from './world.ts';

const production = { service: 'shop', environment: 'production' } as const;
const hour = 3_600_000;

/**
 * After a rollback people answer what they are asked, some at once and some after days, and ask again when their request was lost; two may
 * answer at the same moment. Somebody frees the environment that an escalated rollback keeps.
 */
export const answerFollowUps = (world: World): void => {
  world.onInsert.push((stored) => {
    if (isType('follow-up.opened')(stored)) later(world, () => answerOne(world, stored.event.scope, stored.event.data.followUp));
    if (isType('environment.kept')(stored)) later(world, () => free(world, stored.event.scope));
    if (isType('rollback.step-requested')(stored) && stored.event.data.action === 'undo')
      later(world, () => acceptAgain(world, stored.event.scope.slice('run/'.length)));
  });
};

const later = (world: World, act: () => Promise<boolean>): void => {
  const { timeline, draws } = world;
  const several = draws.chance(0.2) ? 2 : 1;
  const at = draws.chance(0.5) ? draws.between(0, 120_000) : draws.between(0, 60 * hour);
  for (let n = 0; n < several; n += 1)
    timeline.after(at + draws.between(0, 40), async () => {
      while (!(await act())) await timeline.sleep(draws.between(600_000, 6 * hour));
    });
};

const openIn = async ({ stores }: World, scope: string): Promise<readonly FollowUp[]> =>
  foldFollowUps((await stores.store.query(scope, { lane: lanes.followUp })) as never);

const answerOne = async (world: World, scope: string, followUp: string): Promise<boolean> => {
  const one = (await openIn(world, scope)).find((asked) => asked.followUp === followUp);
  if (one === undefined || one.answered !== undefined) return true;
  const answer = isReview(one) ? world.draws.pick(['justified', 'not-justified'] as const) : ('stated' as const);
  const input = { run: scope.slice('run/'.length), followUp, answer, statement: 'We have read the logs of that hour.' };
  const caller = person(world, isReview(one) ? 'product-owner' : world.draws.pick(['operations-lead', 'technical-lead'] as const));
  await request(world, 'people', `${answer} ${followUp}`, (deps) => answerFollowUp(deps, input, caller));
  return false;
};

const free = async (world: World, scope: string): Promise<boolean> => {
  const trail = { read: (of: string, range: never) => world.stores.store.query(of, range) } as never;
  const { holding } = await readHolding({ trail }, scope, null);
  if (holding.how !== 'kept' || scope !== scopes.environment(production.service, production.environment)) return true;
  const input = { ...production, reason: 'The version that runs was read in the console.' };
  await request(world, 'people', 'free the environment', (deps) => freeEnvironment(deps as never, input, person(world, 'operations-lead')));
  return false;
};

const acceptAgain = async (world: World, run: string): Promise<boolean> => {
  const rollback = rollbackNow(world, run);
  if (!mayBeStopped(rollback)) return true;
  const isOver = !(await world.stores.workflow.describe(`execution/${run}`)).running;
  if (!isOver || nextOfUndo(rollback, new Date(world.timeline.now())).is !== 'ask') return false;
  const shown = world.order
    .filter(({ event }) => event.scope === scopes.run(run))
    .slice(0, 1)
    .map(({ event }) => event.id);
  const chosen = world.draws.pick([{ answer: 'retry' }, { answer: 'by-hand', evidence: shown }] as const);
  const input = { run, step: 'stop-requests', reason: 'Requests must be accepted again.', ...chosen } as const;
  await request(world, 'people', `${chosen.answer} stop-requests`, (deps) =>
    handleStep(deps, input as never, person(world, 'operations-lead')),
  );
  return false;
};
