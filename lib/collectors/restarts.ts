import { nameOfSource, type RestartSource, type Targets } from '../checklist/targets.ts';
import type { RestartHistoryReport } from '../evidence/restart-history.ts';
import type { Failed, PlatformHistory, ServiceHistory } from './ports.ts';

export type RestartDependencies = { readonly clock: { now(): Date }; readonly history: PlatformHistory };

/** What the run was fed. */
export type Fed = {
  /** Whether the run has an observation of this subject; with `near` one of about that instant. Each observation is matched once. */
  readonly heard: (subject: string, near?: string) => boolean;
  /** How many subjects that begin so restarted since the instant. */
  readonly restarts: (beginning: string) => number;
};

type Source = RestartHistoryReport['sources'][number];
type Restart = { readonly subject: string; readonly at: string; readonly near?: string };
type Read = { readonly restarts: readonly Restart[]; readonly completeSince: string; readonly starts: number; readonly of: string };

/** ECS keeps the last so many events of a service. */
const mostServiceEvents = 100;

/**
 * What AWS keeps about restarts since an instant, compared with what the run was fed. Of a failing read the reason is kept. What a platform
 * calls a restart is named as its feed names it, because that name is what the two are compared by.
 */
export const readRestarts = async (
  deps: RestartDependencies,
  { restarts: named }: Pick<Targets, 'restarts'>,
  { since, fed }: { readonly since: string; readonly fed: Fed },
): Promise<RestartHistoryReport> => {
  const sources: Source[] = [];
  for (const source of named) sources.push(await compared(deps, source, since, fed));
  return { schema: 'holdpoint.restart-history/1', at: deps.clock.now().toISOString(), since, sources };
};

const compared = async (deps: RestartDependencies, source: RestartSource, since: string, fed: Fed): Promise<Source> => {
  const named = { kind: source.kind, name: nameOfSource(source) };
  const read = await readSource(deps, source, since);
  if ('failed' in read) return { ...named, unread: read.failed, completeSince: since, restarts: [], unexplained: 0 };
  const restarts = read.restarts.map(({ subject, at, near }) => ({ subject, at, heard: fed.heard(subject, near) }));
  const missed = restarts.filter(({ heard }) => !heard).length;
  const unexplained = read.starts === 0 ? 0 : Math.max(0, read.starts - fed.restarts(read.of) - missed);
  return { ...named, unread: null, completeSince: read.completeSince, restarts, unexplained };
};

const readSource = async ({ history }: RestartDependencies, source: RestartSource, since: string): Promise<Read | Failed> => {
  if (source.kind === 'ecs-service') {
    const read = await history.service(source, source.cluster, source.service);
    return 'failed' in read ? read : ofService(source.service.split('/').at(-1) ?? source.service, read, since);
  }
  const whole = { completeSince: since, starts: 0, of: '' };
  if (source.kind === 'auto-scaling-group') {
    const read = await history.activities(source, source.name, since);
    if ('failed' in read) return read;
    // Those that launch an instance are no restart; what fails to launch is an incident, which AWS repeats many times.
    const ended = read.activities.filter(({ status, description }) => status === 'Successful' && terminated.test(description));
    const restarts = ended.map(({ description, endedAt }) => ({
      subject: `${source.name} ${terminated.exec(description)?.[1] ?? ''}`.trim(),
      at: endedAt,
    }));
    return { ...whole, restarts };
  }
  const read = await history.databaseEvents(source, source, since);
  if ('failed' in read) return read;
  const events = read.events.filter(({ at, categories }) => at >= since && categories.some((one) => restarting.includes(one)));
  return { ...whole, restarts: events.map(({ at }) => ({ subject: source.name, at, near: at })) };
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html */
const terminated = /^Terminating EC2 instance: (i-[0-9a-f]+)/;
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html */
const restarting: readonly string[] = ['availability', 'failover'];

/** Sentences of the scheduler: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
const started = /\) has started \d+ tasks?: /;
const stopped = /\) has stopped \d+ running tasks?: /;
const tasksIn = (message: string): readonly string[] => [...message.matchAll(/\(task ([^)\s]+)\)/g)].flatMap(([, task]) => task ?? []);

/**
 * Tasks that ECS still shows as stopped, those that its events say it has stopped, and those that they say it has started since and that run
 * no more. A task that ran before and stopped by itself more than an hour ago is named nowhere: only its successor's start tells of it.
 */
const ofService = (service: string, { events, running, stopped: shown }: ServiceHistory, since: string): Read => {
  const later = events.filter(({ at }) => at >= since);
  const byEvent = (sentence: RegExp) =>
    later.filter(({ message }) => sentence.test(message)).flatMap(({ at, message }) => tasksIn(message).map((task) => ({ task, at })));
  const begun = byEvent(started);
  const gone = begun.filter(({ task }) => !running.includes(task));
  const ended = new Map([...gone, ...byEvent(stopped), ...shown.filter(({ at }) => at >= since)].map(({ task, at }) => [task, at]));
  const oldest = events.map(({ at }) => at).toSorted()[0] ?? since;
  return {
    restarts: [...ended].map(([task, at]) => ({ subject: `${service} task ${task}`, at })),
    completeSince: events.length >= mostServiceEvents && oldest > since ? oldest : since,
    starts: new Set(begun.map(({ task }) => task)).size,
    of: `${service} task `,
  };
};
