import type * as z from 'zod';
import type { Mac } from '../ports.ts';

/** What a sealed text is for. A text sealed for one purpose is no other's. */
export type Purpose = 'session' | 'login' | 'form' | 'cursor';

/** Longer texts are refused unseen: KMS takes 4096 bytes, and a cookie has to fit a header. */
const maxLength = 3_500;

const message = (purpose: Purpose, body: string): string => `holdpoint/${purpose}/1\n${body}`;

/** `<base64url of JSON>.<mac>`: readable by whoever holds it, unforgeable, not secret. */
export const sealed = async (mac: Mac, purpose: Purpose, value: object): Promise<string> => {
  const body = Buffer.from(JSON.stringify(value)).toString('base64url');
  if (body.length > maxLength) throw new RangeError(`a sealed ${purpose} of ${body.length} characters, expected at most ${maxLength}`);
  return `${body}.${await mac.sign(message(purpose, body))}`;
};

/** The value, or undefined for everything that we did not seal for this purpose. Times inside are the caller's to check. */
export const opened = async <T>(mac: Mac, purpose: Purpose, schema: z.ZodType<T>, text: string): Promise<T | undefined> => {
  const [body, code, ...rest] = text.split('.');
  if (body === undefined || code === undefined || rest.length > 0 || body.length > maxLength) return undefined;
  if (!(await mac.verify(message(purpose, body), code))) return undefined;
  try {
    return schema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
};
