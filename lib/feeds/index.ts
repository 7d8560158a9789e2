import * as z from 'zod';
import { autoScaling } from './auto-scaling.ts';
import { cloudwatchEvent } from './cloudwatch-event.ts';
import { codedeploy } from './codedeploy.ts';
import { ecsDeployment } from './ecs-deployment.ts';
import { ecsTask } from './ecs-task.ts';
import { type Delivery, type Feed, type Services, unmapped } from './feed.ts';
import { health } from './health.ts';
import { lambdaChange } from './lambda-change.ts';
import { mailEvent } from './mail-event.ts';
import { ownBus } from './own-bus.ts';
import { rds } from './rds.ts';
import { snsNotification } from './sns-notification.ts';

/** Every feed. The stack wires them and the function `event-feed` reads them. */
export const feeds: readonly Feed[] = [
  ownBus,
  cloudwatchEvent,
  snsNotification,
  mailEvent,
  ecsTask,
  ecsDeployment,
  codedeploy,
  rds,
  lambdaChange,
  autoScaling,
  health,
];

/** Reads one delivery by the first feed that knows its shape. One that none knows is counted: it may be a report of harm with a slip in it. */
export const readFeed = (stage: Services, event: unknown): Delivery => {
  for (const feed of feeds) {
    const delivery = feed.read(stage, event);
    if (delivery !== undefined) return delivery;
  }
  return unmapped(shapeOf(event), 'has a form that no feed knows');
};

const shapeOf = (event: unknown): string => {
  const named = z.object({ 'detail-type': z.string() }).safeParse(event);
  return `an event ${named.success ? named.data['detail-type'].slice(0, 100) : `of type ${typeof event}`}`;
};
