import type { DeadLetterQueue, DeadMessage } from '../lib/ports.ts';

/** Messages of the dead-letter queues as AWS puts them there, and queues in memory. */
export const lambda = (name: string) => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;
const topic = (name: string) => `arn:aws:sns:eu-central-1:111122223333:${name}`;
export const receivers = {
  feed: 'feed',
  reconciler: 'reconciler',
  mailer: 'mailer',
  sweep: 'sweep',
  upload: 'upload',
  collector: 'collector',
  actuator: 'actuator',
  alarmTopic: topic('alarms'),
  operationsTopic: topic('operations'),
};
const now = new Date('2026-03-02T08:00:00.000Z');
export const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();

/** What Lambda sends to a failure destination, by its documentation. */
export const failed = (name: string, requestPayload: unknown) => ({
  version: '1.0',
  timestamp: '2019-11-14T18:16:05.568Z',
  requestContext: {
    requestId: 'e4b46cbf-b738-4d11-8880-a18cdf61200e',
    functionArn: `${lambda(name)}:$LATEST`,
    condition: 'RetriesExhausted',
    approximateInvokeCount: 3,
  },
  requestPayload,
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: { errorMessage: 'Process exited before completing request' },
});
/** What EventBridge puts beside an event that it could not deliver. */
export const undelivered = (name: string) => ({
  RULE_ARN: 'arn:aws:events:eu-central-1:111122223333:rule/holdpoint-production-feed-Alarms',
  TARGET_ARN: lambda(name),
  ERROR_CODE: 'SDK_CLIENT_ERROR',
  ERROR_MESSAGE: 'Rate exceeded',
  EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
  RETRY_ATTEMPTS: '10',
});
export const event = { version: '0', id: 'e1', source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: {} };
export const notification = (name: string, more: object = {}) => ({
  Type: 'Notification',
  MessageId: 'm1',
  TopicArn: topic(name),
  Subject: 'ALARM',
  Message: '{"AlarmName":"shop-cpu"}',
  Timestamp: '2026-03-02T07:59:41.020Z',
  ...more,
});

type Given = { readonly body: unknown; readonly attributes?: Readonly<Record<string, string>>; readonly sentAt?: string };

/** Queues in memory: a message that was received stays, invisible, until it is removed. */
export const world = (given: Partial<Record<DeadLetterQueue, readonly Given[]>>) => {
  const messages = (Object.entries(given) as [DeadLetterQueue, readonly Given[]][]).flatMap(([queue, all]) =>
    all.map(
      ({ body, attributes = {}, sentAt = ago(0) }, place): DeadMessage => ({
        queue,
        receipt: `${queue} ${place}`,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes,
        sentAt,
      }),
    ),
  );
  const seen = new Set<string>();
  const left = new Set(messages.map(({ receipt }) => receipt));
  const invoked: [string, object][] = [];
  const parked: { body: unknown; attributes: object }[] = [];
  const faults = new Map<string, Error>();
  const asked: DeadLetterQueue[] = [];
  const fail = (at: string) => {
    const fault = faults.get(at);
    if (fault !== undefined) throw fault;
  };
  return {
    left,
    invoked,
    parked,
    asked,
    faults,
    deps: {
      clock: { now: () => now },
      receivers,
      functions: {
        invoke: async (name: string, payload: object) => {
          fail(name);
          invoked.push([name, payload]);
        },
      },
      deadLetters: {
        receive: async (queue: DeadLetterQueue) => {
          asked.push(queue);
          fail(queue);
          const found = messages.filter((one) => one.queue === queue && !seen.has(one.receipt)).slice(0, 10);
          for (const { receipt } of found) seen.add(receipt);
          return found;
        },
        remove: async ({ receipt }: DeadMessage) => {
          fail('remove');
          left.delete(receipt);
        },
        park: async ({ attributes }: DeadMessage, body: string) => {
          fail('park');
          parked.push({ body: JSON.parse(body) as unknown, attributes });
        },
      },
    },
  };
};
