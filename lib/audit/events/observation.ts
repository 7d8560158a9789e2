import * as z from 'zod';
import { digestSchema, instantSchema, nameSchema, observationKinds } from '../../fields.ts';
import { addressed, defineEvent } from '../event-definition.ts';

export const labels = ['true', 'false', 'explained'] as const;

export const observationEvents = {
  'observation.recorded': defineEvent('any-writer', {
    observation: z.string(),
    /** How it arrived: `api`, or the name of a feed in lib/feeds. */
    via: nameSchema,
    kind: z.enum(observationKinds),
    bad: z.boolean(),
    /** What it is about. Of an alarm its name, also where a person reports it. */
    subject: z.string(),
    /** Of an alarm whose feed says it: account and region, such as `111122223333/eu-central-1`. Alarms of one name stand in several. */
    where: z.string().optional(),
    /** What a machine reported; of a person's words only the digest is recorded. */
    summary: z.string(),
    words: digestSchema.nullable(),
    observedAt: instantSchema,
    /** Set when it counts for no trigger and no label: why. */
    setAside: z.string().optional(),
    /** Of a composite alarm: the names of the alarms that it stands for. */
    children: z.array(z.string()).optional(),
    /** The announcement for which it is set aside: its event, who announced it, the digest of the reason, and the end of its window. */
    announced: z.strictObject({ event: z.string(), by: z.string(), reason: digestSchema, until: instantSchema.optional() }).optional(),
    ...addressed,
  }),
  /** CloudWatch does not know the state of an alarm (any more). It is no observation of anything, so no reader of those meets it. */
  'alarm.unknown': defineEvent('any-writer', {
    /** Names the change, as an observation's id does. */
    observation: z.string(),
    via: nameSchema,
    subject: z.string(),
    where: z.string().optional(),
    summary: z.string(),
    observedAt: instantSchema,
  }),
  'observation.labelled': defineEvent('people', {
    observation: z.string(),
    label: z.enum(labels),
    by: z.string(),
    explanation: digestSchema,
  }),
} as const;
