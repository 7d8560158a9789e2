import { describe, expect, it } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { readSecret } from '../../lambdas/adapters/secrets-manager.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/web-client-AbCdEf';
type Sent = { readonly url: string; readonly init: RequestInit };

const asked = async (
  answer: Response,
  secret = arn,
  endpoint?: string,
): Promise<{ readonly read: Promise<string>; readonly sent: Sent }> => {
  let sent: Sent | undefined;
  const { call } = createAwsCall({
    credentials: async () => ({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'session' }),
    clock: { now: () => new Date('2026-03-02T08:00:00Z') },
    region: 'us-east-1',
    endpoint,
    fetch: async (url, init) => {
      sent = { url: String(url), init: init ?? {} };
      return answer;
    },
  });
  const read = readSecret(call, secret);
  await read.catch(() => undefined);
  return { read, sent: sent ?? expect.fail('nothing was sent') };
};

describe('a secret of Secrets Manager', () => {
  it('is read from its own region by one signed request that names it', async () => {
    const { read, sent } = await asked(Response.json({ ARN: arn, SecretString: 'the secret' }));
    expect(await read).toBe('the secret');
    expect([sent.url, sent.init.body]).toEqual(['https://secretsmanager.eu-central-1.amazonaws.com/', JSON.stringify({ SecretId: arn })]);
    const headers = new Headers(sent.init.headers);
    expect(headers.get('x-amz-target')).toBe('secretsmanager.GetSecretValue');
    expect(headers.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=id\/20260302\/eu-central-1\/secretsmanager\/aws4_request, SignedHeaders=content-type;host;/,
    );
  });

  it('is read from another server where the stage has one, and in China', async () => {
    const answer = () => Response.json({ SecretString: 'x' });
    expect((await asked(answer(), arn, 'http://localhost:4566')).sent.url).toBe('http://localhost:4566/');
    const chinese = arn.replace('arn:aws:', 'arn:aws-cn:').replace('eu-central-1', 'cn-north-1');
    expect((await asked(answer(), chinese)).sent.url).toBe('https://secretsmanager.cn-north-1.amazonaws.com.cn/');
  });

  it.each([
    ['is denied', () => Response.json({ __type: 'AccessDeniedException', Message: 'secret words' }, { status: 400 }), /answered 400/],
    ['has bytes instead of text', () => Response.json({ SecretBinary: 'AAAA' }), /has no text/],
    ['is empty', () => Response.json({ SecretString: '' }), /has no text/],
  ])('that %s is a fault without the words of the answer', async (_what, answer, message) => {
    const { read } = await asked(answer());
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.not.toThrow(/secret words/);
  });
});
