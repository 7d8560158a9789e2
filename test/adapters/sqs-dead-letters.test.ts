import { describe, expect, it } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createSqsDeadLetters } from '../../lambdas/adapters/sqs-dead-letters.ts';

type Sent = { readonly url: string; readonly headers: Headers; readonly input: unknown };
const queues = { 'undelivered-events': 'https://sqs/u', 'failed-invocations': 'https://sqs/f', parked: 'https://sqs/p' };

const asked = (answer: () => Response, place: { readonly region?: string; readonly endpoint?: string } = {}) => {
  const sent: Sent[] = [];
  const deadLetters = createSqsDeadLetters(
    createAwsCall({
      region: place.region ?? 'eu-central-1',
      endpoint: place.endpoint,
      credentials: async () => ({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'session' }),
      clock: { now: () => new Date('2026-03-02T08:00:00Z') },
      fetch: async (url, init) => {
        sent.push({ url: String(url), headers: new Headers(init?.headers), input: JSON.parse(String(init?.body)) as unknown });
        return answer();
      },
    }).call,
    queues,
  );
  return { deadLetters, sent };
};
/** As SQS answers in its JSON protocol. */
const received = () =>
  Response.json({
    Messages: [
      {
        MessageId: 'm1',
        ReceiptHandle: 'r1',
        MD5OfBody: '0',
        Body: '{"id":"e1"}',
        Attributes: { SentTimestamp: '1772438400000' },
        MessageAttributes: {
          TARGET_ARN: { DataType: 'String', StringValue: 'arn:f' },
          BYTES: { DataType: 'Binary', BinaryValue: 'AAAA' },
        },
      },
    ],
  });
const message = {
  queue: 'failed-invocations',
  receipt: 'r1',
  body: '{}',
  attributes: { TARGET_ARN: 'arn:f' },
  sentAt: '2026-03-02T08:00:00.000Z',
} as const;

describe('dead-letter queues on SQS', () => {
  it('are asked for ten messages by one signed request', async () => {
    const { deadLetters, sent } = asked(received);
    expect(await deadLetters.receive('undelivered-events')).toEqual([
      {
        queue: 'undelivered-events',
        receipt: 'r1',
        body: '{"id":"e1"}',
        attributes: { TARGET_ARN: 'arn:f' },
        sentAt: '2026-03-02T08:00:00.000Z',
      },
    ]);
    expect(sent[0]?.url).toBe('https://sqs.eu-central-1.amazonaws.com/');
    expect(sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/u',
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    expect([sent[0]?.headers.get('x-amz-target'), sent[0]?.headers.get('content-type')]).toEqual([
      'AmazonSQS.ReceiveMessage',
      'application/x-amz-json-1.0',
    ]);
    expect(sent[0]?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/20260302\/eu-central-1\/sqs\/aws4_request, /);
  });

  it.each([
    ['no member', {}],
    ['nothing', { Messages: null }],
    ['an empty list', { Messages: [] }],
  ])('are empty when SQS answers %s', async (_what, answer) => {
    expect(await asked(() => Response.json(answer)).deadLetters.receive('failed-invocations')).toEqual([]);
  });

  it('lose a message by its receipt, from the queue that it came from', async () => {
    const { deadLetters, sent } = asked(() => new Response(''));
    await deadLetters.remove(message);
    expect([sent[0]?.headers.get('x-amz-target'), sent[0]?.input]).toEqual([
      'AmazonSQS.DeleteMessage',
      { QueueUrl: 'https://sqs/f', ReceiptHandle: 'r1' },
    ]);
  });

  it('give a copy with its attributes to the parking queue', async () => {
    const { deadLetters, sent } = asked(() => Response.json({ MessageId: 'm2' }));
    await deadLetters.park(message, '{"a":1}');
    expect(sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/p',
      MessageBody: '{"a":1}',
      MessageAttributes: { TARGET_ARN: { DataType: 'String', StringValue: 'arn:f' } },
    });
  });

  it('are on another server where the stage has one, and in China', async () => {
    const at = async (place: { readonly region?: string; readonly endpoint?: string }) => {
      const { deadLetters, sent } = asked(() => Response.json({}), place);
      await deadLetters.receive('failed-invocations');
      return sent[0]?.url;
    };
    expect(await at({ endpoint: 'http://localhost:4566' })).toBe('http://localhost:4566/');
    expect(await at({ region: 'cn-north-1' })).toBe('https://sqs.cn-north-1.amazonaws.com.cn/');
  });

  it.each([
    [
      'refuses',
      () => Response.json({ __type: 'AccessDenied', message: 'secret words' }, { status: 403 }),
      /ReceiveMessage: sqs answered 403 AccessDenied/,
    ],
    ['answers in another form', () => Response.json({ Messages: [{ Body: 'secret words' }] }), /ReceiptHandle/],
  ])('fault when SQS %s, without the words of the answer', async (_what, answer, fault) => {
    const { deadLetters } = asked(answer);
    await expect(deadLetters.receive('failed-invocations')).rejects.toThrow(fault);
    await expect(deadLetters.receive('failed-invocations')).rejects.not.toThrow(/secret words/);
  });
});
