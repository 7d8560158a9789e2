import * as z from 'zod';
import { alarmDelivery } from './alarm-change.ts';
import { shortestPrefixes, splitPattern } from './event-pattern.ts';
import { type Feed, instant } from './feed.ts';

const source = 'aws.cloudwatch';
const detailType = 'CloudWatch Alarm State Change';

const eventSchema = z.object({
  id: z.string(),
  source: z.literal(source),
  'detail-type': z.literal(detailType),
  detail: z.object({
    alarmName: z.string().min(1),
    state: z.object({ value: z.string(), reason: z.string().optional(), timestamp: instant }),
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
    patterns: ({ services }) =>
      splitPattern(shortestPrefixes(services.map(({ alarmPrefix }) => alarmPrefix)), (prefixes) => ({
        source: [source],
        detailType: [detailType],
        detail: { alarmName: prefixes.map((prefix) => ({ prefix })) },
      })),
  },
  read: (stage, event) => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) return undefined;
    const { alarmName, state, previousState } = parsed.data.detail;
    return alarmDelivery(stage, 'alarm', {
      alarm: alarmName,
      from: previousState?.value ?? 'unknown',
      to: state.value,
      reason: state.reason ?? '',
      at: state.timestamp,
    });
  },
} as const satisfies Feed;
