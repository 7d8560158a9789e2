import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { contextOf, type Identity } from '../lib/api/identity.ts';
import { stageWith } from './adapters/stage-roster.ts';
import { createAuthorize } from './api/authorize.ts';
import { clock, lazily, liveEndedSessions, liveRememberedMac, readStage } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';
import { createLog } from './shell/log.ts';
import { liveRoster } from './shell/roster.ts';
import { beginTime } from './shell/time-left.ts';

const log = createLog('api-authorizer');
const live = liveRoster('api-authorizer', () => envOf('api-authorizer', process.env).ROSTER_BUCKET);
const eventSchema = z.object({
  headers: z.record(z.string(), z.string().optional()).default({}),
  cookies: z.array(z.string()).default([]),
  routeKey: z.string().optional(),
  requestContext: z.object({ requestId: z.string() }),
});

const headerOf = (headers: Readonly<Record<string, string | undefined>>, wanted: string): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];

let authorize: ReturnType<typeof createAuthorize> | undefined;
const mac = lazily(() => liveRememberedMac(envOf('api-authorizer', process.env).SESSION_KEY_ID));

/**
 * Identifies the caller and passes the identity on in the context. It allows every request, because an HTTP API's authorizer cannot say why it
 * denies one; the functions refuse a request without a caller. After a fault there is no caller either: it fails closed.
 */
export const handler = async (event: unknown, invocation?: Context): Promise<{ isAuthorized: true; context: Record<string, string> }> => {
  beginTime(invocation);
  const started = performance.now();
  const { identity, request, route } = await identify(event);
  log.info('identified', {
    request,
    route,
    ms: Math.round(performance.now() - started),
    kind: identity.kind,
    ...(identity.kind === 'caller' ? { who: { kind: identity.caller.kind, id: identity.caller.id } } : {}),
    ...(identity.kind === 'refused' ? { refused: identity.refusal.type } : {}),
  });
  return { isAuthorized: true, context: contextOf(identity) };
};

const identify = async (event: unknown): Promise<{ identity: Identity; request: string; route: string }> => {
  const parsed = eventSchema.safeParse(event);
  const request = parsed.data?.requestContext.requestId ?? 'unknown';
  const route = parsed.data?.routeKey ?? 'unknown';
  try {
    if (!parsed.success) throw new TypeError('the event is not an HTTP API event', { cause: parsed.error });
    await live.refresh();
    authorize ??= createAuthorize({
      stage: stageWith(readStage(), live.people),
      mac,
      sessions: () => liveEndedSessions(envOf('api-authorizer', process.env).IDEMPOTENCY_TABLE),
      clock,
    });
    const { headers, cookies } = parsed.data;
    const cookie = headerOf(headers, 'cookie');
    const identity = await authorize({
      authorization: headerOf(headers, 'authorization'),
      cookies: cookies.length > 0 || cookie === undefined ? cookies : [cookie],
    });
    return { identity, request, route };
  } catch (thrown) {
    log.fault(thrown, { request });
    return { identity: { kind: 'unavailable' }, request, route };
  }
};
