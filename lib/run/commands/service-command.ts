import type * as z from 'zod';
import type { Draft, EventType, Stored } from '../../audit/event.ts';
import { scopes } from '../../audit/lane.ts';
import { longestStandingMs } from '../../evaluation/standing-evidence.ts';
import type { Outcome, Refusal } from '../../outcome.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { unknownService as serviceUnknown } from '../state/registered-profiles.ts';
import { readStandingSince } from '../state/standing-evidence.ts';
import { appendToService, type EnvironmentWriter } from '../writing/append-to-environment.ts';
import { addressing } from '../writing/source-address.ts';
import { mayServe } from './authorize.ts';
import type { Command } from './command.ts';
import { unknownEnvironment } from './environment-command.ts';
import { recordRefusedIn } from './refusals.ts';

export type ServiceDependencies = EnvironmentWriter & Pick<Dependencies, 'stage' | 'definitions' | 'people' | 'evidence' | 'quotas'>;
export type OfService = { readonly service: string; readonly environment?: string | undefined };
type Refused = { readonly refused: Refusal };

/** What a command appends to the service's lane `standing`, and what it answers. `environments`: those whose open runs must look again. */
export type ServiceStep<T extends EventType, A> = {
  readonly draft: Draft<T>;
  readonly environments: readonly string[];
  readonly answer: (appended: Appended<T>) => Promise<Outcome<A>> | Outcome<A>;
};

/** What a command reads before it decides: the lane as far back as evidence can count. */
export type ServiceReading = { readonly scope: string; readonly lane: readonly Stored[]; readonly now: Date };

/** A command on a service: find it, decide, then refuse, which is recorded there, or append. */
export const serviceCommand = <I extends OfService, C extends Caller, T extends EventType, A>(given: {
  readonly id: string;
  readonly input: z.ZodType;
  readonly callers: readonly C['kind'][];
  /** Names the attempt in a recorded refusal. */
  readonly action: (input: I) => string;
  /** Refuses, or says what to append. It writes nothing to the trail. */
  readonly decide: (deps: ServiceDependencies, read: ServiceReading, input: I, caller: C) => Promise<Outcome<ServiceStep<T, A>> | Refused>;
}): Command<I, C, ServiceDependencies, A> => {
  const { id, input: schema, callers, action, decide } = given;
  const perform = async (deps: ServiceDependencies, input: I, caller: C): Promise<Outcome<A>> => {
    const unknown = unknownService(deps, input);
    if (unknown !== undefined) return unknown;
    const scope = scopes.service(input.service);
    const found = mayServe(caller, input) ?? (await decided(addressing(deps, caller), scope, input, caller));
    return found.refused === undefined ? found : recordRefusedIn(deps, scope, caller, { action: action(input), refused: found.refused });
  };
  const decided = async (deps: ServiceDependencies, scope: string, input: I, caller: C): Promise<Outcome<A>> => {
    const now = deps.clock.now();
    const since = new Date(now.getTime() - longestStandingMs(deps.definitions.current().checklist));
    const lane = await readStandingSince(deps, input.service, since);
    const step = await decide(deps, { scope, lane, now }, input, caller);
    if (step.refused !== undefined) return { refused: step.refused };
    const { draft, environments, answer } = step.ok;
    return answer(await appendToService(deps, { service: input.service, environments }, draft, lane));
  };
  return Object.assign(perform, { id, input: schema, callers });
};

/** Refuses a service, and an environment of it, that the stage does not have. */
export const unknownService = (
  { stage }: Pick<Dependencies, 'stage'>,
  { service, environment }: OfService,
): { readonly refused: Refusal } | undefined =>
  environment === undefined ? serviceUnknown({ stage }, service) : unknownEnvironment({ stage }, { service, environment });

/** The environments whose runs a piece concerns. */
export const environmentsOf = ({ stage }: Pick<Dependencies, 'stage'>, { service, environment }: OfService): readonly string[] =>
  environment === undefined ? (stage.environments[service] ?? []) : [environment];
