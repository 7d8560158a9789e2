import * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import { observationKinds } from '../fields.ts';
import { observationSchema } from '../run/commands/inputs.ts';
import { type Delivery, type Feed, instant, type Services, unmapped } from './feed.ts';

const detailType = 'observation.reported';

const eventSchema = z.object({
  id: z.string().min(1),
  'detail-type': z.literal(detailType),
  time: instant,
  detail: z.object({
    service: z.string(),
    environment: z.string(),
    observation: observationSchema.shape.observation.optional(),
    kind: z.enum(observationKinds),
    bad: z.boolean(),
    subject: observationSchema.shape.subject.transform((text) => text.toWellFormed()),
    summary: observationSchema.shape.summary.transform((text) => text.toWellFormed()),
    observedAt: instant.optional(),
  }),
});

/** Our own bus: `observation.reported`, for producers other than CloudWatch alarms. */
export const ownBus = {
  via: 'bus',
  wiring: {
    kind: 'rule',
    rule: 'Observations',
    description: 'Observations on the bus of this stage',
    buses: ['own'],
    patterns: () => [{ detailType: [detailType] }],
    forwarded: { detailType: [detailType] },
  },
  read: (stage, event) => {
    const parsed = eventSchema.safeParse(event);
    return parsed.success ? deliveryOf(stage, parsed.data) : undefined;
  },
} as const satisfies Feed;

const deliveryOf = (stage: Services, { id, time, detail }: z.output<typeof eventSchema>): Delivery => {
  const { service, environment, observation, observedAt, ...seen } = detail;
  const known = stage.services.find((candidate) => candidate.name === service)?.environments.includes(environment) ?? false;
  if (!known)
    return unmapped(
      `an observation of service ${service.slice(0, 64)} in environment ${environment.slice(0, 64)}`,
      'names what this stage does not have',
    );
  return {
    observations: [{ ...seen, service, environment, via: 'bus', observation: observation ?? nameOf(id), observedAt: observedAt ?? time }],
    refused: [],
  };
};

/** The producer's id where a lane's name can hold it, else a digest of it. */
const nameOf = (id: string): string =>
  observationSchema.shape.observation.safeParse(id).success ? id : `event-${sha256(id).slice(0, 32)}`;
