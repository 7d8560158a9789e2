import * as z from 'zod';
import { alarmDelivery } from './alarm-change.ts';
import { type Delivery, type Feed, instant, type Services, unmapped } from './feed.ts';

const recordsSchema = z.object({
  Records: z
    .array(z.object({ Sns: z.object({ MessageId: z.string(), Message: z.string() }) }))
    .min(1)
    .max(100),
});
const notificationSchema = z.object({
  AlarmName: z.string().min(1),
  NewStateValue: z.string(),
  OldStateValue: z.string().optional(),
  NewStateReason: z.string().optional(),
  StateChangeTime: instant,
  AlarmArn: z.string().optional(),
  AlarmRule: z.string().nullish(),
});

/** Notifications of CloudWatch alarms on the topic of this stage, also of alarms in other accounts and regions. */
export const snsNotification = {
  via: 'sns',
  wiring: { kind: 'topic' },
  read: (stage, event) => {
    const records = recordsSchema.safeParse(event);
    if (!records.success) return undefined;
    const deliveries = records.data.Records.map(({ Sns }) => deliveryOf(stage, Sns));
    return {
      observations: deliveries.flatMap(({ observations }) => observations),
      unknown: deliveries.flatMap(({ unknown = [] }) => unknown),
      refused: deliveries.flatMap(({ refused }) => refused),
    };
  },
} as const satisfies Feed;

const deliveryOf = (stage: Services, { MessageId, Message }: { readonly MessageId: string; readonly Message: string }): Delivery => {
  const parsed = notificationSchema.safeParse(jsonOf(Message));
  if (!parsed.success) return unmapped(`the SNS message ${MessageId}`, 'is no notification of a CloudWatch alarm');
  const { AlarmName, OldStateValue, NewStateValue, NewStateReason, StateChangeTime, AlarmArn, AlarmRule } = parsed.data;
  return alarmDelivery(stage, 'sns', {
    alarm: AlarmName,
    from: OldStateValue ?? 'unknown',
    to: NewStateValue,
    reason: NewStateReason ?? '',
    at: StateChangeTime,
    arn: AlarmArn,
    rule: AlarmRule ?? undefined,
  });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
