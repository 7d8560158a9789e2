import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import * as z from 'zod';
import { type LocalPaths, readJson, writeJson } from './paths.ts';

const secretsSchema = z.object({
  /** The private key that signs tokens. It is stored so that tokens stay valid when the provider restarts. */
  signingKey: z.looseObject({ kty: z.literal('EC'), kid: z.string(), d: z.string() }),
  cookieKey: z.string().min(32),
  /** All invented people have the same password. */
  password: z.string().min(8),
  /** The OAuth client secret of CI jobs. */
  ciSecret: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** Characters that cannot be mistaken for one another. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/** The secrets of this installation: created at the first start, readable by their owner only, and valid nowhere else. */
export const secretsOf = (paths: LocalPaths): Secrets => {
  const kept = readJson(paths.secrets, secretsSchema);
  if (kept !== undefined) return kept;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = secretsSchema.parse({
    signingKey: { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'ES256' },
    cookieKey: randomBytes(32).toString('base64url'),
    password: Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join(''),
    ciSecret: randomBytes(32).toString('base64url'),
  });
  writeJson(paths.secrets, made);
  return made;
};
