import { startOrder } from '../checklist/start-order.ts';
import type { Order } from './order.ts';

/** What a function or a listener of the bus gets. `components` stand in the order in which they are taken back. */
export const requestOf = ({ run, attempt, service, environment, components, released, target }: Order): object => ({
  holdpoint: 1,
  run,
  step: attempt.step,
  action: attempt.action,
  attempt: attempt.attempt,
  service,
  environment,
  components: (startOrder(components).order ?? components)
    .toReversed()
    .map(({ component }) => ({ component, digest: released.get(component) ?? null })),
  target: target ?? null,
});
