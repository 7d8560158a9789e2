import type * as z from 'zod';

/** A time in a record, in milliseconds since 1970, and where it stands, such as `deliveries[0].sentAt`. */
export type RecordTime = { readonly at: number; readonly place: string };

/**
 * Every time that a value holds, as its schema says which members are times: a text that looks like one, as in the name of a backup, is left out.
 * The value has been read with the schema.
 */
export function* timesIn(schema: z.core.$ZodType, value: unknown, place = ''): Generator<RecordTime> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (value === undefined || value === null) return;
  if (def.type === 'optional' || def.type === 'nullable') yield* timesIn(def.innerType, value, place);
  else if (def.type === 'union') for (const option of def.options) yield* timesIn(option, value, place);
  else if (def.type === 'array' && Array.isArray(value))
    for (const [n, one] of value.entries()) yield* timesIn(def.element, one, `${place}[${n}]`);
  else if (def.type === 'object' && typeof value === 'object')
    for (const [name, member] of Object.entries(def.shape))
      yield* timesIn(member, (value as Readonly<Record<string, unknown>>)[name], place === '' ? name : `${place}.${name}`);
  else if (def.type === 'string' && 'format' in def && def.format === 'datetime' && typeof value === 'string')
    yield { at: Date.parse(value), place };
}
