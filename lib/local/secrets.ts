import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import * as z from 'zod';
import { type Places, readJson, writeJson } from './paths.ts';

const secretsSchema = z.object({
  /** Private key that signs tokens: kept, so that they stay good when the provider is started again. */
  signingKey: z.looseObject({ kty: z.literal('EC'), kid: z.string(), d: z.string() }),
  cookieKey: z.string().min(32),
  /** The one password of all invented people. */
  password: z.string().min(8),
  /** What a CI job proves itself with. */
  ciSecret: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** Letters and digits that nobody mistakes for one another. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/** The secrets of this installation; made at the first start, readable by their owner only, worth nothing anywhere else. */
export const secretsOf = (places: Places): Secrets => {
  const kept = readJson(places.secrets, secretsSchema);
  if (kept !== undefined) return kept;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = secretsSchema.parse({
    signingKey: { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'ES256' },
    cookieKey: randomBytes(32).toString('base64url'),
    password: Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join(''),
    ciSecret: randomBytes(32).toString('base64url'),
  });
  writeJson(places.secrets, made);
  return made;
};
