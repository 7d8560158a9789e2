import * as z from 'zod';
import type { Stage } from '../checklist/stage.ts';
import type { EndedSessions, Mac } from '../ports.ts';
import { type Identity, rosterCaller } from './identity.ts';
import { signValue, verifyValue } from './signed-value.ts';

/** Eight hours: a working day. */
export const sessionSeconds = 8 * 3600;
/** Maximum age of the sign-in for an answer to an approval request. */
export const recentSignInSeconds = 15 * 60;

const sessionSchema = z.strictObject({
  /** Random. A form's nonce is bound to it. */
  id: z.string(),
  person: z.string(),
  signedInAt: z.iso.datetime(),
  /** Seconds since the epoch. */
  exp: z.int(),
});
export type Session = z.infer<typeof sessionSchema>;

/** Only a local stage over plain http goes without `Secure` and the `__Host-` prefix, which pins a cookie to one origin. */
export const secureCookies = (publicUrl: string): boolean => !publicUrl.startsWith('http://localhost');
export const sessionCookie = (publicUrl: string): string => (secureCookies(publicUrl) ? '__Host-holdpoint' : 'holdpoint');
export const loginCookie = (publicUrl: string): string => (secureCookies(publicUrl) ? '__Host-holdpoint-login' : 'holdpoint-login');

export const setCookie = (publicUrl: string, name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secureCookies(publicUrl) ? '; Secure' : ''}`;

/** The value of a cookie. A name that appears twice may be an injected cookie, so neither value is used. */
export const cookieOf = (cookies: readonly string[], name: string): string | undefined => {
  const values = cookies
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
};

export const signSession = (mac: Mac, session: Session): Promise<string> => signValue(mac, 'session', session);

/**
 * The identity of a browser's session cookie. The authorizer calls this, not the functions: so only the authorizer and the people function
 * need the key, and the function that serves the pages of runs can neither make nor verify a session.
 */
export const sessionIdentity = async (
  { stage, mac, sessions }: { readonly stage: Stage; readonly mac: () => Mac; readonly sessions: () => EndedSessions },
  cookies: readonly string[],
  now: Date,
): Promise<Identity> => {
  const text = cookieOf(cookies, sessionCookie(stage.publicUrl));
  if (text === undefined) return { kind: 'anonymous' };
  const session = await verifyValue(mac(), 'session', sessionSchema, text);
  if (session === undefined || session.exp * 1000 <= now.getTime()) return { kind: 'anonymous' };
  // A copy of the cookie outlives the browser's, so signing out ends the session here.
  if (await sessions().isEnded(session.id)) return { kind: 'anonymous' };
  const caller = rosterCaller(stage, session.person, new Date(session.signedInAt));
  return caller.ok === undefined
    ? { kind: 'refused', refusal: caller.refused }
    : { kind: 'caller', caller: caller.ok, session: session.id };
};

const ownOrigin = 'https://own.invalid';
/** Characters. */
const longestPath = 1_000;
/** A sign-in redirects to these pages only. */
const ownPages = /^\/(runs|approvals|inbox|audit|checklist|services|metrics)(\/|$)/;

/** `next` if it is a path of our pages, else the list of runs. Parsed as a browser would: dots and slashes can turn a path into another host. */
export const ownPath = (next: string | undefined): string => {
  if (next === undefined || !next.startsWith('/') || /[\\\p{Cc}\p{White_Space}]/u.test(next)) return '/runs';
  const url = URL.canParse(next, ownOrigin) ? new URL(next, ownOrigin) : undefined;
  // As the URL writes it: a character can become nine, and the path is part of a signed cookie.
  if (url?.origin !== ownOrigin || !ownPages.test(url.pathname)) return '/runs';
  return [`${url.pathname}${url.search}`, url.pathname].find(({ length }) => length <= longestPath) ?? '/runs';
};
