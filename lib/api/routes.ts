/**
 * Which function serves which route: plain data, so that the stack can read it without loading a router. The contract takes each function
 * from here. The functions are separated by trust: `ci` writes for CI jobs, `people` writes for people and makes sessions, `audit` only
 * reads.
 */
export type ApiFunction = 'ci' | 'people' | 'audit';
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT';
export type Route = { readonly method: Method; readonly path: string; readonly function: ApiFunction };

export const routes = [
  { method: 'POST', path: '/v1/runs', function: 'ci' },
  { method: 'PUT', path: '/v1/runs/{run}/evidence/{type}', function: 'ci' },
  { method: 'POST', path: '/v1/runs/{run}/deployments', function: 'ci' },

  { method: 'POST', path: '/v1/runs/{run}/checks/{check}/attestations', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/checks/{check}/waivers', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/checks/{check}/not-applicable', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/observations', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/observations/{observation}/label', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/rollback', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/cancel', function: 'people' },
  { method: 'POST', path: '/v1/runs/{run}/incident', function: 'people' },
  { method: 'GET', path: '/approvals/{link}', function: 'people' },
  { method: 'HEAD', path: '/approvals/{link}', function: 'people' },
  { method: 'POST', path: '/approvals/{link}', function: 'people' },
  { method: 'GET', path: '/login', function: 'people' },
  { method: 'HEAD', path: '/login', function: 'people' },
  { method: 'GET', path: '/callback', function: 'people' },
  { method: 'POST', path: '/logout', function: 'people' },

  { method: 'GET', path: '/v1/runs', function: 'audit' },
  { method: 'GET', path: '/v1/runs/{run}', function: 'audit' },
  { method: 'GET', path: '/v1/runs/{run}/audit/events', function: 'audit' },
  { method: 'GET', path: '/v1/audit/events', function: 'audit' },
  { method: 'GET', path: '/v1/checklist', function: 'audit' },
  { method: 'GET', path: '/v1/openapi.json', function: 'audit' },
  { method: 'GET', path: '/', function: 'audit' },
  { method: 'GET', path: '/runs', function: 'audit' },
  { method: 'HEAD', path: '/runs', function: 'audit' },
  { method: 'GET', path: '/runs/{run}', function: 'audit' },
  { method: 'HEAD', path: '/runs/{run}', function: 'audit' },
] as const satisfies readonly Route[];

/**
 * The function behind `$default`. It answers a request without a route with a problem document (404, or 405 with `Allow`), where API
 * Gateway alone would answer `{"message":"Not Found"}`. It is the function that cannot write.
 */
export const defaultFunction = 'audit' as const satisfies ApiFunction;
