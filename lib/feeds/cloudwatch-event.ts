import * as z from 'zod';
import { alarmDelivery } from './alarm-change.ts';
import { alarmPrefixes } from './alarm-owner.ts';
import { shortestPrefixes, splitPattern } from './event-pattern.ts';
import { type Feed, instant } from './feed.ts';

const source = 'aws.cloudwatch';
const detailType = 'CloudWatch Alarm State Change';

const eventSchema = z.object({
  id: z.string(),
  source: z.literal(source),
  'detail-type': z.literal(detailType),
  /** The ARN of the alarm. */
  resources: z.array(z.string()).default([]),
  detail: z.object({
    alarmName: z.string().min(1),
    state: z.object({
      value: z.string(),
      reason: z.string().optional(),
      timestamp: instant,
      /** Of a composite alarm: `Alarm` while its suppressor is in ALARM, `WaitPeriod` or `ExtensionPeriod` while it waits for it. */
      actionsSuppressedBy: z.string().nullish(),
      actionsSuppressedReason: z.string().nullish(),
    }),
    configuration: z.object({ alarmRule: z.string().nullish() }).nullish(),
    previousState: z.object({ value: z.string() }).optional(),
  }),
});

/**
 * Changes of CloudWatch alarms: those of this account and region come to the default bus, as CloudWatch sends them; those of other
 * accounts and regions to our own bus, if a rule there forwards them.
 */
export const cloudwatchEvent = {
  via: 'alarm',
  wiring: {
    kind: 'rule',
    rule: 'Alarms',
    description: 'Alarms of the services of this stage',
    buses: ['default', 'own'],
    // Wider than the mapping: CloudWatch's names have other separators, too.
    patterns: ({ services }) =>
      splitPattern(shortestPrefixes(alarmPrefixes({ services })), (prefixes) => ({
        source: [source],
        detailType: [detailType],
        detail: { alarmName: prefixes.map((prefix) => ({ prefix })) },
      })),
    forwarded: { source: [source], detailType: [detailType] },
  },
  read: (stage, event) => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) return undefined;
    const { alarmName, state, previousState, configuration } = parsed.data.detail;
    const [arn] = parsed.data.resources;
    return alarmDelivery(stage, 'alarm', {
      alarm: alarmName,
      from: previousState?.value ?? 'unknown',
      to: state.value,
      reason: state.reason ?? '',
      at: state.timestamp,
      arn,
      rule: configuration?.alarmRule ?? undefined,
      suppressed: suppressionOf(state),
    });
  },
} as const satisfies Feed;

/** An alarm that only waits for its suppressor is suppressed by nobody yet: it counts. */
const suppressionOf = ({
  actionsSuppressedBy,
  actionsSuppressedReason,
}: z.output<typeof eventSchema>['detail']['state']): string | undefined =>
  actionsSuppressedBy?.toLowerCase() === 'alarm' ? actionsSuppressedReason || 'by its suppressor alarm' : undefined;
