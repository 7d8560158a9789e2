import { canonical, sha256 } from '../canonical-json.ts';
import { IntegrityFault } from '../outcome.ts';
import { type AuditEvent, type Draft, type EventType, eventSchema, type Stored } from './event.ts';

/** Where an event goes: behind the lane's last event, or at the lane's start with its parent hash as `prev`. */
export type Place = { readonly seq: number; readonly prev: string };

/** Lane names are printable ASCII above `#`, so that sort keys order as lane names do and no lane's range holds another lane. */
const laneName = /^[$-~]+$/;

/** Names a logical step of a lane for ever: every retry of the step finds its own event by it. 32 hex digits. */
export const eventId = (scope: string, lane: string, step: string): string => sha256(`${scope}\n${lane}\n${step}`).slice(0, 32);

/** The event of a draft at its place, with the bytes that are stored and their hash. `mac`: see `authorityMessage`. */
export const makeEvent = <T extends EventType>(draft: Draft<T>, place: Place, at: Date, mac: string | null = null): Stored<T> => {
  const { scope, lane, step, type, actor, data } = draft as Draft;
  if (!laneName.test(lane))
    throw new TypeError(`lane name: got ${JSON.stringify(lane)}, expected printable ASCII without space, !, " and #`);
  const id = eventId(scope, lane, step);
  const event = eventSchema.parse({ v: 1, id, scope, lane, ...place, type, at: at.toISOString(), actor, mac, data });
  const bytes = canonical(event);
  return { event, bytes, hash: sha256(bytes) } as Stored<T>;
};

/** Reads stored bytes back. Throws `IntegrityFault` for bytes that are not an event in its one canonical form. */
export const parseStored = (bytes: string): Stored => {
  let json: unknown;
  try {
    json = JSON.parse(bytes);
  } catch (cause) {
    throw new IntegrityFault('stored event: the bytes are not JSON', { cause });
  }
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success)
    throw new IntegrityFault('stored event: the bytes do not fit the schema of their event type', { cause: parsed.error });
  const event: AuditEvent = parsed.data;
  if (canonical(event) !== bytes) throw new IntegrityFault(`stored event ${event.id}: the bytes are not in canonical form`);
  return { event, bytes, hash: sha256(bytes) };
};
