import * as z from 'zod';
import type { DeadMessage } from '../../ports.ts';

/** Names of the functions and topics of the stage, as messages name them. */
export type Receivers = {
  readonly feed: string;
  readonly upload: string;
  readonly reconciler: string;
  readonly mailer: string;
  readonly sweep: string;
  readonly collector: string;
  readonly actuator: string;
  /** ARNs of the topics for alarm notifications and for operations. */
  readonly alarmTopic: string;
  readonly operationsTopic: string;
};

/** What becomes of a message. `redriven` says how often it was redriven before. */
export type Reading =
  | { readonly to: string; readonly event: Readonly<Record<string, unknown>>; readonly redriven: number }
  | { readonly done: string }
  | { readonly park: string };

/** The member of an event that counts how often it was redriven: a failed event comes back as another message, which has nothing else in common. */
const countSchema = z.object({ redriven: z.int().min(0).max(1_000) });

const eventSchema = z.record(z.string(), z.unknown());
/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const failedSchema = z.object({ requestContext: z.object({ functionArn: z.string() }), requestPayload: z.unknown() });
/** As SNS delivers, and puts into the queue of a subscription: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
const notificationSchema = z.looseObject({
  Type: z.literal('Notification'),
  TopicArn: z.string(),
  MessageId: z.string(),
  Message: z.string(),
});
/** An execution that ended, before the rule made a request of it. */
const executionSchema = z.object({ source: z.literal('aws.states'), detail: z.object({ name: z.string().min(1) }) });

const functionIn = (arn: string): string => /:function:([^:]+)/.exec(arn)?.[1] ?? '';

/**
 * Finds the function to which a message of a dead-letter queue belongs. Lambda sends what a function failed on in a record with its name;
 * EventBridge and Scheduler send the event itself and name the function in an attribute
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html); SNS sends its notification.
 */
export const readDead = (receivers: Receivers, { body, attributes }: Pick<DeadMessage, 'body' | 'attributes'>): Reading => {
  const content = jsonOf(body);
  const failed = failedSchema.safeParse(content);
  if (failed.success) return reading(receivers, functionIn(failed.data.requestContext.functionArn), failed.data.requestPayload);
  const notification = notificationSchema.safeParse(content);
  if (notification.success) {
    const { redriven, ...sns } = notification.data;
    const to = { [receivers.alarmTopic]: receivers.feed, [receivers.operationsTopic]: receivers.mailer }[sns.TopicArn];
    return to === undefined
      ? { park: 'a notification of a topic that is not known' }
      : reading(receivers, to, { Records: [{ EventSource: 'aws:sns', Sns: sns }], redriven });
  }
  const named = attributes.TARGET_ARN;
  if (named === undefined) return { park: 'a message that names no function' };
  return reading(receivers, functionIn(named), content);
};

const reading = (receivers: Receivers, to: string, content: unknown): Reading => {
  const event = eventSchema.safeParse(content);
  if (!event.success) return { park: 'a message without an event' };
  const { feed, upload, reconciler, mailer, sweep, collector, actuator } = receivers;
  // The next sweep does what a lost one left undone; a rebuild was asked for by a person, who asks again.
  if (to === sweep && sweep !== '') return 'rebuild' in event.data ? { park: 'a rebuild that a person asked for' } : { done: 'a sweep' };
  // The reconciler asks for a look again until it was made, and counts an attempt without an answer as failed. Carried out now, it would come late.
  if (to === collector) return { done: 'a look that is asked for again' };
  if (to === actuator) return { done: 'an attempt whose time is over' };
  if (![feed, upload, reconciler, mailer].includes(to)) return { park: 'a message for a function that is not known' };
  const { redriven } = countSchema.safeParse(event.data).data ?? { redriven: 0 };
  const execution = executionSchema.safeParse(event.data);
  const own = to === reconciler && execution.success ? { run: execution.data.detail.name, executionEnded: true } : event.data;
  return { to, event: own, redriven };
};

/** The body without the count, for the parking queue: a message that a person moves back has all its tries again. */
export const uncounted = (body: string): string => {
  const content = eventSchema.safeParse(jsonOf(body)).data;
  if (content === undefined) return body;
  const { redriven: _, ...rest } = content;
  const payload = eventSchema.safeParse(rest.requestPayload).data;
  if (payload === undefined) return JSON.stringify(rest);
  const { redriven: __, ...requestPayload } = payload;
  return JSON.stringify({ ...rest, requestPayload });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
