import type { Protection } from '../rules/probes-pass.ts';
import type { Probe } from './probe.ts';
import { type Targets, usualProbes } from './targets.ts';

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

/** The usual probes that show how the service is protected. */
export const protectingProbes = (targets: Pick<Targets, 'probes' | 'rollback'>): Targets['probes'] =>
  usualProbes(targets).filter((probe) => protectionOf(probe) !== undefined);
