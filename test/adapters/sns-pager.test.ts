import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createSnsPager } from '../../lambdas/adapters/sns-pager.ts';

const topic = 'arn:aws:sns:eu-central-1:111122223333:operations';
type Sent = { readonly url: string; readonly headers: Headers; readonly body: string };

const paging = (...answers: readonly (() => Response)[]) => {
  const sent: Sent[] = [];
  const { call } = createAwsCall({
    credentials: async () => ({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'session' }),
    clock: { now: () => new Date('2026-03-02T08:00:00Z') },
    region: 'eu-central-1',
    pauseMs: 0,
    fetch: async (url, init) => {
      sent.push({ url: String(url), headers: new Headers(init?.headers), body: String(init?.body) });
      return (answers[Math.min(sent.length, answers.length) - 1] ?? published)();
    },
  });
  return { pager: createSnsPager(call, { topic }), sent };
};
const published = () => new Response('<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>');
const errorOf = (code: string, status: number) => () =>
  new Response(`<ErrorResponse><Error><Code>${code}</Code><Message>secret words</Message></Error></ErrorResponse>`, { status });

/** What the SDK's client sends for the same page. */
const bySdk = async (Subject: string, Message: string): Promise<string> => {
  let body = '';
  const client = new SNSClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
    requestHandler: {
      handle: async (request: { readonly body?: unknown }) => {
        body = String(request.body);
        throw new Error('not sent');
      },
    },
    maxAttempts: 1,
  });
  await client.send(new PublishCommand({ TopicArn: topic, Subject, Message })).catch(() => undefined);
  return body;
};

describe('a page to operations', () => {
  it('is published by one signed request, in the words of the query protocol', async () => {
    const { pager, sent } = paging(published);
    await pager.page('Rollback of shop: nobody decided', 'Wer entscheidet? \u00fc & 1+1=2\nhttps://h.example.com/runs/r1');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe('https://sns.eu-central-1.amazonaws.com/');
    expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(sent[0]?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/20260302\/eu-central-1\/sns\/aws4_request, /);
    const asked = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topic,
      Subject: 'Rollback of shop: nobody decided',
      Message: 'Wer entscheidet? \u00fc & 1+1=2\nhttps://h.example.com/runs/r1',
    };
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual(asked);
    expect(Object.fromEntries(new URLSearchParams(await bySdk(asked.Subject, asked.Message)))).toEqual(asked);
  });

  it('has a subject that SNS takes', async () => {
    const { pager, sent } = paging(published);
    await pager.page(`M\u00fcller\n${'x'.repeat(120)}`, 'text');
    expect(new URLSearchParams(sent[0]?.body).get('Subject')).toBe(`M?ller?${'x'.repeat(93)}`);
  });

  it('is sent again while SNS is busy', async () => {
    const { pager, sent } = paging(errorOf('Throttling', 400), errorOf('InternalError', 500), published);
    await pager.page('subject', 'text');
    expect(sent).toHaveLength(3);
  });

  it.each([
    ['AuthorizationError', 403, 1],
    ['InternalError', 500, 3],
  ])('that SNS does not take (%s) is a fault without the words of the answer', async (code, status, requests) => {
    const { pager, sent } = paging(errorOf(code, status));
    const faulted = pager.page('subject', 'text');
    await expect(faulted).rejects.toThrow(`the page was not published: sns answered ${status} ${code}`);
    await expect(faulted).rejects.not.toThrow(/secret words/);
    expect(sent).toHaveLength(requests);
  });
});
