import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import type { Clock, DeadLetterQueue, DeadLetters } from '../../lib/ports.ts';
import { Sha256 } from './sha256.ts';

type Access = {
  readonly region: string;
  readonly credentials: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }>;
  readonly clock: Clock;
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
};
/** URLs of the queues. */
type Queues = Readonly<Record<DeadLetterQueue | 'parked', string>>;

const receivedSchema = z.object({
  Messages: z
    .array(
      z.object({
        ReceiptHandle: z.string(),
        Body: z.string(),
        Attributes: z.object({ SentTimestamp: z.string().regex(/^\d{1,15}$/) }),
        MessageAttributes: z.record(z.string(), z.object({ StringValue: z.string().optional() })).optional(),
      }),
    )
    .nullish(),
});
/** The sweep asks again in a minute. Milliseconds. */
const timeoutMs = 5_000;

/**
 * The dead-letter queues on SQS, by signed requests of its JSON protocol, because its client would add itself to a bundle for three kinds of
 * requests (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html).
 */
export const createSqsDeadLetters = (access: Access, queues: Queues): DeadLetters => {
  const call = createCall(access);
  return {
    receive: async (queue) => {
      const answer = await call('ReceiveMessage', {
        QueueUrl: queues[queue],
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      return (receivedSchema.parse(answer).Messages ?? []).map((one) => ({
        queue,
        receipt: one.ReceiptHandle,
        body: one.Body,
        sentAt: new Date(Number(one.Attributes.SentTimestamp)).toISOString(),
        attributes: Object.fromEntries(
          Object.entries(one.MessageAttributes ?? {}).flatMap(([name, { StringValue }]) => (StringValue ? [[name, StringValue]] : [])),
        ),
      }));
    },
    remove: async ({ queue, receipt }) => {
      await call('DeleteMessage', { QueueUrl: queues[queue], ReceiptHandle: receipt });
    },
    park: async ({ attributes }, body) => {
      await call('SendMessage', {
        QueueUrl: queues.parked,
        MessageBody: body,
        // SQS takes ten at most.
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes)
            .slice(0, 10)
            .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
        ),
      });
    },
  };
};

type Call = (action: 'ReceiveMessage' | 'DeleteMessage' | 'SendMessage', input: object) => Promise<unknown>;

const createCall = ({ region, credentials, clock, endpoint, fetch: send = fetch }: Access): Call => {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { origin, host, protocol } = new URL(endpoint ?? `https://sqs.${region}.${suffix}`);
  const signer = new SignatureV4({ service: 'sqs', region, credentials, sha256: Sha256 });
  return async (action, input) => {
    const body = JSON.stringify(input);
    const { headers: signed } = await signer.sign(
      {
        method: 'POST',
        protocol,
        hostname: host,
        path: '/',
        query: {},
        headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
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
    if (!answer.ok) throw new Error(`SQS answered ${answer.status} to ${action}`);
    const text = await answer.text();
    return text === '' ? {} : JSON.parse(text);
  };
};
