import { mostJson } from '../evidence/kind.ts';
import { schemaOf } from '../evidence/record.ts';
import type { RecordKind } from '../evidence/records/kind.ts';
import { firstIssue } from '../evidence/unreadable.ts';
import { counted } from '../wording.ts';
import { type Io, Usage } from './io.ts';
import { jsonText } from './plain.ts';

/** Writes a record to a file. One that Holdpoint would refuse is not written: Usage says why. */
export const writeRecord = async (
  io: Io,
  kind: RecordKind,
  { record, output }: { readonly record: object; readonly output: string },
): Promise<void> => {
  const read = schemaOf(kind).safeParse(record);
  if (!read.success)
    throw new Usage(`the record does not fit its schema at ${firstIssue(read.error)}${valueAt(record, read.error.issues[0]?.path)}`);
  const text = jsonText(record);
  const bytes = Buffer.byteLength(text);
  if (bytes > mostJson)
    throw new Usage(`the record would have ${counted(bytes, 'byte')}, and ${mostJson} at most are possible: let it be about less`);
  await io.writeFile(output, text);
};

/** The text that does not fit, such as the name of a file, so that people find it. */
const valueAt = (record: unknown, path: readonly PropertyKey[] = []): string => {
  const value = path.reduce<unknown>((at, name) => (at as Readonly<Record<PropertyKey, unknown>> | undefined)?.[name], record);
  return typeof value === 'string' ? `; got ${JSON.stringify(value).slice(0, 200)}` : '';
};
