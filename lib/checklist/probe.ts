import * as z from 'zod';
import { nameSchema } from '../fields.ts';
import type { Protection } from '../rules/probes-pass.ts';
import { oneLine } from './aws-places.ts';
import type { PermittedAddresses } from './permitted-addresses.ts';

/** Methods that change nothing by their definition (RFC 9110, 9.2.1). */
export const safeMethods = ['GET', 'HEAD', 'OPTIONS'] as const;
export const isSafeMethod = (method: string): boolean => safeMethods.some((one) => one === method);

/**
 * Headers that lead a request to another host or path, make another method of it, or say how it travels. By them a request would be another one
 * than its address and its method say.
 */
export const leadingHeaders: readonly string[] = [
  'host',
  'forwarded',
  'x-forwarded-host',
  'x-original-host',
  'x-host',
  'x-original-url',
  'x-rewrite-url',
  'x-forwarded-prefix',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
];

export const probeMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A request that Holdpoint makes to see whether the service works. */
export const probeSchema = z.strictObject({
  id: nameSchema,
  url: z.url(),
  method: z.enum(probeMethods).default('GET'),
  headers: z.record(oneLine, oneLine).optional(),
  /** Sent as it is. Only with `safe`. */
  body: z.string().max(10_000).optional(),
  /** Says that a request that may change something changes nothing that matters. Needed for every method but GET, HEAD and OPTIONS. */
  safe: z.literal(true).optional(),
  expect: z.strictObject({
    status: z.array(z.int().min(100).max(599)).min(1).default([200]),
    /** Longest accepted answer time, in milliseconds. */
    maxMs: z.int().min(1).max(30_000).default(2000),
    /** A text that the body must contain. */
    contains: oneLine.optional(),
    /** Headers that must be absent, such as `access-control-allow-origin` in the answer to a foreign origin. */
    withoutHeaders: z.array(oneLine).optional(),
  }),
  /**
   * So many requests at once, of which at least one must be answered with this status: the service limits its callers. In place of the
   * requests in a row. Only where no user is (`staging`), or on a route that exists for it: naming the burst here says so.
   */
  burst: z.strictObject({ requests: z.int().min(2).max(200), expectStatus: z.literal(429).default(429) }).optional(),
  /** So many requests in a row must be answered as expected, and so many in a row otherwise are a failure. */
  inARow: z.int().min(1).max(20).default(3),
  /** Its failure means that a critical feature does not work. */
  critical: z.boolean().default(false),
});
/** Where a request and its redirects may go. A profile's are bound by what the stage permits; the stage's own go where it says. */
export type Bound = { readonly within?: PermittedAddresses | undefined };
export type Probe = z.infer<typeof probeSchema> & Bound;

/** Headers that say nothing of who asks. Behind every other one may stand credentials. */
const anonymousHeaders: readonly string[] = ['accept', 'accept-language', 'content-type', 'user-agent'];

/**
 * What a probe shows about the protection of the service, by what it sends and expects; undefined where it shows none. The preflight of another
 * origin must get no `access-control-allow-origin`; a request without credentials must get 401 or 403, whatever else it may get; of a burst one
 * request must get 429.
 */
export const protectionOf = ({ url, method, headers = {}, expect, burst }: Probe): Protection | undefined => {
  if (burst !== undefined) return 'rate-limit';
  const named = Object.keys(headers).map((name) => name.toLowerCase());
  const isPreflight = method === 'OPTIONS' && named.includes('origin') && named.includes('access-control-request-method');
  const allowsNone = expect.withoutHeaders?.some((name) => name.toLowerCase() === 'access-control-allow-origin') === true;
  if (isPreflight) return allowsNone ? 'foreign-origin' : undefined;
  const isAnonymous = named.every((name) => anonymousHeaders.includes(name)) && !url.includes('?') && !/^\w+:\/\/[^/]*@/.test(url);
  return isAnonymous && expect.status.every((status) => status === 401 || status === 403) ? 'unauthenticated' : undefined;
};

/** A probe that is never answered has failed after this time at the latest. */
const longestLookMs = 60_000;

/** Ids that stand there twice. */
export const repeatedIn = (named: readonly { readonly id: string }[]): string[] => {
  const ids = named.map(({ id }) => id);
  return ids.filter((id, place) => ids.indexOf(id) < place);
};

/** Probes with one id, or that take too long. */
export const probeFlaws = (probes: readonly Pick<Probe, 'id' | 'expect' | 'inARow'>[]): string[] => {
  return [
    ...repeatedIn(probes).map((id) => `two probes have the id ${id}`),
    ...probes
      .filter(({ expect, inARow }) => expect.maxMs * inARow > longestLookMs)
      .map(({ id }) => `the probe ${id} could take longer than ${longestLookMs / 1000} s: lower maxMs or inARow`),
  ];
};
