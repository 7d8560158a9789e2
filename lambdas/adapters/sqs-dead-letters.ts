import * as z from 'zod';
import type { DeadLetterQueue, DeadLetters } from '../../lib/ports.ts';
import type { AwsCall } from './aws-call.ts';

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

/** The dead-letter queues on SQS. Each function throws when SQS does not answer as it should. */
export const createSqsDeadLetters = (aws: AwsCall, queues: Queues): DeadLetters => {
  const call = async (operation: 'ReceiveMessage' | 'DeleteMessage' | 'SendMessage', input: object): Promise<string> => {
    const answer = await aws({}, { service: 'sqs', operation, input });
    if ('failed' in answer) throw new Error(`${operation}: ${answer.failed}`);
    return answer.text;
  };
  return {
    receive: async (queue) => {
      const answer = await call('ReceiveMessage', {
        QueueUrl: queues[queue],
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      return (receivedSchema.parse(JSON.parse(answer)).Messages ?? []).map((one) => ({
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
