import type * as z from 'zod';
import type { Mac } from '../ports.ts';
import { counted } from '../wording.ts';

/** What a signed value is for. A value signed for one purpose is not valid for another. */
export type Purpose = 'session' | 'login' | 'form' | 'draft' | 'cursor';

/** Longer values are rejected without a call: KMS signs 4096 bytes at most, and a cookie has to fit a header. */
const maxLength = 3_500;

const message = (purpose: Purpose, body: string): string => `holdpoint/${purpose}/1\n${body}`;

/** `<base64url of JSON>.<mac>`: not secret, because anyone can decode it; nobody without the key can make or change it. */
export const signValue = async (mac: Mac, purpose: Purpose, value: object): Promise<string> => {
  const body = Buffer.from(JSON.stringify(value)).toString('base64url');
  if (body.length > maxLength)
    throw new RangeError(`a signed ${purpose} of ${counted(body.length, 'character')}, expected at most ${maxLength}`);
  return `${body}.${await mac.sign(message(purpose, body))}`;
};

/** The value; undefined for any text that we did not sign for this purpose. The caller checks times inside it. */
export const verifyValue = async <T>(mac: Mac, purpose: Purpose, schema: z.ZodType<T>, text: string): Promise<T | undefined> => {
  const [body, code, ...rest] = text.split('.');
  if (body === undefined || code === undefined || rest.length > 0 || body.length > maxLength) return undefined;
  if (!(await mac.verify(message(purpose, body), code))) return undefined;
  try {
    return schema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
};
