import type { Reply } from '../../lib/actuators/ports.ts';
import { type Credentials, type SignedAccess, signedPost } from './signed-post.ts';

/** The shortest session that STS gives. Seconds. */
const sessionSeconds = 900;
/** A session that ends so soon is not used any more. Milliseconds. */
const leastLeftMs = 180_000;

/** Credentials of a role, kept while they are valid. */
export type AssumeRole = (role: string) => Promise<Reply<Credentials>>;

/** The query API of STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const createAssumeRole = (access: SignedAccess, { session }: { readonly session: string }): AssumeRole => {
  const kept = new Map<string, { readonly credentials: Credentials; readonly until: number }>();
  return async (role) => {
    const now = access.clock.now().getTime();
    const before = kept.get(role);
    if (before !== undefined && before.until - leastLeftMs > now) return { ok: before.credentials };
    const answer = await signedPost(access, {
      service: 'sts',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: role,
        RoleSessionName: session,
        DurationSeconds: String(sessionSeconds),
      }).toString(),
    });
    if (answer.ok === undefined) return answer;
    const [accessKeyId, secretAccessKey, sessionToken, expiration] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map(
      (name) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer.ok)?.[1]?.trim(),
    );
    if (!accessKeyId || !secretAccessKey || !sessionToken) return { refused: `sts gave no credentials for ${role}` };
    const until = Date.parse(expiration ?? '');
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    if (Number.isFinite(until)) kept.set(role, { credentials, until });
    return { ok: credentials };
  };
};
