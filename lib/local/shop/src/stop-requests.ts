import { dynamoStore, type Store } from './store.ts';

/** What Holdpoint sends to the function that carries a step of a rollback out. `undo` takes the stop back. */
type Request = { readonly action?: unknown; readonly environment?: unknown };
/** Holdpoint believes nothing but `ok: true`, and looks itself afterwards. */
export type Answer = { readonly ok: boolean; readonly detail: string };

/** The alias behind which each environment runs. */
const aliases: ReadonlyMap<unknown, string> = new Map([
  ['production', 'live'],
  ['staging', 'staging'],
]);

/** Stops new requests of an environment, or accepts them again. Safe to repeat. */
export const createStopRequests =
  ({ stop, accept }: Pick<Store, 'stop' | 'accept'>) =>
  async ({ action, environment }: Request): Promise<Answer> => {
    const alias = aliases.get(environment);
    if (alias === undefined || (action !== 'do' && action !== 'undo'))
      return {
        ok: false,
        detail: `got ${String(action)} in ${String(environment)}, expected do or undo in ${[...aliases.keys()].join(' or ')}`,
      };
    await (action === 'do' ? stop : accept)(alias);
    return {
      ok: true,
      detail: action === 'do' ? `requests through ${alias} are answered with 503` : `requests through ${alias} are accepted`,
    };
  };

let stopRequests: ReturnType<typeof createStopRequests> | undefined;

/** The Lambda function's entry. Needs SHOP_TABLE. */
export const handler = (request: Request): Promise<Answer> => {
  stopRequests ??= createStopRequests(dynamoStore(process.env.SHOP_TABLE ?? ''));
  return stopRequests(request);
};
