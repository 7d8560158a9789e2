/**
 * Which function serves which route: plain data, so that the stack can read it without loading a router. The contract is built
 * on it and a test compares both. Functions are cut by trust: `ci` writes what pipelines say, `people` writes what people say and
 * holds the sessions, `audit` only reads.
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

/** Matches the paths of a route: a `{parameter}` stands for one path segment. */
export const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);

/**
 * The function behind `$default`: it answers what no route matches with a problem document (404, or 405 with `Allow`), where
 * API Gateway alone would say `{"message":"Not Found"}`. It is the one that can write nothing.
 */
export const defaultFunction = 'audit' as const satisfies ApiFunction;
