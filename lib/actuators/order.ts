import type { DataOf } from '../audit/event.ts';
import type { Targets } from '../checklist/targets.ts';
import type { StepAttempt } from '../ports.ts';
import type { Platforms, Reply } from './ports.ts';

/** One attempt of one step, with all that an actuator may know. */
export type Order = {
  readonly run: string;
  readonly attempt: StepAttempt;
  /** When the attempt was requested, ISO 8601 in UTC. */
  readonly requestedAt: string;
  readonly service: string;
  readonly environment: string;
  /** The digests that the run released, by component. */
  readonly released: ReadonlyMap<string, string>;
  /** The components as the stage describes them. */
  readonly components: Targets['components'];
  /** What the rollback goes back to, of the released components. Undefined when the trail names nothing. */
  readonly target: DataOf<'rollback.target-fixed'> | undefined;
};

/** `asked`: somebody else carries it out and answers later. */
export type Carried = { readonly done: string } | { readonly failed: string } | { readonly asked: string };

/** Repeats a call while the platform is busy, within the time that one order has. */
export type Persist = <T>(call: () => Promise<Reply<T>>) => Promise<Reply<T>>;

export type Acting = { readonly platforms: Platforms; readonly persist: Persist };

/** One kind of actuator. It is safe to repeat: what is already as demanded is left alone. */
export type ActuatorModule<A> = (acting: Acting, order: Order, actuator: A) => Promise<Carried>;

/** Why a reply is not what was asked for, in one line; undefined when it is. */
export const flawOf = (reply: Reply<unknown>): string | undefined => reply.busy ?? reply.refused;
