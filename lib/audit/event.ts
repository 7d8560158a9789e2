import * as z from 'zod';
import { digestSchema, instantSchema } from '../fields.ts';
import type { AuthorityKind } from './event-definition.ts';
import { approvalEvents } from './events/approval.ts';
import { checkEvents } from './events/check.ts';
import { deploymentEvents } from './events/deployment.ts';
import { environmentEvents } from './events/environment.ts';
import { evidenceEvents } from './events/evidence.ts';
import { followUpEvents } from './events/follow-up.ts';
import { gateEvents } from './events/gate.ts';
import { incidentEvents } from './events/incident.ts';
import { installationEvents } from './events/installation.ts';
import { measurementEvents } from './events/measurement.ts';
import { noticeEvents } from './events/notice.ts';
import { observationEvents } from './events/observation.ts';
import { profileEvents } from './events/profile.ts';
import { refusalEvents } from './events/refusal.ts';
import { rollbackEvents } from './events/rollback.ts';
import { runEvents } from './events/run.ts';
import { standingEvents } from './events/standing.ts';

/** Every event type: the schema of its data, and who must vouch for it. A new type is one entry in the file of its family. */
const definitions = {
  ...installationEvents,
  ...runEvents,
  ...evidenceEvents,
  ...standingEvents,
  ...checkEvents,
  ...gateEvents,
  ...incidentEvents,
  ...approvalEvents,
  ...noticeEvents,
  ...deploymentEvents,
  ...observationEvents,
  ...measurementEvents,
  ...rollbackEvents,
  ...environmentEvents,
  ...profileEvents,
  ...followUpEvents,
  ...refusalEvents,
} as const;

export type EventType = keyof typeof definitions;
export const eventTypes = Object.keys(definitions) as EventType[];
/** Whether an event of the type can say from which address a person sent it. */
export const takesSourceAddress = (type: EventType): boolean => 'sourceAddress' in definitions[type].data.shape;
export type DataOf<T extends EventType> = z.infer<(typeof definitions)[T]['data']>;

/** HMAC-SHA-256, base64url without padding. */
const macSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const actorSchema = z.strictObject({
  kind: z.enum(['ci', 'person', 'system']),
  /** A configured identity, a random person id, or the name of our own function. Never a name, a mail address or a subject. */
  id: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

/** What a writer wants to record; the append finds its place in the lane. */
export type Draft<T extends EventType = EventType> = T extends EventType
  ? {
      readonly scope: string;
      readonly lane: string;
      /** Names the logical step inside the lane. The event's id is made of scope, lane and step, so that a retry finds its own event. */
      readonly step: string;
      readonly type: T;
      readonly actor: Actor;
      readonly data: DataOf<T>;
    }
  : never;

/** An immutable audit event as it is hashed: RFC 8785 bytes of exactly these members. */
export type AuditEvent<T extends EventType = EventType> = T extends EventType
  ? {
      readonly v: 1;
      readonly id: string;
      readonly scope: string;
      readonly lane: string;
      /** 1 for a lane's first event. */
      readonly seq: number;
      /** Hash of the event before it in the lane; a first event carries the parent hash, that of the event that opened the lane. */
      readonly prev: string;
      readonly type: T;
      readonly at: string;
      readonly actor: Actor;
      /** Of `authorityMessage`, by a writer who may vouch for such events; null for an event that any writer may record. */
      readonly mac: string | null;
      readonly data: DataOf<T>;
    }
  : never;

/** An event together with the bytes that are stored and their hash. */
export type Stored<T extends EventType = EventType> = { readonly event: AuditEvent<T>; readonly bytes: string; readonly hash: string };

/** The members of every event but `type` and `data`. */
export const envelope = {
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  scope: z.string(),
  lane: z.string(),
  seq: z.int().min(1),
  prev: digestSchema,
  at: instantSchema,
  actor: actorSchema,
  mac: macSchema.nullable(),
};

/** One schema for all event types: a stored event that does not fit it is an integrity fault. */
export const eventSchema = z.discriminatedUnion(
  'type',
  eventTypes.map((type) => z.strictObject({ ...envelope, type: z.literal(type), data: definitions[type].data })) as never,
) as unknown as z.ZodType<AuditEvent>;

/** Who may vouch for the event: any one of the kinds must; none has to when the list is empty. */
export const authoritiesOf = ({ type, data }: Pick<AuditEvent, 'type' | 'data'>): readonly AuthorityKind[] =>
  definitions[type].authorities(data as never);

export const isType =
  <T extends EventType>(type: T) =>
  (stored: Stored): stored is Stored<T> =>
    stored.event.type === type;

/** Events by lane, in the order in which they were given; lanes in order of name. */
export const byLane = (events: readonly Stored[]): ReadonlyMap<string, readonly Stored[]> => {
  const lanes = new Map<string, Stored[]>();
  for (const stored of events) {
    const own = lanes.get(stored.event.lane);
    if (own === undefined) lanes.set(stored.event.lane, [stored]);
    else own.push(stored);
  }
  return new Map([...lanes].sort(([a], [b]) => (a < b ? -1 : 1)));
};
