import type { Dependencies } from '../ports.ts';
import { operations } from './contract.ts';
import { type Api, type Handle, mount } from './mount.ts';
import type { ApiFunction, ServedBy } from './operation.ts';

type Operations = typeof operations;

/** One handler for every operation of the contract that the function serves. A record without one of them does not compile. */
export type Handlers<F extends ApiFunction> = { readonly [Id in ServedBy<F, Operations>]: Handle<Operations[Id]> };

type Writing = Pick<Dependencies, 'clock' | 'idempotency'>;
/** A function with a POST stores idempotency keys; one without has no store. */
type StoreOf<F extends ApiFunction> = 'POST' extends Operations[ServedBy<F, Operations>]['method'] ? Writing : null;

/** Serves all operations of one function. */
export const serve = <F extends ApiFunction>(api: Api, name: F, deps: StoreOf<F>, handlers: Handlers<F>): void => {
  for (const [id, operation] of Object.entries(operations))
    if (operation.function === name)
      mount(api, operation, deps as Writing | null, handlers[id as keyof Handlers<F>] as Handle<typeof operation>);
};
