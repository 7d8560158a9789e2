import * as z from 'zod';
import { cloudwatchEvent } from './cloudwatch-event.ts';
import { type Delivery, type Feed, type FeedChannel, nothing, type Services } from './feed.ts';
import { ownBus } from './own-bus.ts';
import { snsNotification } from './sns-notification.ts';

/** Every feed by its channel. The stack wires them and the function reads them; a channel of the audit event without a feed does not compile. */
export const feeds: { readonly [Via in FeedChannel]: Feed & { readonly via: Via } } = {
  bus: ownBus,
  alarm: cloudwatchEvent,
  sns: snsNotification,
};

/** Reads one delivery by the first feed that knows its shape. */
export const readFeed = (stage: Services, event: unknown): Delivery => {
  for (const feed of Object.values(feeds)) {
    const delivery = feed.read(stage, event);
    if (delivery !== undefined) return delivery;
  }
  return nothing(`no feed knows events of this shape: ${shapeOf(event)}`);
};

const shapeOf = (event: unknown): string => {
  const named = z.object({ 'detail-type': z.string() }).safeParse(event);
  return named.success ? named.data['detail-type'].slice(0, 100) : typeof event;
};
