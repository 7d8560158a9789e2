import { join } from 'node:path';
import { type App, ArnFormat, CfnOutput, Duration, Lazy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { rosterKey } from '../checklist/roster.ts';
import type { Stage } from '../checklist/stage.ts';
import { type FunctionName, functionNames, functions, rosterReaders, type Target, type Variable } from '../lambda-manifest.ts';
import { capital } from '../wording.ts';
import { actuatedBy, versionWildcards } from './actuated.ts';
import { PublicApi } from './api.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { DataStack } from './data.ts';
import { busNameOf, Feeds } from './feeds.ts';
import { FeedsDashboard } from './feeds-dashboard.ts';
import { type KeptTables, keptTables, pick, variables } from './function-variables.ts';
import { executionsOf, functionNameOf, TrustedFunction, type Wildcards } from './functions.ts';
import { GateMachine } from './machine.ts';
import { MailIdentity } from './mail.ts';
import { hasWatch, observedResources, observedWildcards } from './observed.ts';
import { OperationalAlarms, operationsTopic } from './operational-alarms.ts';
import { pipelineSecrets } from './pipeline-secrets.ts';
import { Scheduling } from './scheduling.ts';
import { ShopStack } from './shop.ts';
import { warnOfPeople } from './shown-by-people.ts';
import { takeUploads } from './uploads.ts';

type AppProps = StackProps & { readonly stage: Stage; readonly can: Capabilities; readonly data: DataStack; readonly bundles: string };

/** Everything that a deployment can make anew: functions, workflow, API, feeds, schedules, mail. What must survive is in the data stack. */
export class AppStack extends Stack {
  private readonly stage: Stage;
  /** The topic for alarm notifications. */
  readonly alarms: sns.ITopic;

  constructor(scope: Construct, id: string, { stage, can, data, bundles, ...props }: AppProps) {
    super(scope, id, { ...props, description: 'Holdpoint: functions, workflow, API, feeds.' });
    this.stage = stage;
    warnOfPeople(this, stage);
    const parkedMessages = this.queue('ParkedMessages', 'messages that wait for a person.');
    const failedInvocations = this.queue(
      'FailedInvocations',
      'events that a function failed to process, after its retries.',
      parkedMessages,
    );
    const undeliveredEvents = this.queue(
      'UndeliveredEvents',
      'events that a rule, a schedule or the topic failed to deliver.',
      parkedMessages,
    );
    const machineName = `holdpoint-${stage.name}`;
    // By its name, not by reference: the reconciler needs the machine, the machine the opener, and the opener the reconciler.
    const machineArn = this.formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: machineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const scheduling = new Scheduling(this, 'Scheduling', { group: machineName, undeliveredEvents });
    const mail = new MailIdentity(this, 'Mail', { stage, can });
    const kept = keptTables(this, data, stage);
    const topic = operationsTopic(this);
    const values = {
      ...variables(data, kept, { machineArn, scheduling, mail }),
      COLLECTOR_FUNCTION: functionNameOf(stage.name, 'event-collector'),
      ACTUATOR_FUNCTION: functionNameOf(stage.name, 'event-actuator'),
      OPERATIONS_TOPIC_ARN: topic.topicArn,
      BUS_NAME: busNameOf(stage),
    };
    const make = (name: FunctionName, given: Partial<Record<Variable, string>>): TrustedFunction =>
      new TrustedFunction(this, { name, stage, failedInvocations, bundles, environment: pick(functions[name].variables, given) });
    // First: the others get its name. Its own name would be a circular reference; it learns it from the invocation.
    const reconciler = make('event-reconciler', values);
    const all = {
      ...values,
      RECONCILER_FUNCTION: reconciler.function.functionName,
      UNDELIVERED_EVENTS_URL: undeliveredEvents.queueUrl,
      FAILED_INVOCATIONS_URL: failedInvocations.queueUrl,
      PARKED_MESSAGES_URL: parkedMessages.queueUrl,
      // The sweep hands messages to what is made after it.
      FEED_FUNCTION: Lazy.string({ produce: () => made['event-feed'].function.functionName }),
      UPLOAD_FUNCTION: Lazy.string({ produce: () => made['event-upload'].function.functionName }),
      MAILER_FUNCTION: Lazy.string({ produce: () => made['alarm-mailer'].function.functionName }),
      ALARM_TOPIC_ARN: Lazy.string({ produce: () => feeds.alarms.topicArn }),
    };
    const made: Readonly<Record<FunctionName, TrustedFunction>> = {
      ...Object.fromEntries(functionNames.filter((name) => name !== 'event-reconciler').map((name) => [name, make(name, all)])),
      'event-reconciler': reconciler,
    } as Record<FunctionName, TrustedFunction>;
    const secrets = stage.issuers.flatMap((one) =>
      one.kind === 'people' && one.clientSecretArn !== undefined ? [one.clientSecretArn] : [],
    );
    const resources = this.resources(data, stage, {
      kept,
      made,
      deadLetters: [failedInvocations, undeliveredEvents],
      parkedMessages,
      scheduling,
      mail,
      topic,
      machineArn,
      machineName,
      secrets,
    });
    const wildcards = { ...this.wildcards(data, machineName), ...versionWildcards(this, resources['target-versions']) };
    for (const trusted of Object.values(made)) trusted.grant(resources, wildcards);
    const opener = made['gate-opener'].function;
    const machine = new GateMachine(this, 'GateMachine', {
      name: machineName,
      arn: machineArn,
      opener,
      reconciler: reconciler.function,
      undeliveredEvents,
      stage,
    });
    const api = new PublicApi(this, 'Http', {
      functions: {
        ci: made['api-ci'].function,
        people: made['api-people'].function,
        audit: made['api-audit'].function,
        webhooks: made['api-webhooks'].function,
      },
      authorizer: made['api-authorizer'].function,
      stage,
    });
    const feeds = new Feeds(this, 'Feeds', { feed: made['event-feed'], undeliveredEvents, stage, can });
    this.alarms = feeds.alarms;
    machine.node.addDependency(made['gate-opener'].grants, reconciler.grants);
    scheduling.connect(reconciler.function, made['event-sweep']);
    if (hasWatch(stage)) scheduling.watch(made['event-collector']);
    takeUploads(this, { upload: made['event-upload'], intake: data.intake, undeliveredEvents });
    new OperationalAlarms(this, 'OperationalAlarms', {
      topic,
      failedInvocations,
      undeliveredEvents,
      parkedMessages,
      reconciler,
      sweep: made['event-sweep'],
      mailer: made['alarm-mailer'],
      rosterReaders: rosterReaders.map((name) => made[name]),
      feed: made['event-feed'],
      api,
      machineArn,
    });
    new FeedsDashboard(this, 'Dashboard', {
      name: machineName,
      feed: made['event-feed'].function,
      queues: [failedInvocations, undeliveredEvents, parkedMessages],
    });
    this.outputs(data, { kept, made, machineArn });
  }

  /** `parked` gets what the sweep received so often without handing it on: its function was gone for hours, or the sweep failed on it. */
  private queue(id: string, why: string, parked?: sqs.IQueue): sqs.Queue {
    const queue = new sqs.Queue(this, id, {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      ...(parked === undefined ? {} : { visibilityTimeout: Duration.minutes(5), deadLetterQueue: { queue: parked, maxReceiveCount: 50 } }),
    });
    Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: `It is itself a dead-letter queue: ${why}` });
    Validations.of(queue).acknowledge({ id: 'Serverless-SQSRedrivePolicy', reason: `It is itself a dead-letter queue: ${why}` });
    return queue;
  }

  private resources(
    data: DataStack,
    stage: Stage,
    own: {
      readonly kept: KeptTables;
      readonly made: Readonly<Record<FunctionName, TrustedFunction>>;
      readonly deadLetters: readonly sqs.IQueue[];
      readonly parkedMessages: sqs.IQueue;
      readonly scheduling: Scheduling;
      readonly mail: MailIdentity;
      readonly topic: sns.ITopic;
      readonly machineArn: string;
      readonly machineName: string;
      readonly secrets: readonly string[];
    },
  ): Readonly<Record<Target, readonly string[]>> {
    const { evidence, intake, roster, tokensKey, sessionKey, cursorKey, peopleKey, reconcilerKey } = data;
    return {
      audit: [own.kept.audit.tableArn],
      runs: [own.kept.runs.tableArn],
      people: [own.kept.people.tableArn],
      tokens: [own.kept.tokens.tableArn],
      idempotency: [own.kept.idempotency.tableArn],
      'ended-sessions': [own.kept.idempotency.tableArn],
      uploads: [own.kept.idempotency.tableArn],
      evidence: [evidence.bucketArn],
      'evidence-objects': [evidence.arnForObjects('*')],
      'run-objects': [evidence.arnForObjects('run/*')],
      'service-objects': [evidence.arnForObjects('service/*')],
      'definition-objects': [evidence.arnForObjects('definitions/*')],
      'profile-objects': [evidence.arnForObjects('profiles/*')],
      intake: [intake.bucketArn],
      'intake-objects': [intake.arnForObjects('upload/*')],
      'roster-object': [roster.arnForObjects(rosterKey)],
      'tokens-key': [tokensKey.keyArn],
      'session-key': [sessionKey.keyArn],
      'cursor-key': [cursorKey.keyArn],
      'people-key': [peopleKey.keyArn],
      'reconciler-key': [reconcilerKey.keyArn],
      reconciler: [own.made['event-reconciler'].function.functionArn],
      'redriven-functions': (['event-feed', 'event-upload', 'alarm-mailer'] as const).map((name) => own.made[name].function.functionArn),
      'dead-letter-queues': own.deadLetters.map(({ queueArn }) => queueArn),
      'parked-messages': [own.parkedMessages.queueArn],
      // By their names, because they call the reconciler, too.
      collector: [this.functionArn('event-collector')],
      actuator: [this.functionArn('event-actuator')],
      pager: [own.topic.topicArn],
      ...actuatedBy(this, stage),
      ...observedResources(this, this.stage),
      machine: [own.machineArn],
      executions: [executionsOf(this, own.machineName)],
      mail: own.mail.arns,
      schedules: [own.scheduling.schedules],
      'schedule-role': [own.scheduling.role.roleArn],
      'client-secret': own.secrets,
      'chat-secret': this.stage.chat === undefined ? [] : [this.stage.chat.webhookSecretArn],
      ...pipelineSecrets(this.stage),
    };
  }

  private functionArn(name: FunctionName): string {
    const resourceName = functionNameOf(this.stage.name, name);
    return this.formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  /** Targets with a wildcard, because their members do not exist yet, as cdk-nag writes them. */
  private wildcards(data: DataStack, name: string): Wildcards {
    const imported = ({ bucketArn }: IBucket): string =>
      (data.resolve(data.exportValue(bucketArn)) as { readonly 'Fn::ImportValue': string })['Fn::ImportValue'];
    const bucket = imported(data.evidence);
    const arn = (service: string): string => `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>`;
    return {
      ...observedWildcards(this, this.stage),
      'evidence-objects': [`${bucket}/*`],
      'run-objects': [`${bucket}/run/*`],
      'service-objects': [`${bucket}/service/*`],
      'definition-objects': [`${bucket}/definitions/*`],
      'profile-objects': [`${bucket}/profiles/*`],
      'intake-objects': [`${imported(data.intake)}/upload/*`],
      executions: [`${arn('states')}:execution:${name}:*`],
      schedules: [`${arn('scheduler')}:schedule/${name}/*`],
    };
  }

  /** What the local stage and the operators read from a deployment. */
  private outputs(
    { evidence, intake, roster, sessionKey, cursorKey, peopleKey, reconcilerKey }: DataStack,
    own: { readonly kept: KeptTables; readonly made: Readonly<Record<FunctionName, TrustedFunction>>; readonly machineArn: string },
  ): void {
    const named: Readonly<Record<string, string>> = {
      StateMachineArn: own.machineArn,
      EvidenceBucket: evidence.bucketName,
      IntakeBucket: intake.bucketName,
      RosterBucket: roster.bucketName,
      SessionKeyId: sessionKey.keyId,
      CursorKeyId: cursorKey.keyId,
      PeopleKeyId: peopleKey.keyId,
      ReconcilerKeyId: reconcilerKey.keyId,
      ...Object.fromEntries(Object.entries(own.kept).map(([id, table]) => [`${capital(id)}Table`, table.tableName])),
      ...Object.fromEntries(
        Object.entries(own.made).map(([name, { function: fn }]) => [`${name.split('-').map(capital).join('')}Function`, fn.functionName]),
      ),
    };
    for (const [name, value] of Object.entries(named)) new CfnOutput(this, name, { value });
  }
}

/** The stacks of one stage: data, app, and locally the service that a run releases. `bundles` is a folder that `bundleAll` filled. */
export const createStacks = (
  app: App,
  stage: Stage,
  bundles: string,
): { readonly data: DataStack; readonly app: AppStack; readonly shop: ShopStack | undefined } => {
  const can = capabilitiesOf(stage);
  const data = new DataStack(app, `Holdpoint-${stage.name}-Data`, { stage });
  const own = new AppStack(app, `Holdpoint-${stage.name}-App`, { stage, can, data, bundles });
  // Like a base path of Holdpoint's own address, so that it is known before the deployment: the stage names what is probed.
  const addresses = { url: `${stage.publicUrl}/shop`, stagingUrl: `${stage.publicUrl}/shop-staging` };
  const bundled = { bundle: join(bundles, 'shop'), stopBundle: join(bundles, 'shop-stop-requests') };
  return {
    data,
    app: own,
    shop: can.shop ? new ShopStack(app, `Holdpoint-${stage.name}-Shop`, { alarms: own.alarms, ...addresses, ...bundled }) : undefined,
  };
};
