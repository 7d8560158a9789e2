import { type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readContext } from '../state/run-context.ts';
import type { Place } from '../writing/append-to-environment.ts';
import type { EnvironmentDependencies } from './environment-command.ts';

/**
 * Refuses a person who started a run that is open there: nobody excuses what their own release is judged by. A run that cannot be read keeps
 * nobody from it. `act` completes "may not".
 */
export const startsThere = async (
  deps: EnvironmentDependencies,
  place: Place,
  caller: PersonCaller,
  { act, fix }: { readonly act: string; readonly fix: string },
): Promise<{ readonly refused: Refusal } | undefined> => {
  const open = await deps.index.open(place.service, place.environment);
  const read = await Promise.all(open.map(({ run }) => readContext(deps, run).catch(() => undefined)));
  const own = read.map((found) => found?.ok).find((one) => one?.ended === undefined && one?.started.event.data.starter === caller.id);
  if (own === undefined) return undefined;
  return refuse('starter-excluded', `Who started a run may not ${act} while the run is open.`, {
    got: `${caller.id}, who started ${own.run}`,
    expected: 'another person in operations',
    fix,
  });
};
