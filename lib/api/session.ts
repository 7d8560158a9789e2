import * as z from 'zod';
import type { Stage } from '../checklist/stage.ts';
import type { Mac } from '../ports.ts';
import { type Identity, rosterCaller } from './identity.ts';
import { opened, sealed } from './signed-value.ts';

/** Eight hours: a working day. */
export const sessionSeconds = 8 * 3600;
/** A decision needs a sign-in that is not older than this. */
export const recentSignInSeconds = 15 * 60;

const sessionSchema = z.strictObject({
  /** Random; what a form's nonce is bound to. */
  id: z.string(),
  person: z.string(),
  signedInAt: z.iso.datetime(),
  /** Seconds since the epoch. */
  exp: z.int(),
});
export type Session = z.infer<typeof sessionSchema>;

/** Only a laptop's plain http is without `Secure` and the `__Host-` prefix that pins the cookie to one origin. */
export const secureCookies = (publicUrl: string): boolean => !publicUrl.startsWith('http://localhost');
export const sessionCookie = (publicUrl: string): string => (secureCookies(publicUrl) ? '__Host-holdpoint' : 'holdpoint');
export const loginCookie = (publicUrl: string): string => (secureCookies(publicUrl) ? '__Host-holdpoint-login' : 'holdpoint-login');

export const setCookie = (publicUrl: string, name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secureCookies(publicUrl) ? '; Secure' : ''}`;

/** The value of a cookie. A name that is there twice is somebody's trick: neither counts. */
export const cookieOf = (cookies: readonly string[], name: string): string | undefined => {
  const values = cookies
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
};

export const sealSession = (mac: Mac, session: Session): Promise<string> => sealed(mac, 'session', session);

/**
 * Who a browser's cookies say it is. The authorizer asks this, not the functions: then only it and the people function need the
 * key, and the function that serves the pages of runs can neither make nor check a session.
 */
export const sessionIdentity = async (stage: Stage, mac: Mac, cookies: readonly string[], now: Date): Promise<Identity> => {
  const text = cookieOf(cookies, sessionCookie(stage.publicUrl));
  if (text === undefined) return { kind: 'anonymous' };
  const session = await opened(mac, 'session', sessionSchema, text);
  if (session === undefined || session.exp * 1000 <= now.getTime()) return { kind: 'anonymous' };
  const caller = rosterCaller(stage, session.person, new Date(session.signedInAt));
  return caller.ok === undefined
    ? { kind: 'refused', refusal: caller.refused }
    : { kind: 'caller', caller: caller.ok, session: session.id };
};

const ownOrigin = 'https://own.invalid';
/** Only these pages may be where a sign-in leads: a sign-in never sends anybody elsewhere. */
const ownPages = /^\/(runs|approvals)(\/|$)/;

/** A path of our own, or the list of runs. It is looked at as the browser will read it: dots and slashes can turn a path into another host. */
export const ownPath = (next: string | undefined): string => {
  if (next === undefined || !next.startsWith('/') || /[\\\p{Cc}\p{White_Space}]/u.test(next)) return '/runs';
  const url = URL.canParse(next, ownOrigin) ? new URL(next, ownOrigin) : undefined;
  return url?.origin === ownOrigin && ownPages.test(url.pathname) ? `${url.pathname}${url.search}` : '/runs';
};
