import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

/** What the reports of the collectors have in common. */

/** Why such a report cannot be uploaded. */
export const insteadOfUpload = 'Holdpoint looks itself: configure what it looks at under `targets` in the stage file.';

export const instant = z.iso.datetime();
/** A text of the service or of AWS, as an event can hold it. */
export const foreignText = (most: number) => z.string().transform((text) => excerpt(text, most));

/** A report of a collector, read as its schema says. */
export const reportOf = <S extends z.ZodType>(schema: S, bytes: Uint8Array, expected: string): Outcome<z.infer<S>> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = schema.safeParse(json.ok);
  if (read.success) return { ok: read.data };
  return unreadable('The JSON is not such a report.', { got: firstIssue(read.error), expected, fix: insteadOfUpload });
};
