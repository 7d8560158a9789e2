import { dynamoStore, type Store } from './store.ts';

/** What Holdpoint sends to the function that carries a step of a rollback out. `undo` takes the stop back. */
type Request = { readonly action?: unknown; readonly environment?: unknown };
/** Holdpoint believes nothing but `ok: true`, and looks itself afterwards. */
export type Answer = { readonly ok: boolean; readonly detail: string };

type Parts = {
  readonly store: Pick<Store, 'stop' | 'accept'>;
  /** The API of each environment. */
  readonly apis: Readonly<Record<string, string>>;
};

/** Stops new requests of an environment, or accepts them again. Safe to repeat. */
export const createStopRequests =
  ({ store, apis }: Parts) =>
  async ({ action, environment }: Request): Promise<Answer> => {
    const api = typeof environment === 'string' && Object.hasOwn(apis, environment) ? apis[environment] : undefined;
    if (api === undefined || (action !== 'do' && action !== 'undo'))
      return {
        ok: false,
        detail: `got ${String(action)} in ${String(environment)}, expected do or undo in ${Object.keys(apis).join(' or ')}`,
      };
    await (action === 'do' ? store.stop(api) : store.accept(api));
    return {
      ok: true,
      detail:
        action === 'do' ? `requests of ${String(environment)} are answered with 503` : `requests of ${String(environment)} are accepted`,
    };
  };

let stopRequests: ReturnType<typeof createStopRequests> | undefined;

/** The Lambda function's entry. Needs SHOP_TABLE, and SHOP_APIS: a JSON object with the API's id for each environment. */
export const handler = (request: Request): Promise<Answer> => {
  const { SHOP_TABLE = '', SHOP_APIS = '{}' } = process.env;
  stopRequests ??= createStopRequests({ store: dynamoStore(SHOP_TABLE), apis: JSON.parse(SHOP_APIS) as Parts['apis'] });
  return stopRequests(request);
};
