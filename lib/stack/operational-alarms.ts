import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TrustedFunction } from './functions.ts';
import { signalled } from './signalled.ts';

type Props = {
  /** The topic to which the alarms go, see `operationsTopic`. */
  readonly topic: sns.Topic;
  readonly failedInvocations: sqs.IQueue;
  readonly undeliveredEvents: sqs.IQueue;
  readonly parkedMessages: sqs.IQueue;
  /** It says in its log which run waits longest. */
  readonly sweep: TrustedFunction;
  /** Its log names what people must hear of about a run. */
  readonly reconciler: TrustedFunction;
  /** Mails what the topic gets. */
  readonly mailer: TrustedFunction;
  readonly rosterReaders: readonly TrustedFunction[];
  /** It sees deployments. */
  readonly feed: TrustedFunction;
  readonly api: { readonly id: string; readonly accessLog: logs.ILogGroup };
  readonly machineArn: string;
};

/** What five minutes of a flood look like, far above what pipelines and people send. */
const flood = { requests: 30_000, refused: 3_000, throttled: 100 } as const;

/** Longer than a due item waits in the ordinary way: a recheck for a minute, and for the next sweep. Minutes. */
const waitedMinutes = 15;

/** Long enough that one slow minute raises no alarm, short enough for people who wait for a release. */
const period = Duration.minutes(5);

/**
 * Alarms on Holdpoint itself. A function mails them to the operations leads of the roster, so that no address stands in the template; other
 * channels can subscribe to the topic, for the day on which the roster or the mails are what is broken. Problems of a run raise no alarm
 * here; they open its incident gate.
 */
export class OperationalAlarms extends Construct {
  private readonly topic: sns.Topic;
  private readonly alarms: cloudwatch.IAlarm[] = [];

