import * as z from 'zod';
import { jsonFlawOf } from '../json-flaw.ts';
import { deepestNesting, evidenceType, mostJson, mostStreamed } from './kind.ts';
import { isEntry, readEntry } from './log-entry.ts';
import { type Parsed, type spanOf, timeOfParts } from './report-time.ts';
import { scrubbedLines } from './scrubbed-lines.ts';
import { sensitiveReader } from './sensitive.ts';
import { looselyRead } from './text-encoding.ts';
import { linesOf, unreadable } from './unreadable.ts';

const count = z.int().min(0);
const facts = z.strictObject({
  type: z.literal('log-sample'),
  /** Lines that are not empty. */
  lines: count.describe('lines'),
  /** Lines that are one JSON object each. */
  objects: count.describe('lines that are JSON objects'),
  /** Objects with a time, a level and a message under one of their usual names. */
  complete: count.describe('objects with time, level and message'),
  /** Objects that the platform wrote, and no application; absent without any, and in older facts. */
  platform: count.optional().describe('objects of the platform'),
  /** The first line that is no JSON object, and the first object that lacks a field, by its number from 1. */
  firstUnstructured: count.nullable().describe('first line that is no JSON object'),
  firstIncomplete: z
    .strictObject({ line: count.describe('line'), lacks: z.string().describe('lacks') })
    .nullable()
    .describe('first object without all fields'),
  levels: z.record(z.string(), count).describe('lines of the level'),
  /** Secrets and personal data, by kind: how often, and in which line first. The text itself is kept nowhere. */
  sensitive: z.array(z.strictObject({ kind: z.string(), found: count, firstLine: count })).describe('secrets and personal data'),
});
export type LogSampleFacts = z.infer<typeof facts>;

const mostLevels = 20;

const expected = 'one JSON object in each line (JSONL)';

export const logSample = evidenceType({
  id: 'log-sample',
  description: 'Lines of a log, one JSON object each (JSONL)',
  fileNames: ['*.jsonl', '*.ndjson', '*.log.json'],
  mediaTypes: ['application/x-ndjson', 'application/jsonl', 'text/plain'],
  maxBytes: mostStreamed,
  facts,
  // One object in a single line may be any JSON report. Other tools write objects in lines, too, and none of what an entry of a log has.
  recognises: ({ head }) => {
    const [first, second] = head
      .split('\n', 10)
      .filter((line) => line.trim() !== '')
      .map((line) => objectOf(line.trim()));
    return first !== undefined && second !== undefined && [first, second].some(isEntry);
  },
  fieldWords: ({ lines, objects, complete, platform, levels, sensitive }) => ({
    lines,
    objects,
    complete,
    ...(platform === undefined ? {} : { platform }),
    levels,
    sensitive: sensitive.map(({ kind, found }) => ({ kind, found })),
  }),
  parse: (bytes) => parse(bytes),
  scrub: (bytes) => scrubbedLines(bytes, 'all'),
  sample: 'shop.jsonl',
});

type Counted = { -readonly [Name in keyof Omit<LogSampleFacts, 'sensitive' | 'levels' | 'platform'>]: LogSampleFacts[Name] } & {
  /** A map, because an application may call a level `constructor`. */
  readonly levels: Map<string, number>;
  platform: number;
};

const parse = (bytes: Uint8Array): Parsed<LogSampleFacts> => {
  if (/^\s*</.test(looselyRead(bytes, 400)))
    return unreadable('The report is a page or XML, and no log.', {
      got: 'a text that begins with <',
      expected,
      fix: 'Send lines of the log itself.',
    });
  if (isOneDocument(bytes))
    return unreadable('The report is one JSON document, and no log.', {
      got: 'one JSON value over all lines',
      expected,
      fix: 'Send lines of the log itself. Write the entries of a list into lines with `jq -c ".[]"`.',
    });
  const counted: Counted = {
    type: 'log-sample',
    lines: 0,
    objects: 0,
    complete: 0,
    platform: 0,
    firstUnstructured: null,
    firstIncomplete: null,
    levels: new Map(),
  };
  const sensitive = new Map<string, { found: number; firstLine: number }>();
  let last: ReturnType<typeof spanOf>;
  let number = 0;
  const sensitiveOf = sensitiveReader();
  for (const written of linesOf(bytes, expected)) {
    if (typeof written !== 'string') return written;
    number += 1;
    const line = written.trim();
    if (line === '') continue;
    counted.lines += 1;
    for (const { kind, continued } of sensitiveOf(line)) {
      if (continued) continue;
      const before = sensitive.get(kind);
      sensitive.set(kind, { found: (before?.found ?? 0) + 1, firstLine: before?.firstLine ?? number });
    }
    const entry = objectOf(line);
    if (entry === undefined) counted.firstUnstructured ??= number;
    else last = countEntry(counted, entry, number) ?? last;
  }
  const { platform, ...read } = counted;
  return {
    ok: {
      ...read,
      ...(platform === 0 ? {} : { platform }),
      levels: Object.fromEntries(counted.levels),
      sensitive: [...sensitive].map(([kind, one]) => ({ kind, ...one })).sort((a, b) => (a.kind < b.kind ? -1 : 1)),
    },
    reportTime: timeOfParts([last]),
  };
};

/** Whether the lines are one list, or one object that does not fit in a line: the report of a tool, or an export that is not in lines. */
const isOneDocument = (bytes: Uint8Array): boolean => {
  if (bytes.byteLength > mostJson) return false;
  const text = looselyRead(bytes).trim();
  const isObject = text.startsWith('{') && text.includes('\n');
  if (!isObject && !text.startsWith('[')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Counts an object, and returns its time. */
const countEntry = (counted: Counted, entry: Readonly<Record<string, unknown>>, line: number): ReturnType<typeof spanOf> => {
  counted.objects += 1;
  const { isPlatform, time, level, lacks } = readEntry(entry);
  if (lacks !== undefined) counted.firstIncomplete ??= { line, lacks };
  else if (isPlatform) counted.platform += 1;
  else counted.complete += 1;
  if (level !== undefined && (counted.levels.has(level) || counted.levels.size < mostLevels))
    counted.levels.set(level, (counted.levels.get(level) ?? 0) + 1);
  return time;
};

/** An object that a reader and a person see alike: no name twice, not nested too deep. */
const objectOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return jsonFlawOf(line, deepestNesting, true) === undefined ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};
