/** One JSON line per call, with the same member names everywhere. Values are redacted before they reach the logger. */
export type Log = {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Expected problems that operators may want to count: unknown event shapes, refused observations. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  fault(thrown: unknown, fields: Readonly<Record<string, unknown>>): void;
};

/** Patterns of secrets in any text: JWTs, bearer headers, signed cookies and nonces, task tokens, links, mail addresses. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[token]'],
  [/\bBearer\s+\S+/gi, 'Bearer [token]'],
  [/\/approvals\/[\w-]+/g, '/approvals/[link]'],
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '[address]'],
  [/[A-Za-z0-9+/_=-]{120,}/g, '[long text]'],
];

/** Longer texts are cut, in characters. */
const longest = 2_000;

export const redacted = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') {
    // Half a secret matches no pattern. So secrets are replaced before the text is cut to its length, and the first cut, which bounds the
    // work, also drops the word that it cuts.
    const isLong = value.length > 2 * longest;
    const whole = isLong ? value.slice(0, 2 * longest).replace(/\S*$/, '') : value;
    const text = secrets.reduce((safe, [pattern, instead]) => safe.replace(pattern, instead), whole);
    return isLong || text.length > longest ? `${text.slice(0, longest)}…` : text;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 4) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redacted(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      /token|secret|authorization|cookie|nonce|password/i.test(name) ? '[redacted]' : redacted(member, depth + 1),
    ]),
  );
};

/** Name, message, stack and causes of an error, without the other values that an error class may carry. */
const serializeError = (thrown: unknown, depth = 0): unknown => {
  if (!(thrown instanceof Error) || depth > 4) return redacted(String(thrown));
  return {
    name: thrown.name,
    message: redacted(thrown.message),
    stack: redacted(thrown.stack ?? ''),
    ...(thrown.cause === undefined ? {} : { cause: serializeError(thrown.cause, depth + 1) }),
  };
};

/** Straight to the stream: Lambda would write the words of `console` around the line. */
const write = (functionName: string, level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: object): void => {
  const { _X_AMZN_TRACE_ID: trace } = process.env;
  const [, root] = /Root=([^;]+)/.exec(trace ?? '') ?? [];
  const common = { level, message, timestamp: new Date().toISOString(), service: 'holdpoint', function: functionName };
  const line = { ...fields, ...common, ...(root === undefined ? {} : { xray_trace_id: root }) };
  process[level === 'INFO' ? 'stdout' : 'stderr'].write(`${JSON.stringify(line)}\n`);
};

export const createLog = (functionName: string): Log => ({
  info: (message, fields) => write(functionName, 'INFO', message, redacted(fields) as object),
  warn: (message, fields) => write(functionName, 'WARN', message, redacted(fields) as object),
  fault: (thrown, fields) => write(functionName, 'ERROR', 'fault', { ...(redacted(fields) as object), fault: serializeError(thrown) }),
});
