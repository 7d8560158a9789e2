import type { Actuator } from '../checklist/targets.ts';
import type { ActuatorModule } from './order.ts';

/** A person carries the step out. Nothing is called: the engine asks people, and they answer through the API. */
export const person: ActuatorModule<Extract<Actuator, { kind: 'person' }>> = async () => ({ asked: 'a person' });
