import { spanOf } from './report-time.ts';

type Entry = Readonly<Record<string, unknown>>;
type Span = ReturnType<typeof spanOf>;

/**
 * Names of the fields by which an entry tells its time, its level and its message, as these write them; the case does not matter, and
 * `a.b` may be written flat or nested. What stands under another name is not known, so the entry lacks it.
 * pino, Bunyan, Winston, zap, zerolog, logrus, slog, structlog, Powertools for AWS Lambda and Lambda's JSON logs: their documentation.
 * Elastic Common Schema and logback: elastic.co/docs/reference/ecs, `@timestamp` and `log.level`.
 * python-json-logger and the standard library of Python: attributes of a LogRecord (`asctime`, `levelname`). Monolog: JsonFormatter (`level_name`).
 * Log4j 2: JsonLayout (`instant.epochSecond`, before 2.11 `timeMillis`). Serilog: clef-json.org, and JsonFormatter (`Timestamp`, `MessageTemplate`).
 * .NET: JsonConsoleFormatter (`Timestamp`, `LogLevel`, `Message`). Rust: tracing-subscriber's format::Json (`fields.message`).
 * Loguru: `serialize` (`record.level.name`). Google Cloud: LogEntry (`textPayload`, `jsonPayload.message`). GELF 1.1 (`short_message`).
 * OpenTelemetry: LogRecord of OTLP (`timeUnixNano`, `severityText`, `severityNumber`, `body`). systemd: journal-fields(7) (`PRIORITY`).
 */
const names = {
  time: [
    ...['time', 'timestamp', '@timestamp', 'ts', 'date', 'datetime', 'eventTime', '@t', 'asctime', 'instant.epochSecond', 'timeMillis'],
    ...['record.time.timestamp', 'timeUnixNano', 'observedTimeUnixNano', '__REALTIME_TIMESTAMP'],
  ],
  level: [
    ...['level', 'severity', 'lvl', 'log.level', 'loglevel', 'levelname', 'level_name', 'severityText', '@l'],
    ...['record.level.name', 'severityNumber', 'PRIORITY'],
  ],
  message: [
    ...['message', 'msg', 'event', '@message', '@m', '@mt', 'body', 'fields.message', 'messageTemplate', 'renderedMessage'],
    ...['record.message', 'textPayload', 'jsonPayload.message', 'short_message'],
  ],
} as const;

/** Fields whose numbers are written as texts, because they are longer than numbers of JSON are safe: nanoseconds and microseconds. */
const longNumbers: readonly string[] = ['timeUnixNano', 'observedTimeUnixNano', '__REALTIME_TIMESTAMP'];

/**
 * What Lambda itself writes into a log group of JSON: a time, a type and a record, no level and no message ("Lambda Telemetry API Event schema
 * reference").
 */
const platformTypes: ReadonlySet<string> = new Set(
  [
    ...['initStart', 'initRuntimeDone', 'initReport', 'start', 'runtimeDone', 'report', 'restoreStart', 'restoreRuntimeDone'],
    ...['restoreReport', 'telemetrySubscription', 'logsSubscription', 'extension', 'fault', 'logsDropped', 'end'],
  ].map((type) => `platform.${type}`),
);

