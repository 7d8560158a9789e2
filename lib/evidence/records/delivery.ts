import * as z from 'zod';
import { at, earliest, list, most, recordKind, secondsBetween, text } from './kind.ts';

export const delivery = recordKind({
  id: 'delivery',
  description: 'What was sent on purpose and arrived: a test alert, a canary line in the logs, a notice',
  schema: z.strictObject({
    deliveries: list(
      z.strictObject({
        id: text,
        /** What sent it, and where it was seen. */
        from: text,
        to: text,
        sentAt: at,
        /** Null: it did not arrive. */
        receivedAt: at.nullable(),
      }),
    ),
  }),
  limits: {
    minReceived: { of: 'received', name: 'things that arrived', is: 'least', bound: { least: 1 } },
    maxSeconds: { of: 'slowestSeconds', name: 'slowest delivery', is: 'most', unit: 's', bound: { most: 86_400 } },
  },
  content: ({ deliveries }) => {
    const first = earliest(deliveries.map(({ sentAt }) => sentAt));
    const taken = deliveries.flatMap(({ sentAt, receivedAt }) => (receivedAt === null ? [] : [secondsBetween(sentAt, receivedAt)]));
    return {
      items: deliveries.length,
      ...(first === undefined ? {} : { from: first }),
      measured: deliveries.map(({ sentAt, receivedAt }) => receivedAt ?? sentAt),
      figures: { received: taken.length, slowestSeconds: most(taken) },
      once: deliveries.map(({ id, to }) => `${id} at ${to}`),
      faults: deliveries.flatMap(({ id, to, sentAt, receivedAt }) => {
        if (receivedAt === null) return [`${id} did not arrive at ${to}`];
        return secondsBetween(sentAt, receivedAt) < 0 ? [`${id} arrived at ${to} before it was sent`] : [];
      }),
    };
  },
});
