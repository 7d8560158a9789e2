import type { Platform } from '../../lib/checklist/targets.ts';
import type {
  Activity,
  Alarm,
  CloudWatchReader,
  Connection,
  DatabaseEvent,
  Hop,
  MetricQuery,
  PlatformHistory,
  PlatformReader,
  Resolver,
  Running,
  ServiceHistory,
  StateChange,
} from '../../lib/collectors/ports.ts';

/** What a service answers to a request, and to the n-th one, counted from 0. */
export type Answering = (
  hop: Hop,
  n: number,
) =>
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly ms?: number }
  | { readonly failed: string };

type Options = {
  readonly alarms?: readonly Alarm[];
  readonly history?: readonly StateChange[];
  readonly points?: (query: MetricQuery) => readonly (readonly [number, number])[];
  /** By function or service. */
  readonly running?: Readonly<Record<string, Running>>;
  readonly service?: ServiceHistory;
  readonly activities?: readonly Activity[];
  readonly databaseEvents?: readonly DatabaseEvent[];
  /** Why AWS refuses everything. */
  readonly aws?: string;
  /** A pause takes so many times as long as it should. */
  readonly pauseFactor?: number;
};
export type CollectorWorld = {
  readonly clock: { now(): Date };
  readonly resolver: Resolver;
  readonly connection: Connection;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly cloudwatch: CloudWatchReader;
  readonly platform: PlatformReader;
  readonly history: PlatformHistory;
  readonly sent: Hop[];
  readonly elapsedMs: () => number;
};

/** The collectors' ports in memory: a service under one public address, CloudWatch, and platforms. Time passes by answers and pauses only. */
export const collectorWorld = (
  answering: Answering,
  options: Options = {},
  time: { readonly now: () => Date; readonly advance: (ms: number) => void } = passing(),
): CollectorWorld => {
  const sent: Hop[] = [];
  const began = time.now().getTime();
  const orDenied = <T>(value: T): T | { readonly failed: string } => (options.aws === undefined ? value : { failed: options.aws });
  const nameOf = (platform: Exclude<Platform, { kind: 'reported' }>): string =>
    platform.kind === 'lambda-alias' ? platform.function : platform.service;
  return {
    sent,
    elapsedMs: () => time.now().getTime() - began,
    clock: { now: time.now },
    resolver: { resolve: async () => ({ addresses: ['8.8.8.8'] }) },
    connection: {
      send: async (hop) => {
        const answer = answering(hop, sent.length);
        sent.push(hop);
        if ('failed' in answer) return answer;
        time.advance(answer.ms ?? 1);
        return {
          status: answer.status,
          headers: answer.headers ?? {},
          body: new TextEncoder().encode(answer.body ?? ''),
          truncated: false,
        };
      },
    },
    pause: async (milliseconds) => time.advance(milliseconds * (options.pauseFactor ?? 1)),
    cloudwatch: {
      alarms: async (_place, names) => orDenied({ alarms: (options.alarms ?? []).filter(({ name }) => names.includes(name)) }),
      history: async () => orDenied({ changes: options.history ?? [] }),
      points: async (_place, queries) =>
        queries.map((query) =>
          orDenied({ points: (options.points?.(query) ?? []).filter(([at]) => at >= query.from && at < query.until) }),
        ),
    },
    history: {
      service: async () => orDenied(options.service ?? { events: [], running: [], stopped: [] }),
      activities: async () => orDenied({ activities: options.activities ?? [] }),
      databaseEvents: async () => orDenied({ events: options.databaseEvents ?? [] }),
    },
    platform: {
      running: async (platform) => orDenied(options.running?.[nameOf(platform)] ?? { failed: 'lambda answered ResourceNotFoundException' }),
    },
  };
};

const passing = () => {
  let at = Date.parse('2026-03-02T08:00:00.000Z');
  return {
    now: () => new Date(at),
    advance: (ms: number) => {
      at += ms;
    },
  };
};