/** Numbers that pino and Bunyan write for levels, and Monolog (beside `level_name`). */
const numbered: Readonly<Record<number, string>> = {
  ...{ 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' },
  ...{ 100: 'debug', 200: 'info', 250: 'notice', 300: 'warning', 400: 'error', 500: 'critical', 550: 'alert', 600: 'emergency' },
};

/** `isPlatform`: the platform wrote it, and no application. `lacks`: the first thing that the entry does not tell. */
export type ReadEntry = {
  readonly isPlatform: boolean;
  readonly time: Span;
  readonly level: string | undefined;
  readonly lacks: 'a time' | 'a level' | 'a message' | undefined;
};

/** Most entries have the very names. */
export const readEntry = (entry: Entry): ReadEntry => {
  const read = readNamed(entry, entry, ways.exact);
  return read.lacks === undefined ? read : readNamed(entry, lowered(entry), ways.small);
};

const readNamed = (entry: Entry, own: Entry, { time: times, level: levels, message: messages }: Ways): ReadEntry => {
  const time = timeOf(fieldOf(own, times));
  const isPlatform = platformTypes.has(String(entry.type)) && typeof entry.record === 'object' && entry.record !== null;
  if (isPlatform) return { isPlatform, time, level: undefined, lacks: time === undefined ? 'a time' : undefined };
  const level = levelOf(fieldOf(own, levels)?.value) ?? impliedLevel(entry);
  const message = fieldOf(own, messages)?.value;
  const lacks = time === undefined ? 'a time' : level === undefined ? 'a level' : saysNothing(message) ? 'a message' : undefined;
  return { isPlatform, time, level, lacks };
};

/**
 * Whether an object looks like an entry of a log: it is whole, or has a field under the very name. Other tools write objects in lines, too, some
 * of them with a time whose name begins with an upper-case sign.
 */
export const isEntry = (entry: Entry): boolean =>
  readEntry(entry).lacks === undefined ||
  impliedLevel(entry) !== undefined ||
  Object.values(names).some((some) => some.some((name) => valueAt(entry, name) !== undefined));

const saysNothing = (message: unknown): boolean => message == null || (typeof message === 'string' && message.trim() === '');

/** Serilog's compact format leaves out the level of what is informational (clef-json.org: "Absence implies 'informational'"). */
const impliedLevel = (entry: Entry): string | undefined =>
  Object.hasOwn(entry, '@t') && !Object.hasOwn(entry, '@l') ? 'information' : undefined;

/** The members with their names in lower case; of two that differ in nothing else the first. */
const lowered = (entry: Entry): Entry => {
  const own = new Map<string, unknown>();
  for (const [name, value] of Object.entries(entry)) {
    const small = name.toLowerCase();
    if (!own.has(small)) own.set(small, value);
  }
  return Object.fromEntries(own);
};

/** Each name whole and in parts. */
type Way = { readonly name: string; readonly whole: string; readonly first: string; readonly rest: readonly string[] };
type Ways = Readonly<Record<keyof typeof names, readonly Way[]>>;
const waysBy = (spelled: (name: string) => string): Ways => {
  const waysOf = (some: readonly string[]): readonly Way[] =>
    some.map((name) => {
      const [first = '', ...rest] = name.split('.');
      return { name, whole: spelled(name), first: spelled(first), rest };
    });
  return { time: waysOf(names.time), level: waysOf(names.level), message: waysOf(names.message) };
};
const ways = { exact: waysBy((name) => name), small: waysBy((name) => name.toLowerCase()) };

const fieldOf = (own: Entry, some: readonly Way[]): { readonly name: string; readonly value: unknown } | undefined => {
  for (const { name, whole, first, rest } of some) {
    if (Object.hasOwn(own, whole)) return { name, value: own[whole] };
    const value = rest.length === 0 || !Object.hasOwn(own, first) ? undefined : inner(own[first], rest);
    if (value !== undefined) return { name, value };
  }
  return undefined;
};

const inner = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Entry)[name] : undefined),
    value,
  );
const valueAt = (entry: Entry, name: string): unknown => (Object.hasOwn(entry, name) ? entry[name] : inner(entry, name.split('.')));

/** A text, or seconds, milliseconds, microseconds or nanoseconds since 1970. */
const timeOf = (field: ReturnType<typeof fieldOf>): Span => {
  if (field === undefined) return undefined;
  const { name, value } = field;
  if (typeof value === 'string')
    return longNumbers.includes(name) && /^\d{16,19}$/.test(value) ? spanOfNumber(Number(value)) : spanOf(value);
  return typeof value === 'number' ? spanOfNumber(value) : undefined;
};

const spanOfNumber = (value: number): Span => {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const scale = [1000, 1, 1e-3, 1e-6].find((one) => value * one >= 946_684_800_000 && value * one < 4_102_444_800_000);
  return scale === undefined ? undefined : { from: value * scale, to: value * scale };
};

/**
 * Levels as loggers write them, in lower case: those of syslog (RFC 5424, with its short names), Log4j, java.util.logging, Python, .NET, npm
 * and Winston, Loguru, zap, Elixir, Google Cloud (`default`) and NestJS (`log`). Another word is no level that anybody could filter by.
 */
const levels: ReadonlySet<string> = new Set(
  (
    'trace finest finer fine silly verbose config debug info information informational http log default notice success ' +
    'warn warning error err severe critical crit fatal alert emerg emergency panic dpanic'
  ).split(' '),
);
/** OpenTelemetry has four steps of each level (`INFO2`), and slog writes what lies between two as a distance (`INFO+2`). */
const stepped = /^(?:trace|debug|info|warn|error|fatal)[2-4]$|^(?:debug|info|warn|error)[+-]\d{1,3}$/;

const levelOf = (value: unknown): string | undefined => {
  if (typeof value === 'number') return levelOfNumber(value);
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (/^\d{1,2}$/.test(word)) return levelOfNumber(Number(word));
  return levels.has(word) || stepped.test(word) ? word : undefined;
};

/** 0 to 7 of syslog, 1 to 24 of OpenTelemetry, and those of pino and Bunyan. */
const levelOfNumber = (value: number): string | undefined =>
  numbered[value] ?? (Number.isInteger(value) && value >= 0 && value <= 24 ? `level ${value}` : undefined);