  constructor(
    scope: Construct,
    id: string,
    { topic, failedInvocations, undeliveredEvents, parkedMessages, reconciler, sweep, api, machineArn, ...roster }: Props,
  ) {
    super(scope, id);
    this.topic = topic;
    this.connect(roster.mailer, undeliveredEvents);
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD: least, LESS_THAN_THRESHOLD: below } = cloudwatch.ComparisonOperator;
    const { NOT_BREACHING, BREACHING } = cloudwatch.TreatMissingData;
    const waiting = { period, statistic: cloudwatch.Stats.MAXIMUM };
    this.alarm(
      'FailedInvocations',
      'A Holdpoint function failed on an event and on both retries, so a run may not move on. Messages in the queue FailedInvocations have the event and the error. The sweep hands them to the function again, three times within some seventy minutes; fix the cause meanwhile.',
      {
        metric: failedInvocations.metricApproximateNumberOfMessagesVisible(waiting),
        comparisonOperator: least,
        treatMissingData: NOT_BREACHING,
      },
    );
    this.alarm(
      'UndeliveredEvents',
      'EventBridge, Scheduler or SNS could not deliver an event to a Holdpoint function. Messages in the queue UndeliveredEvents that come from EventBridge name the rule and the error in their attributes. The sweep hands them to the function again, three times within some seventy minutes; fix the cause meanwhile.',
      {
        metric: undeliveredEvents.metricApproximateNumberOfMessagesVisible(waiting),
        comparisonOperator: least,
        treatMissingData: NOT_BREACHING,
      },
    );
    this.alarm(
      'ParkedMessages',
      'Messages wait in the queue ParkedMessages: their function failed on them three more times, or the sweep could not tell whose they are. Alarms and observations among them are not recorded. Fix the cause, then move them to the queue FailedInvocations with "Start DLQ redrive" and a custom destination: the sweep hands them to their functions again. Delete what nobody needs.',
      {
        metric: parkedMessages.metricApproximateNumberOfMessagesVisible(waiting),
        comparisonOperator: least,
        treatMissingData: NOT_BREACHING,
      },
    );
    this.alarm(
      'SweepStopped',
      'The function event-sweep has not run for five minutes, so missed deadlines and windows are not taken up. Check the EventBridge rule of the sweep, the throttles of the function and its log.',
      {
        metric: sweep.function.metricInvocations({ period, statistic: cloudwatch.Stats.SUM }),
        comparisonOperator: below,
        treatMissingData: BREACHING,
      },
    );
    this.alarmOnTheApi(api);
    this.alarmOnRuntime(machineArn);
    this.alarmOnRoster(roster.rosterReaders);
    this.alarmOnRuns(reconciler);
    this.alarmOnWaits(sweep);
    this.alarmOnChanges(roster.feed);
    this.dashboard();
  }

  private alarmOnTheApi({ id, accessLog }: Props['api']): void {
    const comparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
    const treatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING;
    const statistic = cloudwatch.Stats.SUM;
    const counted = (metricName: string): cloudwatch.Metric =>
      new cloudwatch.Metric({ namespace: 'AWS/ApiGateway', metricName, dimensionsMap: { ApiId: id }, period, statistic });
    const advice =
      'Read the access log by route. If it is a flood, put CloudFront with AWS WAF before the domain, or take the identity that sends it out of the stage file. AWS Budgets shows what it costs.';
    const watch = (name: string, threshold: number, metric: cloudwatch.IMetric, description: string): void =>
      this.alarm(name, description, { metric, threshold, comparisonOperator, treatMissingData });
    watch(
      'ApiFaults',
      5,
      counted('5xx'),
      'The API answered five or more requests with a 5xx status within five minutes. Search the logs of its functions for "fault": each entry has the id of the request and the error.',
    );
    watch('ApiFlood', flood.requests, counted('Count'), `The API got ${flood.requests} or more requests within five minutes. ${advice}`);
    watch('ApiRefusals', flood.refused, counted('4xx'), `The API refused ${flood.refused} or more requests within five minutes. ${advice}`);
    // The gateway has no figure of its own for 429.
    const throttled = new logs.MetricFilter(this, 'ThrottledRequests', {
      logGroup: accessLog,
      filterPattern: logs.FilterPattern.stringValue('$.status', '=', '429'),
      metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
      metricName: 'ThrottledRequests',
    });
    watch(
      'ApiThrottled',
      flood.throttled,
      throttled.metric({ period, statistic }),
      `The API answered ${flood.throttled} or more requests with 429 within five minutes: callers of a route sent more than it takes. ${advice}`,
    );
  }

  /** What the queues and the API do not show. */
  private alarmOnRuntime(machineArn: string): void {
    const sum = { period, statistic: cloudwatch.Stats.SUM };
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD: comparisonOperator } = cloudwatch.ComparisonOperator;
    const treatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING;
    this.alarm(
      'FailedExecutions',
      'An execution of the state machine failed, so its run ended as an incident without a decision of a person. Read the history of the execution; start the release again.',
      {
        metric: new cloudwatch.Metric({
          namespace: 'AWS/States',
          metricName: 'ExecutionsFailed',
          dimensionsMap: { StateMachineArn: machineArn },
          ...sum,
        }),
        comparisonOperator,
        treatMissingData,
      },
    );
    this.alarm(
      'Throttled',
      'Lambda refused calls of functions in this account within five minutes, most likely because the concurrency of the account was used up. Step Functions repeats its calls; callers of the API got an error. Ask for a higher quota, or find what uses it up.',
      {
        // Of all functions in the account, because they share the concurrency.
        metric: new cloudwatch.Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', ...sum }),
        comparisonOperator,
        treatMissingData,
      },
    );
  }

  /** The functions say it in their logs: a roster that is refused fails no invocation as long as the one before may be used. */
  private alarmOnRoster(readers: readonly TrustedFunction[]): void {
    const named = { metricNamespace: `Holdpoint/${Stack.of(this).stackName}`, metricName: 'RosterUnusable' };
    for (const reader of readers)
      new logs.MetricFilter(this, `RosterUnusableIn${reader.node.id}`, {
        logGroup: reader.function.logGroup,
        filterPattern: logs.FilterPattern.allTerms('RosterUnusable'),
        ...named,
      });
    this.alarm(
      'RosterUnusable',
      'A Holdpoint function could not read the roster, or refused what it read. It uses the roster that it had before for an hour at most; after that, and in functions that have just started, nobody can sign in or start a run. Search the logs of the functions for "RosterUnusable": each entry says what is wrong. Upload a roster that `npm run roster` has checked.',
      {
        metric: new cloudwatch.Metric({
          namespace: named.metricNamespace,
          metricName: named.metricName,
          period,
          statistic: cloudwatch.Stats.SUM,
        }),
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      },
    );
  }

  /** What the reconciler says in its log about runs; each word is a member of `signals` in `notification.ts`. */
  private alarmOnRuns(reconciler: TrustedFunction): void {
    for (const [name, description] of Object.entries(signalled)) {
      const counted = new logs.MetricFilter(this, `${name}InLog`, {
        logGroup: reconciler.function.logGroup,
        filterPattern: logs.FilterPattern.allTerms(name),
        metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
        metricName: name,
      });
      this.alarm(name, description, {
        metric: counted.metric({ period, statistic: cloudwatch.Stats.SUM }),
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    }
  }

  /** A figure and no signal, so that the alarm stays red for as long as one run waits. The sweep says it in its log, every minute. */
  private alarmOnWaits(sweep: TrustedFunction): void {
    const waits = new logs.MetricFilter(this, 'OldestOpenWaitInLog', {
      logGroup: sweep.function.logGroup,
      filterPattern: logs.FilterPattern.numberValue('$.oldestWaitSeconds', '>=', 0),
      metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
      metricName: 'OldestOpenWait',
      metricValue: '$.oldestWaitSeconds',
    });
    this.alarm(
      'OldestOpenWait',
      `A run waits too long: it has been at a gate for ${waitedMinutes} minutes beyond its deadline, or Holdpoint has not taken it up for so long. Search the log of the function event-sweep for "oldestWait": the entry names the run, and its page says what it waits for. Others may wait, too: each gate beyond its deadline is signalled as "WaitTooLong". The alarm ends when no run waits so long any more, some minutes after the last one.`,
      {
        metric: waits.metric({ period, statistic: cloudwatch.Stats.MAXIMUM }),
        threshold: waitedMinutes * 60,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // A sweep that does not run has an alarm of its own.
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      },
    );
  }

  /** The feed says in its log how many deployments it has recorded for which no run accounts. */
  private alarmOnChanges(feed: TrustedFunction): void {
    const unaccounted = new logs.MetricFilter(this, 'UnaccountedChangesSeen', {
      logGroup: feed.function.logGroup,
      filterPattern: logs.FilterPattern.numberValue('$.unaccounted', '>', 0),
      metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
      metricName: 'UnaccountedChanges',
      metricValue: '$.unaccounted',
    });
    this.alarm(
      'UnaccountedChanges',
      'Something was deployed without a released run. Read the environment (GET /v1/environments/{service}/{environment}, `holdpoint environment show`), find out what it was, and explain it: until then no run passes T0 there.',
      {
        metric: unaccounted.metric({ period, statistic: cloudwatch.Stats.SUM }),
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      },
    );
  }

  /** Every alarm in one place, in the order in which they are made. */
  private dashboard(): void {
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { start: '-PT12H' });
    dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: 'Holdpoint', width: 24, height: 6, alarms: this.alarms }),
      ...this.alarms.map((alarm) => new cloudwatch.AlarmWidget({ alarm, title: alarm.node.id, width: 8, height: 5 })),
    );
  }

  private alarm(
    id: string,
    alarmDescription: string,
    props: Omit<cloudwatch.AlarmProps, 'threshold' | 'evaluationPeriods'> & { readonly threshold?: number },
  ): void {
    const alarm = new cloudwatch.Alarm(this, id, { threshold: 1, ...props, evaluationPeriods: 1, alarmDescription });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    this.alarms.push(alarm);
  }

  private connect(mailer: TrustedFunction, deadLetterQueue: sqs.IQueue): void {
    const subscribed = this.topic.addSubscription(new subscriptions.LambdaSubscription(mailer.function, { deadLetterQueue }));
    subscribed.node.addDependency(mailer.grants);
    new CfnOutput(Stack.of(this), 'OperationsTopicArn', { value: this.topic.topicArn });
  }
}

/** Where operational alarms and pages go. It is made before the functions, because the reconciler pages through it. */
export const operationsTopic = (scope: Construct): sns.Topic => {
  const topic = new sns.Topic(scope, 'OperationsTopic', { displayName: 'Holdpoint operations', enforceSSL: true });
  topic.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } } }),
  );
  return topic;
};
