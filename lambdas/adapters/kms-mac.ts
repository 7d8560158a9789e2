import * as z from 'zod';
import type { Mac } from '../../lib/ports.ts';
import { type AwsCall, faultOf, parsed } from './aws-call.ts';

const MacAlgorithm = 'HMAC_SHA_256';
const macBytes = 32;
/** KMS's limit for a message, in bytes. */
const longestMessage = 4096;

const madeSchema = z.object({ Mac: z.base64().min(1) });
const verifiedSchema = z.object({ MacValid: z.literal(true) });

/**
 * A MAC by a KMS HMAC_256 key, which never leaves KMS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html and
 * API_VerifyMac.html.
 */
export const createKmsMac = (call: AwsCall, { key: KeyId }: { readonly key: string }): Mac => ({
  sign: async (text) => {
    const answer = await call({}, { service: 'kms', operation: 'GenerateMac', input: { KeyId, MacAlgorithm, Message: messageOf(text) } });
    if ('failed' in answer) throw faultOf(answer);
    const made = parsed(madeSchema, answer.text);
    if (made === undefined) throw new Error('KMS returned no MAC');
    return Buffer.from(made.Mac, 'base64').toString('base64url');
  },
  verify: async (text, mac) => {
    const bytes = Buffer.from(mac, 'base64url');
    // Each MAC has one encoding: reject base64url with other trailing bits, padding or foreign characters.
    if (bytes.length !== macBytes || bytes.toString('base64url') !== mac) return false;
    const input = { KeyId, MacAlgorithm, Message: messageOf(text), Mac: bytes.toString('base64') };
    const answer = await call({}, { service: 'kms', operation: 'VerifyMac', input });
    if (!('failed' in answer)) return parsed(verifiedSchema, answer.text) !== undefined;
    if (answer.code === 'KMSInvalidMacException') return false;
    throw faultOf(answer);
  },
});

const messageOf = (text: string): string => {
  const message = Buffer.from(text, 'utf8');
  if (message.length === 0 || message.length > longestMessage)
    throw new RangeError(`MAC: got a text of ${message.length} bytes, expected 1 to ${longestMessage}`);
  return message.toString('base64');
};
