import type { Context } from 'aws-lambda';
import { type Identity, identityOf } from '../../lib/api/identity.ts';
import { type Api, faultOf, problemResponse, unknownResponse } from '../../lib/api/mount.ts';
import { faultProblem } from '../../lib/api/problem.ts';
import { RosterUnusable } from '../adapters/roster-object.ts';
import { requestCounts, tally } from './aws-clients.ts';
import { type HttpEvent, type HttpResult, httpEventSchema, isCarried, requestOf, resultOf } from './http.ts';
import { createLog, type Log } from './log.ts';
import { beginTime } from './time-left.ts';

/** Handles one call of an API function: logs one line, throws nothing, and answers a fault without its text. */
export const answer = async (api: () => Api | Promise<Api>, event: HttpEvent, log: Log): Promise<HttpResult> => {
  const started = performance.now();
  const { requestId: request, http, routeKey } = event.requestContext;
  const identity = fromAddress(identityOf(event.requestContext.authorizer?.lambda), http.sourceIp);
  const result = await served(api, event, log, { request, identity });
  log.info('answered', {
    request,
    route: routeKey ?? `${http.method} ${event.rawPath}`,
    status: result.statusCode,
    ms: Math.round(performance.now() - started),
    units: tally.take(),
    requests: requestCounts.take(),
    who: identity.kind === 'caller' ? { kind: identity.caller.kind, id: identity.caller.id } : identity.kind,
    ...(result.statusCode < 400 ? {} : { problem: problemTypeOf(result) }),
  });
  return result;
};

/** Who calls, with where they call from: people's decisions record it. */
const fromAddress = (identity: Identity, address: string | undefined): Identity =>
  identity.kind === 'caller' && identity.caller.kind === 'person' && address !== undefined
    ? { ...identity, caller: { ...identity.caller, address } }
    : identity;

type Asked = { readonly request: string; readonly identity: Identity };

const served = async (api: () => Api | Promise<Api>, event: HttpEvent, log: Log, { request, identity }: Asked): Promise<HttpResult> => {
  const { method } = event.requestContext.http;
  try {
    if (!isCarried(method)) return await resultOf(unknownResponse(method, event.rawPath, request));
    return await resultOf(
      await (await api()).fetch(requestOf(event), { identity, request, fault: (thrown: unknown) => log.fault(thrown, { request }) }),
    );
  } catch (thrown) {
    log.fault(thrown, { request });
    if (thrown instanceof RosterUnusable)
      return resultOf(problemResponse(faultProblem('roster-unusable', request), { 'retry-after': '60' }));
    return resultOf(problemResponse(faultOf(thrown, request)));
  }
};

const problemTypeOf = (result: HttpResult): string | undefined => /"type":"([^"]+)"/.exec(result.body.slice(0, 200))?.[1];

export type ApiHandler = (
  event: unknown,
  context: Pick<Context, 'awsRequestId'> & Partial<Pick<Context, 'getRemainingTimeInMillis'>>,
) => Promise<HttpResult>;

/**
 * The handler of an API function. The router is made at the first call, so that a missing variable gives a 500 with a log line, not a crash
 * loop. `ready` comes before each call.
 */
export const apiHandler = (name: string, make: () => Api, ready: () => Promise<void> = async () => {}): ApiHandler => {
  const log = createLog(name);
  let made: Api | undefined;
  const api = async (): Promise<Api> => {
    await ready();
    made ??= make();
    return made;
  };
  return async (event, context) => {
    beginTime(context);
    const parsed = httpEventSchema.safeParse(event);
    if (parsed.success) return answer(api, parsed.data, log);
    log.fault(parsed.error, { request: context.awsRequestId });
    return resultOf(problemResponse(faultOf(parsed.error, context.awsRequestId)));
  };
};
