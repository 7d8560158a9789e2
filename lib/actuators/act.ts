import { cut } from '../canonical-json.ts';
import type { Actuator } from '../checklist/targets.ts';
import { event } from './event.ts';
import { lambdaFunction } from './function.ts';
import type { Acting, ActuatorModule, Carried, Order } from './order.ts';
import { createPersist, type Waiting } from './persist.ts';
import { person } from './person.ts';
import { platform } from './platform.ts';
import type { Platforms } from './ports.ts';

type Kind = Actuator['kind'];
/** One module for each kind: a kind without one does not compile. */
const modules: { readonly [K in Kind]: ActuatorModule<Extract<Actuator, { kind: K }>> } = {
  platform,
  lambda: lambdaFunction,
  event,
  person,
};

export type ActDependencies = Waiting & { readonly platforms: Platforms };

const longestDetail = 1_000;

/** Carries out one attempt by the actuator that the stage names. A fault of an actuator is a failed attempt: people have to know of it. */
export const act = async ({ platforms, ...waiting }: ActDependencies, order: Order, actuator: Actuator): Promise<Carried> => {
  const acting: Acting = { platforms, persist: createPersist(waiting) };
  const carried = await (modules[actuator.kind] as ActuatorModule<Actuator>)(acting, order, actuator);
  if ('done' in carried) return { done: cut(carried.done, longestDetail) };
  return 'failed' in carried ? { failed: cut(carried.failed, longestDetail) } : carried;
};
