import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { holdingIn } from '../../lib/folds/environment.ts';
import { forbiddenClaims, production, productionScope } from '../environment.ts';
import type { World } from './world.ts';

/** What must hold of the environment once every run has ended. The sentences are in `invariants.ts`. */
export const environmentAtRest = (world: World, scopesHeld: ReadonlyMap<string, readonly Stored[]>): void => {
  const lane = (scopesHeld.get(productionScope) ?? []).filter(({ event }) => event.lane === lanes.claim);
  for (const claim of forbiddenClaims(lane)) world.violate('claims-are-allowed', claim);
  const holding = holdingIn(lane);
  if (holding.how === 'free') return;
  const ended = scopesHeld.get(scopes.run(holding.run))?.find(isType('run.ended'))?.event.data.outcome;
  if (holding.how !== 'kept' || ended !== 'rollback-escalated')
    world.violate('environment-is-free', `${production.environment} is ${holding.how} by ${holding.run}, which ended as ${ended}`);
};
