import * as z from 'zod';
import { cloudwatchEvent } from './cloudwatch-event.ts';
import { type Delivery, type Feed, nothing, type Services } from './feed.ts';
import { mailEvent } from './mail-event.ts';
import { ownBus } from './own-bus.ts';
import { snsNotification } from './sns-notification.ts';

/** Every feed. The stack wires them and the function `event-feed` reads them. */
export const feeds: readonly Feed[] = [ownBus, cloudwatchEvent, snsNotification, mailEvent];

/** Reads one delivery by the first feed that knows its shape. */
export const readFeed = (stage: Services, event: unknown): Delivery => {
  for (const feed of feeds) {
    const delivery = feed.read(stage, event);
    if (delivery !== undefined) return delivery;
  }
  return nothing(`no feed knows events of this shape: ${shapeOf(event)}`);
};

const shapeOf = (event: unknown): string => {
  const named = z.object({ 'detail-type': z.string() }).safeParse(event);
  return named.success ? named.data['detail-type'].slice(0, 100) : typeof event;
};
