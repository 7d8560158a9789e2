import type { Actuator } from '../checklist/targets.ts';
import type { ActuatorModule } from './order.ts';
import { flawOf } from './order.ts';
import { requestOf } from './request.ts';

/** An event on Holdpoint's bus. The listener that carries it out answers through the API, with the number of the attempt. */
export const event: ActuatorModule<Extract<Actuator, { kind: 'event' }>> = async ({ platforms, persist }, order) => {
  const { step, action, attempt } = order.attempt;
  const put = await persist(() =>
    platforms.bus.put({
      // A function that is repeated puts the event again, under the same id.
      id: [order.run, step, action, attempt].join('/'),
      type: 'rollback.step-requested',
      subject: order.run,
      time: order.requestedAt,
      data: requestOf(order),
    }),
  );
  const flaw = flawOf(put);
  return flaw === undefined ? { asked: 'a listener of the bus' } : { failed: `the event was not taken by the bus: ${flaw}` };
};
