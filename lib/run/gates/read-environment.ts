import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { checksOf, gateOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { lanesReadBy } from '../../registry/rules.ts';
import { environmentScope } from '../state/environment.ts';
import type { GateInputs } from '../state/gate-inputs.ts';

/** Of each environment's rehearsals the newest ones: only the newest counts. */
const drills = 3;

/** The newest rehearsals in every environment of a service. */
export const readDrills = async ({ trail, stage }: Pick<Dependencies, 'trail' | 'stage'>, service: string): Promise<readonly Stored[]> => {
  const environments = stage.environments[service] ?? [];
  const found = environments.map((one) => trail.read(scopes.environment(service, one), { lane: lanes.drill, last: drills }));
  return (await Promise.all(found)).flat();
};

/**
 * Adds what the environment says, at T0 and nowhere else: the versions that were live, and where a check asks for it the changes that no run
 * accounts for and the rehearsals of rollbacks in every environment of the service.
 */
export const withEnvironment = async (
  deps: Pick<Dependencies, 'trail' | 'stage'>,
  inputs: GateInputs,
  gateId: string,
): Promise<GateInputs> => {
  const { checklist, started } = inputs.context;
  if (gateOf(checklist, gateId)?.role !== 't0') return inputs;
  const { service } = started.event.data;
  const scope = environmentScope(inputs.context);
  const rules = checksOf(checklist, gateId).flatMap(({ rule }) => rule ?? []);
  const others = lanesReadBy(rules).has('environment')
    ? [deps.trail.read(scope, { lane: lanes.unaccounted }), readDrills(deps, service)]
    : [];
  const found = await Promise.all(others);
  return { ...inputs, environment: [...(inputs.live ?? []), ...found.flat()] };
};
