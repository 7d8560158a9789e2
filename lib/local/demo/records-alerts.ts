import { createServer } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import * as z from 'zod';
import type { Client } from '../../api/client.ts';
import { awaited, writeRecord } from './records.ts';
import { type CloudWatch, cloudWatchOf, putMetric, type Series, stateOf, textsOf } from './records-cloudwatch.ts';
import type { Report } from './reports.ts';
import type { DemoStage } from './stage.ts';
import { must } from './steps.ts';

/** Records about alarms. The one in staging is made for the test, because the emulator's alarms do not tell aliases apart. */

/** Milliseconds. */
const limits = { arrive: 20_000, back: 30_000, confirm: 15_000 } as const;
/** A namespace of its own: what is measured here must not count as production's. */
const staged = { namespace: 'ShopStagingTest', metric: 'Errors' } as const;
/** As the alarm of production has it (lib/stack/shop.ts). */
const threshold = 0;
const periodSeconds = 10;

const noticeSchema = z.looseObject({
  Type: z.string(),
  Token: z.string().optional(),
  TopicArn: z.string().optional(),
  Message: z.string().optional(),
});
const changeSchema = z.looseObject({ AlarmName: z.string(), NewStateValue: z.string() });

type Change = { readonly state: string; readonly at: Date };

/** The alarm's name and its new state in a notification of SNS; undefined when it is no such thing. */
export const changeIn = (message: string | undefined): { readonly alarm: string; readonly state: string } | undefined => {
  try {
    const { data } = changeSchema.safeParse(JSON.parse(message ?? ''));
    return data && { alarm: data.AlarmName, state: data.NewStateValue };
  } catch {
    return undefined;
  }
};

