import { type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { ownOpenRun } from '../state/own-open-run.ts';
import type { Place } from '../writing/append-to-environment.ts';
import type { EnvironmentDependencies } from './environment-command.ts';

/**
 * Refuses a person who started a run that is open there: nobody excuses what their own release is judged by. `act` completes "may not".
 */
export const startsThere = async (
  deps: EnvironmentDependencies,
  place: Place,
  caller: PersonCaller,
  { act, fix }: { readonly act: string; readonly fix: string },
): Promise<{ readonly refused: Refusal } | undefined> => {
  const own = await ownOpenRun(deps, place, caller.id);
  if (own === undefined) return undefined;
  return refuse('starter-excluded', `Who started a run may not ${act} while the run is open.`, {
    got: `${caller.id}, who started ${own}`,
    expected: 'another person in operations',
    fix,
  });
};
