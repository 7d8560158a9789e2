import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import type { Clock } from '../../lib/ports.ts';
import { Sha256 } from './sha256.ts';

type Access = {
  readonly credentials: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }>;
  readonly clock: Clock;
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
};

const answerSchema = z.object({ SecretString: z.string().min(1) });
/** A person waits for the answer, and may sign in again. Milliseconds. */
const timeoutMs = 5_000;

/**
 * The text of a secret in AWS Secrets Manager, by its full ARN. One signed request, because its client would add itself to a bundle for the
 * few stages that need a secret. Throws when the secret cannot be read; neither the error nor a log has the answer's text.
 */
export const readSecret = async (arn: string, { credentials, clock, endpoint, fetch: send = fetch }: Access): Promise<string> => {
  const region = arn.split(':')[3] ?? '';
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { origin, host, protocol } = new URL(endpoint ?? `https://secretsmanager.${region}.${suffix}`);
  const body = JSON.stringify({ SecretId: arn });
  const signer = new SignatureV4({ service: 'secretsmanager', region, credentials, sha256: Sha256 });
  const { headers: signed } = await signer.sign(
    {
      method: 'POST',
      protocol,
      hostname: host,
      path: '/',
      query: {},
      headers: { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body,
    },
    { signingDate: clock.now() },
  );
  const { host: _, ...headers } = signed;
  const answer = await send(`${origin}/`, {
    method: 'POST',
    headers: new Headers(headers),
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`Secrets Manager answered ${answer.status} when the client secret was read`);
  const read = answerSchema.safeParse(await answer.json());
  if (!read.success) throw new Error('Secrets Manager: the client secret has no text');
  return read.data.SecretString;
};