/** A topic with one subscriber, which is this process. `changes`: what arrived for the alarm, and when. */
const listen = async ({ workspace }: DemoStage, alarm: string) => {
  const sns = new SNSClient({});
  const changes: Change[] = [];
  let confirmed = false;
  const confirm = async (TopicArn: string, Token: string): Promise<void> => {
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    confirmed = true;
  };
  const server = createServer((incoming, outgoing) => {
    const at = new Date();
    textOf(incoming)
      .then(async (body) => {
        outgoing.end();
        const notice = noticeSchema.safeParse(JSON.parse(body)).data;
        if (notice?.Token !== undefined && notice.TopicArn !== undefined) await confirm(notice.TopicArn, notice.Token);
        const change = changeIn(notice?.Message);
        if (change?.alarm === alarm) changes.push({ state: change.state, at });
      })
      // What cannot be read did not arrive, which the record then says.
      .catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `${alarm}-${Date.now()}` }));
  const stop = async (): Promise<void> => {
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    server.closeAllConnections();
    server.close();
  };
  const subscribed = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/`, ReturnSubscriptionArn: true }),
  );
  await awaited(workspace, { limitMs: limits.confirm, look: async () => confirmed || undefined });
  return {
    TopicArn,
    changes,
    stop: async () => {
      if (confirmed && subscribed.SubscriptionArn?.startsWith('arn:') === true)
        await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscribed.SubscriptionArn }));
      await stop();
    },
  };
};

type Alarm = { readonly alarm: string; readonly series: Series; readonly topic: string };

const createAlarm = (call: CloudWatch, { alarm, series, topic }: Alarm): Promise<string> =>
  call('PutMetricAlarm', {
    AlarmName: alarm,
    Namespace: series.namespace,
    MetricName: series.metric,
    'Dimensions.member.1.Name': 'Alias',
    'Dimensions.member.1.Value': series.alias,
    Statistic: 'Sum',
    Period: String(periodSeconds),
    EvaluationPeriods: '1',
    Threshold: String(threshold),
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    'AlarmActions.member.1': topic,
    'OKActions.member.1': topic,
  });

type Driven = {
  readonly call: CloudWatch;
  readonly series: Series;
  readonly drivenAt: Date;
  /** When a notification of this state arrived; undefined when none came in time. */
  arrived(state: string): Promise<Date | undefined>;
};

/** Drives a new alarm like production's over its threshold, by metric data, and removes it after the look at what follows. */
const drive = async (stage: DemoStage, alarm: string, look: (driven: Driven) => Promise<Report>): Promise<Report> => {
  const call = cloudWatchOf(stage.workspace);
  // A dimension of its own, so that no other alarm goes off.
  const series = { ...staged, alias: alarm };
  const listening = await listen(stage, alarm);
  try {
    await createAlarm(call, { alarm, series, topic: listening.TopicArn });
    const drivenAt = new Date();
    await putMetric(call, series, threshold + 1);
    const arrived = (state: string): Promise<Date | undefined> =>
      awaited(stage.workspace, { limitMs: limits.arrive, look: async () => listening.changes.find((one) => one.state === state)?.at });
    return await look({ call, series, drivenAt, arrived });
  } finally {
    await call('DeleteAlarms', { 'AlarmNames.member.1': alarm });
    await listening.stop();
  }
};

const iso = (time: Date | undefined): string | null => time?.toISOString() ?? null;
const alarmTool = 'cloudwatch PutMetricAlarm, PutMetricData, DescribeAlarms; sns';

/** An alarm goes off and comes back. Takes about ten seconds, because it comes back after its period. */
export const stagingAlarmRecord = (stage: DemoStage): Promise<Report> => {
  const alarm = 'shop-staging-errors-test';
  return drive(stage, alarm, async ({ call, series, drivenAt }) => {
    const { workspace } = stage;
    const wentOffAt = await awaited(workspace, {
      limitMs: limits.arrive,
      look: async () => ((await stateOf(call, alarm)) === 'ALARM' ? new Date() : undefined),
    });
    const cameBackAt = await awaited(workspace, {
      limitMs: limits.back,
      pauseMs: 1_000,
      look: async () => {
        // The emulator evaluates an alarm when a measurement comes, so the service goes on measuring.
        await putMetric(call, series, threshold);
        return (await stateOf(call, alarm)) === 'OK' ? new Date() : undefined;
      },
    });
    const said = `> ${threshold} errors in ${periodSeconds} s`;
    const test = { alarm, threshold: said, drivenAt: iso(drivenAt), wentOffAt: iso(wentOffAt), cameBackAt: iso(cameBackAt) };
    return writeRecord(workspace, {
      record: 'alarm-test',
      environment: 'staging',
      tool: alarmTool,
      content: { configured: [alarm], tested: [test] },
    });
  });
};

/** The notification of an alarm arrives, which this process receives over SNS and HTTP. `version`: the one that staging runs. */
export const stagingAlertRecord = (stage: DemoStage, version: string): Promise<Report> => {
  const alarm = `staging-errors-of-version-${version}`;
  return drive(stage, alarm, async ({ drivenAt, arrived }) => {
    const receivedAt = await arrived('ALARM');
    const sent = { id: alarm, from: 'cloudwatch PutMetricData', to: 'a subscriber of the alarm topic over HTTP', sentAt: iso(drivenAt) };
    return writeRecord(stage.workspace, {
      record: 'delivery',
      about: 'alert',
      environment: 'staging',
      tool: alarmTool,
      content: { deliveries: [{ ...sent, receivedAt: iso(receivedAt) }] },
    });
  });
};

type Recorded = { readonly at: string; readonly data: Readonly<Record<string, unknown>> };

/** When Holdpoint recorded the first bad observation of this alarm at or after an instant, of which the alarm's clock tells whole seconds. */
export const heardIn = (events: readonly Recorded[], alarm: string, changedAt: Date): string | null => {
  const heard = events
    .filter(({ data }) => data.kind === 'alarm' && data.bad === true && JSON.stringify([data.subject, data.summary]).includes(alarm))
    .map(({ at }) => at)
    .filter((at) => Date.parse(at) >= changedAt.getTime())
    .toSorted();
  return heard[0] ?? null;
};

/**
 * The first change of production's alarm to red since `since`, from the history of CloudWatch, and when Holdpoint recorded it in the run.
 * Something must have driven the alarm: the demo measures a failure on purpose after the deployment.
 */
export const productionAlertRecord = async (
  stage: DemoStage,
  { auditor, run, since }: { readonly auditor: Client; readonly run: string; readonly since: Date },
): Promise<Report> => {
  const { workspace, shop } = stage;
  const call = cloudWatchOf(workspace);
  // The history has whole seconds.
  const from = new Date(Math.floor(since.getTime() / 1000) * 1000);
  const changed = await awaited(workspace, {
    limitMs: limits.arrive,
    look: async () => reddenedIn(await call('DescribeAlarmHistory', { AlarmName: shop.alarm.name, HistoryItemType: 'StateUpdate' }), from),
  });
  const receivedAt =
    changed === undefined
      ? null
      : ((await awaited(workspace, {
          limitMs: limits.arrive,
          look: async () => {
            const query = { type: 'observation.recorded' } as const;
            const { events } = must('read the observations', await auditor.listRunEvents({ params: { run }, query }));
            return heardIn(events, shop.alarm.name, changed) ?? undefined;
          },
        })) ?? null);
  const said = { id: shop.alarm.name, from: 'cloudwatch', to: `the run ${run} of Holdpoint, over the alarm topic` };
  return writeRecord(workspace, {
    record: 'delivery',
    about: 'alert',
    environment: 'production',
    tool: 'cloudwatch DescribeAlarmHistory; Holdpoint listRunEvents',
    content: { deliveries: [{ ...said, sentAt: (changed ?? from).toISOString(), receivedAt }] },
  });
};

/** When the alarm turned red first, at or after an instant. */
export const reddenedIn = (history: string, from: Date): Date | undefined => {
  const summaries = textsOf(history, 'HistorySummary');
  return textsOf(history, 'Timestamp')
    .map((text, place) => ({ at: new Date(text), red: summaries[place]?.includes('to ALARM') === true }))
    .filter(({ at, red }) => red && at.getTime() >= from.getTime())
    .map(({ at }) => at)
    .toSorted((a, b) => a.getTime() - b.getTime())[0];
};
