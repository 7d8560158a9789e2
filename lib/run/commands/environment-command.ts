import type * as z from 'zod';
import type { Draft, EventType, Stored } from '../../audit/event.ts';
import { scopes } from '../../audit/lane.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import type { Caller, PersonCaller } from '../state/caller.ts';
import { appendToEnvironment, type EnvironmentWriter, type Place } from '../writing/append-to-environment.ts';
import { addressing } from '../writing/source-address.ts';
import type { Command } from './command.ts';
import { recordRefusedIn } from './refusals.ts';

export type EnvironmentDependencies = EnvironmentWriter & Pick<Dependencies, 'stage' | 'definitions' | 'people' | 'quotas' | 'roster'>;
type Refused = { readonly refused: Refusal };

/** What a command appends to a lane of the environment, and what it answers. */
export type EnvironmentStep<A> = (deps: EnvironmentDependencies, place: Place) => Promise<Outcome<A>>;

/** A command on an environment, of a person where nothing else is said: find the environment, decide, then refuse, which is recorded there, or append. */
export const environmentCommand = <I extends Place, A, C extends Caller = PersonCaller>(given: {
  readonly id: string;
  readonly input: z.ZodType;
  readonly callers?: readonly C['kind'][];
  /** Names the attempt in a recorded refusal. */
  readonly action: (input: I) => string;
  /** Reads what it needs, and refuses or says what to append. It writes nothing to the trail. `scope` is the environment's. */
  readonly decide: (deps: EnvironmentDependencies, scope: string, input: I, caller: C) => Promise<Outcome<EnvironmentStep<A>> | Refused>;
}): Command<I, C, EnvironmentDependencies, A> => {
  const { id, input: schema, callers = ['person'], action, decide } = given;
  const perform = async (deps: EnvironmentDependencies, input: I, caller: C): Promise<Outcome<A>> => {
    const unknown = unknownEnvironment(deps, input);
    if (unknown !== undefined) return unknown;
    const scope = scopes.environment(input.service, input.environment);
    const own = addressing(deps, caller);
    const step = await decide(own, scope, input, caller);
    const outcome = step.refused === undefined ? await step.ok(own, input) : { refused: step.refused };
    return outcome.refused === undefined
      ? outcome
      : recordRefusedIn(deps, scope, caller, { action: action(input), refused: outcome.refused });
  };
  return Object.assign(perform, { id, input: schema, callers: callers as readonly C['kind'][] });
};

/** A step that appends one event. */
export const appendIn = <T extends EventType, A>(given: {
  readonly draft: Draft<T>;
  readonly lane: readonly Stored[];
  readonly answer: (appended: Appended<T>) => A;
}): Outcome<EnvironmentStep<A>> =>
  ok(async (deps, place) => ok(given.answer(await appendToEnvironment(deps, place, given.draft, given.lane))));

/** Refuses an environment that the stage does not have. */
export const unknownEnvironment = ({ stage }: Pick<Dependencies, 'stage'>, { service, environment }: Place): Refused | undefined => {
  const known = stage.environments[service];
  if (known?.includes(environment)) return undefined;
  return refuse('environment-unknown', 'The stage has no such environment of such a service.', {
    got: `${service} ${environment}`.slice(0, 140),
    expected: known === undefined ? Object.keys(stage.environments).join(', ') : `${service} in ${known.join(' or ')}`,
    fix: 'Name a service and an environment of the stage file.',
  });
};
