import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import { type EventPattern, patternLimit, sizeOf } from '../feeds/event-pattern.ts';
import { feeds } from '../feeds/index.ts';
import type { Capabilities } from './capabilities.ts';
import type { TrustedFunction } from './functions.ts';

/** How long the bus archives its events. The trail is the record; the archive is for a replay after a mistake of ours. */
const archiveDays = 400;
/** Rules of one feed on one bus. A bus has 300 by default, and the default bus is not ours alone. */
const mostRules = 100;
/** Rules of all feeds on the default bus. */
const mostInAll = 250;

type Props = { readonly feed: TrustedFunction; readonly undeliveredEvents: sqs.IQueue; readonly stage: Stage; readonly can: Capabilities };

/** The name of the stage's bus. */
export const busNameOf = (stage: Pick<Stage, 'name'>): string => `holdpoint-${stage.name}`;

/** Connects every feed of lib/feeds to one function, by EventBridge rules and the topic for alarm notifications. */
export class Feeds extends Construct {
  readonly bus: events.EventBus;
  readonly alarms: sns.Topic;
  /** Accounts whose events are taken: this one, and those that the stage names. */
  private readonly accounts: readonly string[];

  constructor(scope: Construct, id: string, { feed, undeliveredEvents, stage, can }: Props) {
    super(scope, id);
    const observed = [...new Set(stage.observedAccounts ?? [])];
    this.accounts = [Stack.of(this).account, ...observed];
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: busNameOf(stage),
      description: 'Observations of deployed services',
    });
    if (can.busPolicy && observed.length > 0) this.admit(observed);
    if (can.busArchive)
      this.bus.archive('Archive', { eventPattern: { account: [...this.accounts] }, retention: Duration.days(archiveDays) });
    this.createRules(feed.function, undeliveredEvents, stage);
    this.alarms = this.createTopic(feed, undeliveredEvents);
    // Otherwise the first events of a deployment would find a function without its permissions.
    this.node.addDependency(feed.grants);
    new CfnOutput(Stack.of(this), 'BusName', { value: this.bus.eventBusName });
    new CfnOutput(Stack.of(this), 'BusArn', { value: this.bus.eventBusArn, description: 'Target of rules in other accounts and regions' });
    new CfnOutput(Stack.of(this), 'AlarmTopicArn', { value: this.alarms.topicArn });
  }

  private admit(accounts: readonly string[]): void {
    this.bus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'ObservedAccounts',
        principals: accounts.map((account) => new iam.AccountPrincipal(account)),
        actions: ['events:PutEvents'],
        resources: [this.bus.eventBusArn],
      }),
    );
  }

  private createRules(feed: lambda.IFunction, undeliveredEvents: sqs.IQueue, stage: Stage): void {
    const prefix = `holdpoint-${stage.name}-feed-`;
    const target: events.IRuleTarget = {
      bind: () => ({
        arn: feed.functionArn,
        deadLetterConfig: { arn: undeliveredEvents.queueArn },
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(2).toSeconds() },
      }),
    };
    const onDefault = feeds.flatMap(({ wiring }) =>
      wiring.kind === 'rule' && wiring.buses.includes('default') ? wiring.patterns(stage, 'default') : [],
    );
    if (onDefault.length > mostInAll)
      throw new Error(
        `The services in the stage file need ${onDefault.length} rules on the default bus, which takes 300 with those of others, and Holdpoint makes at most ${mostInAll}: name clusters instead of the services in them, or leave resources out.`,
      );
    for (const { wiring } of feeds)
      if (wiring.kind === 'rule')
        for (const bus of wiring.buses)
          for (const [place, eventPattern] of within(wiring.rule, wiring.patterns(stage, bus)).entries()) {
            const name = `${wiring.rule}${bus === 'own' && wiring.buses.length > 1 ? 'OnOwnBus' : ''}${place === 0 ? '' : place + 1}`;
            new events.Rule(this, name, {
              ruleName: `${prefix}${name}`,
              ...(bus === 'own' ? { eventBus: this.bus } : {}),
              eventPattern: asCdk(eventPattern),
              targets: [target],
              description: wiring.description,
            });
          }
    this.allow([`${prefix}*`, `${this.bus.eventBusName}/${prefix}*`], feed, undeliveredEvents);
  }

  /** One permission for all rules of the feeds: with one for each, the policies of function and queue would outgrow their limits. */
  private allow(named: readonly string[], feed: lambda.IFunction, undeliveredEvents: sqs.IQueue): void {
    const rules = named.map((resourceName) => Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName }));
    const eventBridge = new iam.ServicePrincipal('events.amazonaws.com');
    for (const [place, sourceArn] of rules.entries())
      feed.addPermission(`Rules${place + 1}`, { principal: eventBridge, sourceArn, scope: this });
    undeliveredEvents.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'RulesOfFeeds',
        principals: [eventBridge],
        actions: ['sqs:SendMessage'],
        resources: [undeliveredEvents.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': rules } },
      }),
    );
  }

  private createTopic(feed: TrustedFunction, undeliveredEvents: sqs.IQueue): sns.Topic {
    const topic = new sns.Topic(this, 'AlarmTopic', { displayName: 'Alarm notifications for Holdpoint', enforceSSL: true });
    const [own] = this.accounts;
    const accounts = this.accounts.length === 1 ? own : this.accounts;
    topic.grantPublish(
      new iam.ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': accounts } } }),
    );
    const subscribed = topic.addSubscription(new subscriptions.LambdaSubscription(feed.function, { deadLetterQueue: undeliveredEvents }));
    subscribed.node.addDependency(feed.grants);
    return topic;
  }
}

/** The patterns, if EventBridge takes them all. */
const within = (rule: string, patterns: readonly EventPattern[]): readonly EventPattern[] => {
  const longest = Math.max(0, ...patterns.map(sizeOf));
  if (longest > patternLimit)
    throw new Error(
      `The event pattern of the rule ${rule} has ${longest} characters, and EventBridge takes ${patternLimit}: shorten the alarmPrefix of the services in the stage file.`,
    );
  if (patterns.length > mostRules)
    throw new Error(
      rule === 'Alarms'
        ? `The alarms of the services in the stage file need ${patterns.length} rules ${rule}, and Holdpoint makes at most ${mostRules} on a bus that others use, too: give the services shorter alarmPrefixes, or ones that begin alike and one short alarmPrefix for all.`
        : `The resources of the services in the stage file need ${patterns.length} rules ${rule}, and Holdpoint makes at most ${mostRules} on a bus that others use, too: name clusters instead of the services in them, or leave resources out.`,
    );
  return patterns;
};

/** As the CDK takes it: its type knows no operators in the member `resources`, which EventBridge does. */
const asCdk = ({ resources, ...pattern }: EventPattern): events.EventPattern => ({
  ...pattern,
  ...(resources === undefined ? {} : { resources: resources as string[] }),
});
