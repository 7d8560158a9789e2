import { startOrder } from '../checklist/start-order.ts';
import { type Actuator, actuatedPlace, type Platform, type Targets } from '../checklist/targets.ts';
import type { Acting, ActuatorModule, Carried, Order } from './order.ts';
import { flawOf } from './order.ts';

type Component = Targets['components'][number];
/** What was done with one component, or why it was not. */
type Part = { readonly done: string } | { readonly failed: string };
type Goal = { readonly digest: string; readonly reference: string };
type On<K extends Platform['kind']> = Extract<Platform, { kind: K }>;

/** The platforms of the components themselves: aliases and services are set back, or started anew. */
export const platform: ActuatorModule<Extract<Actuator, { kind: 'platform' }>> = async (acting, order) => {
  const { step, action } = order.attempt;
  const ordered = startOrder(order.components);
  if (ordered.flaw !== undefined) return { failed: ordered.flaw };
  if (action === 'do' && step === 'revert-version')
    return revert(
      acting,
      order,
      ordered.order.toReversed().filter(({ component }) => order.released.has(component)),
    );
  if (action === 'do' && step === 'restart-services') return restart(acting, order, ordered.order);
  return { failed: `a platform cannot carry out ${action} ${step}: name a function, an event or a person in the stage file` };
};

const byHand = (component: string): string => `${component}: its platform is only reported, so a person must do it`;

/** Reverts in the given order what the run released. Unless every component of it can be set back, none is: half a version is worse than a person who knows. */
const revert = async (acting: Acting, order: Order, components: readonly Component[]): Promise<Carried> => {
  const { target } = order;
  if (target === undefined) return { failed: 'the trail names no version to go back to' };
  const goals = new Map<string, Goal>();
  const flaws = [...order.released.keys()]
    .filter((released) => !components.some(({ component }) => component === released))
    .map((released) => `${released}: the stage file does not say where it runs`);
  for (const { component, platform: on } of components) {
    const running = target.components.find((one) => one.component === component);
    if (on.kind === 'reported') flaws.push(byHand(component));
    else if (running === undefined) flaws.push(`${component}: version ${target.version} has no such component`);
    else if (running.reference === null) flaws.push(`${component}: nobody knows how its platform names version ${target.version}`);
    else goals.set(component, { digest: running.digest, reference: running.reference });
  }
  if (flaws.length > 0) return { failed: `nothing was changed. ${flaws.join('; ')}` };
  return inTurn(components, async ({ component, platform: on }) => {
    const goal = goals.get(component);
    if (goal === undefined || on.kind === 'reported') return { failed: 'it has no goal' };
    return on.kind === 'lambda-alias' ? revertAlias(acting, actuatedPlace(on), goal) : revertService(acting, actuatedPlace(on), goal);
  });
};

const restart = async (acting: Acting, order: Order, components: readonly Component[]): Promise<Carried> => {
  const reported = components.filter(({ platform: on }) => on.kind === 'reported');
  if (reported.length > 0) return { failed: `nothing was changed. ${reported.map(({ component }) => byHand(component)).join('; ')}` };
  return inTurn(components, async ({ platform: on }) => {
    if (on.kind === 'ecs-service') return restartService(acting, actuatedPlace(on), order.requestedAt);
    return { done: 'nothing to restart: Lambda starts new environments for the version that the alias names' };
  });
};

/** One component after the other; what follows a failure is left alone, and the failure says so. */
const inTurn = async (components: readonly Component[], act: (component: Component) => Promise<Part>): Promise<Carried> => {
  const said: string[] = [];
  for (const [place, component] of components.entries()) {
    const part = await act(component);
    said.push(`${component.component}: ${'done' in part ? part.done : part.failed}`);
    if ('done' in part) continue;
    const rest = components.slice(place + 1).map((one) => one.component);
    return { failed: `${said.join('; ')}${rest.length === 0 ? '' : `; not touched: ${rest.join(', ')}`}` };
  }
  return { done: said.join('; ') };
};

const revertAlias = async ({ platforms, persist }: Acting, on: On<'lambda-alias'>, goal: Goal): Promise<Part> => {
  const { aliases } = platforms;
  const digest = await persist(() => aliases.digestOf(on, on.function, goal.reference));
  if (digest.ok === undefined) return { failed: `version ${goal.reference} cannot be read: ${flawOf(digest)}` };
  if (digest.ok !== goal.digest)
    return { failed: `version ${goal.reference} has the code ${digest.ok}, and the rollback goes back to ${goal.digest}` };
  let from = '';
  // One call, from reading to writing: after a lost race the alias has to be read again.
  const set = await persist(async () => {
    const state = await aliases.read(on, on.function, on.alias);
    if (state.ok === undefined) return state;
    from = state.ok.version;
    if (state.ok.version === goal.reference && !state.ok.split) return { ok: 'already' as const };
    const { revision } = state.ok;
    const pointed = await aliases.point(on, on.function, on.alias, { version: goal.reference, revision });
    return pointed.ok === undefined ? pointed : { ok: 'set' as const };
  });
  if (set.ok === undefined) return { failed: `the alias ${on.alias} was not set: ${flawOf(set)}` };
  if (set.ok === 'already') return { done: `the alias ${on.alias} names version ${goal.reference} already` };
  return { done: `the alias ${on.alias} names version ${goal.reference}, and named version ${from} before` };
};

/** A task definition by its ARN or by family and revision. */
const isSame = (running: string, wanted: string): boolean => running === wanted || running.endsWith(`:task-definition/${wanted}`);

const revertService = async ({ platforms, persist }: Acting, on: On<'ecs-service'>, goal: Goal): Promise<Part> => {
  const set = await persist(async () => {
    const state = await platforms.services.read(on, on.cluster, on.service);
    if (state.ok === undefined) return state;
    if (isSame(state.ok.taskDefinition, goal.reference)) return { ok: 'already' as const };
    const deployed = await platforms.services.deploy(on, on.cluster, on.service, goal.reference);
    return deployed.ok === undefined ? deployed : { ok: 'set' as const };
  });
  if (set.ok === undefined) return { failed: `the service was not set back: ${flawOf(set)}` };
  return { done: `the service ${set.ok === 'already' ? 'runs' : 'is being deployed with'} ${goal.reference}` };
};

/** A deployment that is younger than the request is the restart that an earlier try of this attempt began. */
const restartService = async ({ platforms, persist }: Acting, on: On<'ecs-service'>, requestedAt: string): Promise<Part> => {
  const set = await persist(async () => {
    const state = await platforms.services.read(on, on.cluster, on.service);
    if (state.ok === undefined) return state;
    if (state.ok.deployedAt >= requestedAt) return { ok: 'already' as const };
    const deployed = await platforms.services.deploy(on, on.cluster, on.service, null);
    return deployed.ok === undefined ? deployed : { ok: 'set' as const };
  });
  if (set.ok === undefined) return { failed: `the service was not restarted: ${flawOf(set)}` };
  return { done: set.ok === 'already' ? 'its tasks are being replaced already' : 'its tasks are being replaced' };
};
