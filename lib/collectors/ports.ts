import type { AwsPlace, Platform } from '../checklist/targets.ts';
import type { alarmStates } from '../fields.ts';

/**
 * What the collectors need from the world. Each function answers a failure as a value with its reason: a service that cannot be asked is a
 * result, and only a fault of Holdpoint's own storage is thrown.
 */

export type Failed = { readonly failed: string };

/** The addresses of a name, at most a few; none is a failure. */
export interface Resolver {
  resolve(host: string): Promise<{ readonly addresses: readonly string[] } | Failed>;
}

/** One request to one address. It follows no redirect, uses no proxy, and reuses no connection. */
export interface Connection {
  send(request: Hop): Promise<HopAnswer | Failed>;
}
export type Hop = {
  readonly url: URL;
  /** Connected to, whatever the name of the URL resolves to by now. The name stays in `Host` and in the TLS handshake. */
  readonly address: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** For all of it: connecting, sending, and reading the answer. */
  readonly timeoutMs: number;
  /** The rest of a longer body is not read. */
  readonly maxBytes: number;
};
export type HopAnswer = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whether the body is longer than what was read of it. */
  readonly truncated: boolean;
};

export interface CloudWatchReader {
  /** Metric and composite alarms of these names; one that does not exist is left out. */
  alarms(place: AwsPlace, names: readonly string[]): Promise<{ readonly alarms: readonly Alarm[] } | Failed>;
  /** The changes of state of one alarm since an instant, oldest first. CloudWatch keeps them for 30 days. */
  history(place: AwsPlace, alarm: string, since: string): Promise<{ readonly changes: readonly StateChange[] } | Failed>;
  /**
   * Of each query, in their order, the points from its `from` until before its `until`, or why they could not be read. They are asked for
   * together, and one that is refused leaves the others readable. Points without data are left out.
   */
  points(place: AwsPlace, queries: readonly MetricQuery[]): Promise<readonly ReadPoints[]>;
}
export type AlarmState = (typeof alarmStates)[number];
export type Alarm = {
  readonly name: string;
  readonly state: AlarmState;
  readonly stateSince: string | null;
  readonly actionsEnabled: boolean;
  /** What happens when the alarm goes off. */
  readonly actions: number;
};
export type StateChange = { readonly at: string; readonly to: AlarmState };
/** Instants in milliseconds since 1970, increasing. */
export type MetricPoints = readonly (readonly [at: number, value: number])[];
export type ReadPoints = { readonly points: MetricPoints } | Failed;
export type MetricQuery = {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  /** Milliseconds since 1970, on whole periods; `until` is not included. */
  readonly from: number;
  readonly until: number;
};

export interface PlatformReader {
  /** What runs there now. A place that runs two versions at once is a failure, and its reason says so. */
  running(platform: Exclude<Platform, { kind: 'reported' }>): Promise<Running | Failed>;
}
export type Running = {
  /** `sha256:` and lower-case hex. */
  readonly digest: string;
  /** What the platform takes to go back to it: a version number, the ARN of a task definition. */
  readonly reference: string;
};

/** What platforms keep about what was started and stopped. */
export interface PlatformHistory {
  /** Of a service of ECS. It keeps its last 100 events, and stopped tasks for about an hour. */
  service(place: AwsPlace, cluster: string, service: string): Promise<ServiceHistory | Failed>;
  /** What ended since an instant in an Auto Scaling group, which keeps it for six weeks. */
  activities(place: AwsPlace, group: string, since: string): Promise<{ readonly activities: readonly Activity[] } | Failed>;
  /** Events of a database since an instant; RDS keeps them for 14 days. */
  databaseEvents(
    place: AwsPlace,
    database: { readonly kind: 'rds-instance' | 'rds-cluster'; readonly name: string },
    since: string,
  ): Promise<{ readonly events: readonly DatabaseEvent[] } | Failed>;
}
export type ServiceHistory = {
  /** Newest first, the scheduler's own sentences. */
  readonly events: readonly { readonly at: string; readonly message: string }[];
  /** Ids of tasks that should be running. */
  readonly running: readonly string[];
  readonly stopped: readonly { readonly task: string; readonly at: string }[];
};
/** `description` begins with what was done, and names the instance. */
export type Activity = { readonly status: string; readonly description: string; readonly endedAt: string };
export type DatabaseEvent = { readonly at: string; readonly categories: readonly string[]; readonly message: string };

/** Waits so many milliseconds. */
export type Pause = (milliseconds: number) => Promise<void>;
