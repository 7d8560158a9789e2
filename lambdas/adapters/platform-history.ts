import * as z from 'zod';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import type { Activity, DatabaseEvent, Failed, PlatformHistory, ServiceHistory } from '../../lib/collectors/ports.ts';
import type { AwsCall } from './aws-call.ts';
import { askingEcs, tasksOf } from './ecs-tasks.ts';

const servicesSchema = z.object({
  services: z
    .array(
      z.object({
        status: z.string().default('ACTIVE'),
        events: z.array(z.object({ createdAt: z.number(), message: z.string() })).default([]),
      }),
    )
    .default([]),
});

const mostPages = 100;
const pageSize = '100';
/** An activity of Auto Scaling may take so long, so that one which began earlier may have ended since. Milliseconds. */
const longestActivityMs = 2 * 86_400_000;

/** What ECS, Auto Scaling and RDS keep. */
export const createPlatformHistory = (call: AwsCall): PlatformHistory => ({
  service: (place, cluster, service) => readService(call, place, cluster, service),
  activities: (place, group, since) => readActivities(call, place, group, since),
  databaseEvents: (place, database, since) => readDatabase(call, place, database, since),
});

const lastPart = (arn: string): string => arn.split('/').at(-1) ?? arn;
const ofSeconds = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The events first: a task that they name and that runs no more has stopped. */
const readService = async (call: AwsCall, place: AwsPlace, cluster: string, service: string): Promise<ServiceHistory | Failed> => {
  const ask = askingEcs(call, place);
  const found = await ask('DescribeServices', servicesSchema, { cluster, services: [service] });
  if ('failed' in found) return found;
  const one = found.services.find(({ status }) => status === 'ACTIVE');
  if (one === undefined) return { failed: `the service ${service} does not exist or is not active` };
  const running = await tasksOf(ask, { cluster, service, desiredStatus: 'RUNNING' });
  if ('failed' in running) return running;
  const stopped = await tasksOf(ask, { cluster, service, desiredStatus: 'STOPPED' });
  if ('failed' in stopped) return stopped;
  return {
    events: one.events.map(({ createdAt, message }) => ({ at: ofSeconds(createdAt), message })),
    running: running.all.filter(({ lastStatus }) => lastStatus !== 'STOPPED').map(({ taskArn }) => lastPart(taskArn)),
    stopped: [...running.all, ...stopped.all].flatMap(({ taskArn, lastStatus, stoppedAt }) =>
      lastStatus === 'STOPPED' && stoppedAt != null ? [{ task: lastPart(taskArn), at: ofSeconds(stoppedAt) }] : [],
    ),
  };
};

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html, newest first. */
const readActivities = async (
  call: AwsCall,
  place: AwsPlace,
  group: string,
  since: string,
): Promise<{ readonly activities: readonly Activity[] } | Failed> => {
  const earliest = new Date(Date.parse(since) - longestActivityMs).toISOString();
  const read = await pagesOf(call, place, {
    service: 'autoscaling',
    operation: 'DescribeScalingActivities',
    input: { AutoScalingGroupName: group, MaxRecords: pageSize },
    next: 'NextToken',
    isEnough: (page) =>
      (membersIn(page, 'member')
        .map((one) => textIn(one, 'StartTime'))
        .at(-1) ?? earliest) < earliest,
  });
  if ('failed' in read) return read;
  const activities: Activity[] = [];
  for (const member of read.pages.flatMap((page) => membersIn(page, 'member'))) {
    const [status, description] = [textIn(member, 'StatusCode'), textIn(member, 'Description')];
    if (status === undefined || description === undefined) return { failed: 'autoscaling answered an activity that cannot be read' };
    const endedAt = instantIn(member, 'EndTime');
    // One that goes on has no end.
    if (endedAt !== undefined && endedAt >= since) activities.push({ status, description, endedAt });
  }
  return { activities };
};

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const readDatabase = async (
  call: AwsCall,
  place: AwsPlace,
  { kind, name }: { readonly kind: 'rds-instance' | 'rds-cluster'; readonly name: string },
  since: string,
): Promise<{ readonly events: readonly DatabaseEvent[] } | Failed> => {
  const read = await pagesOf(call, place, {
    service: 'rds',
    operation: 'DescribeEvents',
    input: {
      SourceIdentifier: name,
      SourceType: kind === 'rds-cluster' ? 'db-cluster' : 'db-instance',
      StartTime: since,
      MaxRecords: pageSize,
    },
    next: 'Marker',
  });
  if ('failed' in read) return read;
  const events: DatabaseEvent[] = [];
  for (const event of read.pages.flatMap((page) => membersIn(page, 'Event'))) {
    const at = instantIn(event, 'Date');
    if (at === undefined) return { failed: 'rds answered an event that cannot be read' };
    const categories = membersIn(event, 'EventCategory').map((category) => unescaped(category).trim());
    events.push({ at, categories, message: textIn(event, 'Message') ?? '' });
  }
  return { events };
};

type Asked = {
  readonly service: 'autoscaling' | 'rds';
  readonly operation: string;
  readonly input: Readonly<Record<string, string>>;
  /** The member that names the next page, in the answer and in the request. */
  readonly next: string;
  /** Whether what follows this page is too old. */
  readonly isEnough?: (page: string) => boolean;
};

/** A part is not the whole: an answer without its result, or with more pages than anybody needs, is a failure. */
const pagesOf = async (
  call: AwsCall,
  place: AwsPlace,
  { service, operation, input, next, isEnough = () => false }: Asked,
): Promise<{ readonly pages: readonly string[] } | Failed> => {
  const pages: string[] = [];
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await call(place, { service, operation, input: { ...input, ...(marker === undefined ? {} : { [next]: marker }) } });
    if ('failed' in answer) return { failed: answer.failed };
    const [result] = membersIn(answer.text, `${operation}Result`);
    if (result === undefined) return { failed: `${service} answered ${operation} in a form that is not known` };
    pages.push(result);
    marker = textIn(result, next);
    if (marker === undefined || isEnough(result)) return { pages };
  }
  return { failed: `${service} answered ${operation} with more than ${mostPages} pages` };
};

/** What stands in the elements of this name, as XML. None of them is within another of the same name. */
const membersIn = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inner = '']) => inner);

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescaped = (text: string): string => text.replace(/&(lt|gt|quot|apos|amp);/g, (all, name: string) => entities[name] ?? all);

const textIn = (xml: string, name: string): string | undefined => {
  const [found] = membersIn(xml, name);
  const text = found === undefined ? '' : unescaped(found).trim();
  return text === '' ? undefined : text;
};

const instantIn = (xml: string, name: string): string | undefined => {
  const at = Date.parse(textIn(xml, name) ?? '');
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
};
