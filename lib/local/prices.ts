/**
 * What AWS bills for a run, as list prices in US dollars without any free tier: region us-east-1, as listed in June 2026. Sources are the pages
 * "Pricing" of each service: aws.amazon.com/step-functions/pricing, /lambda/pricing (arm64, the start of a function included),
 * /dynamodb/pricing/on-demand, /api-gateway/pricing (HTTP API), /eventbridge/pricing (custom events and Scheduler), /ses/pricing,
 * /kms/pricing, /s3/pricing (S3 Standard), /cloudwatch/pricing (logs), /sns/pricing.
 * What a stage costs without a run (keys, alarms, the sweep and the watch of every minute) and what is stored is in none of these.
 */
export const pricedAt = { asOf: '2026-06', region: 'us-east-1' } as const;

type Price = {
  /** Dollars for `per` pieces. */
  readonly dollars: number;
  readonly per: number;
  /** One piece. */
  readonly piece: string;
  /** What is paid for, as people read it. */
  readonly words: string;
};

const million = 1_000_000;

export const prices = {
  transitions: { words: 'transitions', dollars: 0.025, per: 1000, piece: 'a state that the state machine enters' },
  invocations: { words: 'calls of functions', dollars: 0.2, per: million, piece: 'a call of a function' },
  gigabyteSeconds: { words: 'running functions', dollars: 0.0000133334, per: 1, piece: 'a second of a function with 1 GB, on arm64' },
  writeUnits: { words: 'writes', dollars: 0.625, per: million, piece: 'a write of 1 KB to a table, on demand' },
  readUnits: { words: 'reads', dollars: 0.125, per: million, piece: 'a consistent read of 4 KB from a table, on demand' },
  apiRequests: { words: 'API requests', dollars: 1, per: million, piece: 'a request to the HTTP API, up to 512 KB' },
  busEvents: { words: 'events on the bus', dollars: 1, per: million, piece: 'an event of up to 64 KB put on a bus of ours' },
  schedules: { words: 'schedules', dollars: 1, per: million, piece: 'a schedule that fires' },
  mails: { words: 'mails', dollars: 0.1, per: 1000, piece: 'a mail to one address' },
  pages: { words: 'pages to people on duty', dollars: 0.5, per: million, piece: 'a message published to a topic' },
  keyRequests: { words: 'KMS requests', dollars: 0.03, per: 10_000, piece: 'a request to a symmetric or an HMAC key' },
  objectsWritten: { words: 'objects stored', dollars: 0.005, per: 1000, piece: 'an object stored' },
  objectsRead: { words: 'objects read', dollars: 0.0004, per: 1000, piece: 'an object read' },
  figuresRead: {
    words: 'questions to CloudWatch',
    dollars: 0.01,
    per: 1000,
    piece: 'a question to CloudWatch about alarms or the figures of one metric',
  },
  logBytes: { words: 'logs', dollars: 0.5, per: 2 ** 30, piece: 'a byte written to a log' },
} as const satisfies Readonly<Record<string, Price>>;

export type Billed = keyof typeof prices;
export const billed = Object.keys(prices) as readonly Billed[];

/** How much of each a run used. */
export type BilledCounts = Readonly<Record<Billed, number>>;
/** Dollars, in all and for each kind of piece. */
export type Cost = { readonly total: number; readonly parts: BilledCounts };

/**
 * What these counts cost. Throws a `RangeError` where a count is missing, is not a number from 0 up, or has no price: what is not counted is not
 * free.
 */
export const costOf = (counts: BilledCounts): Cost => {
  const unpriced = Object.keys(counts).filter((name) => !Object.hasOwn(prices, name));
  if (unpriced.length > 0)
    throw new RangeError(`cost: got a count of ${unpriced.join(', ')}, expected ${billed.join(', ')}; add its price`);
  const parts = Object.fromEntries(
    billed.map((name) => {
      const count: unknown = counts[name];
      if (typeof count !== 'number' || !Number.isFinite(count) || count < 0)
        throw new RangeError(`cost: got ${String(count)} for ${name}, expected a number from 0 up: ${prices[name].piece}`);
      return [name, (count * prices[name].dollars) / prices[name].per];
    }),
  ) as Record<Billed, number>;
  return { total: billed.reduce((sum, name) => sum + parts[name], 0), parts };
};

/** Dollars to a hundredth of a cent, and the parts that cost most, largest first. */
export const costInWords = ({ total, parts }: Cost, most = 4): string => {
  const largest = billed.toSorted((a, b) => parts[b] - parts[a]).slice(0, most);
  return `$${total.toFixed(4)} (${largest.map((name) => `${prices[name].words} ${parts[name].toFixed(4)}`).join(', ')})`;
};
