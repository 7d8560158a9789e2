import { operations } from './contract.ts';
import type { ApiFunction, Operation, RouteFunction } from './operation.ts';
import { pages } from './pages.ts';
import { type ThrottleKind, throttleOf } from './throttle.ts';
import { webhooks } from './webhooks.ts';

export type Route = {
  readonly method: Operation['method'] | 'HEAD';
  readonly path: string;
  readonly function: RouteFunction;
  readonly throttle: ThrottleKind;
};

const ofContract = Object.values<Operation>({ ...operations, ...pages }).flatMap(
  ({ method, path, function: served, head, who }): Route[] => {
    const shared = { path, function: served, throttle: throttleOf({ who, function: served }) };
    return [{ method, ...shared }, ...(head === true ? [{ method: 'HEAD', ...shared } as const] : [])];
  },
);

/** Every route of the API with its function, from the contract and the webhooks. The stack makes the gateway's routes from it. */
export const routes: readonly Route[] = [...ofContract, ...Object.values(webhooks)];

/** Matches the paths of a route: a `{parameter}` stands for one path segment. */
export const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);

/**
 * The function behind `$default`. It answers a request without a route with a problem document (404, or 405 with `Allow`), where API
 * Gateway alone would answer `{"message":"Not Found"}`. It is the function that cannot write.
 */
export const defaultFunction = 'audit' as const satisfies ApiFunction;
