import { type App, ArnFormat, CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import { PublicApi } from './api.ts';
import { type FunctionName, functionNames } from './bundle.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { DataStack } from './data.ts';
import { Feeds } from './feeds.ts';
import { executionsOf, TrustedFunction } from './functions.ts';
import type { Target } from './grants.ts';
import { SpineMachine } from './machine.ts';
import { MailIdentity } from './mail.ts';
import { OperationalAlarms } from './operational-alarms.ts';
import { SampleStack } from './sample.ts';
import { Scheduling } from './scheduling.ts';

const trail = ['AUDIT_TABLE', 'PEOPLE_KEY_ID', 'RECONCILER_KEY_ID'];
/** The variables of the functions; lambdas/shell/env.ts says the same from the reader's side, and a test compares both. */
const variablesOf: Readonly<Record<FunctionName, readonly string[]>> = {
  'api-authorizer': ['SESSION_KEY_ID'],
  'api-ci': [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'STATE_MACHINE_ARN', 'RECONCILER_FUNCTION'],
  'api-people': [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION', 'SESSION_KEY_ID'],
  'api-audit': [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'CURSOR_KEY_ID'],
  'task-opener': [...trail, 'RUNS_TABLE', 'TOKENS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
  'event-reconciler': [
    ...trail,
    'RUNS_TABLE',
    'TOKENS_TABLE',
    'EVIDENCE_BUCKET',
    'STATE_MACHINE_ARN',
    'SCHEDULE_GROUP',
    'SCHEDULE_ROLE_ARN',
    'SCHEDULE_DLQ_ARN',
    'MAIL_SET',
  ],
  'event-feed': [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
  'event-sweep': ['RUNS_TABLE', 'RECONCILER_FUNCTION'],
};

type AppProps = StackProps & { readonly stage: Stage; readonly can: Capabilities; readonly data: DataStack; readonly bundles: string };

/** Everything that a deployment may change: functions, workflow, API, feeds, time, mail. It holds no state of its own. */
export class AppStack extends Stack {
  constructor(scope: Construct, id: string, { stage, can, data, bundles, ...props }: AppProps) {
    super(scope, id, { ...props, description: 'Holdpoint: functions, workflow, API, feeds.' });
    const leftovers = this.queue('Leftovers', 'What a function could not finish, after its retries.');
    const undelivered = this.queue('Undelivered', 'What rules, schedules and the topic could not deliver.');
    const machineName = `holdpoint-${stage.name}`;
    // By its name, not by reference: the reconciler is told the machine, the machine calls the opener, and the opener is told the reconciler.
    const machineArn = this.formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: machineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const time = new Scheduling(this, 'Time', { group: machineName, undelivered });
    const mail = new MailIdentity(this, 'Mail', { stage, can });
    const values = variables(data, { machineArn, time, mail });
    const make = (name: FunctionName, reconciler: Readonly<Record<string, string>>): TrustedFunction =>
      new TrustedFunction(this, { name, stage, leftovers, bundles, environment: pick(variablesOf[name], { ...values, ...reconciler }) });
    const reconciler = make('event-reconciler', {});
    const told = { RECONCILER_FUNCTION: reconciler.function.functionName };
    const made = {
      ...Object.fromEntries(functionNames.filter((name) => name !== 'event-reconciler').map((name) => [name, make(name, told)])),
      'event-reconciler': reconciler,
    } as Record<FunctionName, TrustedFunction>;
    const resources = this.resources(data, { reconciler, time, mail, machineArn, machineName });
    for (const trusted of Object.values(made)) trusted.grant(resources, this.open(data, machineName));
    const opener = made['task-opener'].function;
    new SpineMachine(this, 'Spine', { name: machineName, arn: machineArn, opener, reconciler: reconciler.function, undelivered, stage });
    const api = new PublicApi(this, 'Http', {
      functions: { ci: made['api-ci'].function, people: made['api-people'].function, audit: made['api-audit'].function },
      authorizer: made['api-authorizer'].function,
      stage,
    });
    new Feeds(this, 'Feeds', { feed: made['event-feed'].function, undelivered, stage, can });
    time.drive(reconciler.function, made['event-sweep'].function);
    new OperationalAlarms(this, 'Watch', { stage, leftovers, undelivered, sweep: made['event-sweep'].function, api: api.id });
    this.outputs(data, made, machineArn);
  }

  private queue(id: string, why: string): sqs.Queue {
    const queue = new sqs.Queue(this, id, {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: `A dead-letter queue itself: ${why}` });
    Validations.of(queue).acknowledge({ id: 'Serverless-SQSRedrivePolicy', reason: `A dead-letter queue itself: ${why}` });
    return queue;
  }

  private resources(
    data: DataStack,
    own: {
      readonly reconciler: TrustedFunction;
      readonly time: Scheduling;
      readonly mail: MailIdentity;
      readonly machineArn: string;
      readonly machineName: string;
    },
  ): Readonly<Record<Target, readonly string[]>> {
    const { tables, evidence, tokensKey, sessionKey, cursorKey, peopleKey, reconcilerKey } = data;
    return {
      audit: [tables.audit.tableArn],
      runs: [tables.runs.tableArn],
      people: [tables.people.tableArn],
      tokens: [tables.tokens.tableArn],
      idempotency: [tables.idempotency.tableArn],
      evidence: [evidence.bucketArn],
      'evidence-objects': [evidence.arnForObjects('*')],
      'tokens-key': [tokensKey.keyArn],
      'session-key': [sessionKey.keyArn],
      'cursor-key': [cursorKey.keyArn],
      'people-key': [peopleKey.keyArn],
      'reconciler-key': [reconcilerKey.keyArn],
      reconciler: [own.reconciler.function.functionArn],
      machine: [own.machineArn],
      executions: [executionsOf(this, own.machineName)],
      mail: own.mail.arns,
      schedules: [own.time.schedules],
      'schedule-role': [own.time.role.roleArn],
    };
  }

  /** Targets whose members come later, written as cdk-nag writes them. */
  private open(data: DataStack, name: string): Readonly<Partial<Record<Target, string>>> {
    const bucket = data.resolve(data.exportValue(data.evidence.bucketArn)) as { readonly 'Fn::ImportValue': string };
    const arn = (service: string): string => `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>`;
    return {
      'evidence-objects': `${bucket['Fn::ImportValue']}/*`,
      executions: `${arn('states')}:execution:${name}:*`,
      schedules: `${arn('scheduler')}:schedule/${name}/*`,
    };
  }

  /** What the command line and the local stage need to know of a deployment. */
  private outputs(
    { tables, evidence, intake, sessionKey, cursorKey, peopleKey, reconcilerKey }: DataStack,
    made: Readonly<Record<FunctionName, TrustedFunction>>,
    machineArn: string,
  ): void {
    const named: Readonly<Record<string, string>> = {
      StateMachineArn: machineArn,
      EvidenceBucket: evidence.bucketName,
      IntakeBucket: intake.bucketName,
      SessionKeyId: sessionKey.keyId,
      CursorKeyId: cursorKey.keyId,
      PeopleKeyId: peopleKey.keyId,
      ReconcilerKeyId: reconcilerKey.keyId,
      ...Object.fromEntries(Object.entries(tables).map(([id, table]) => [`${capital(id)}Table`, table.tableName])),
      ...Object.fromEntries(
        Object.entries(made).map(([name, { function: fn }]) => [`${name.split('-').map(capital).join('')}Function`, fn.functionName]),
      ),
    };
    for (const [name, value] of Object.entries(named)) new CfnOutput(this, name, { value });
  }
}

const capital = (word: string): string => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;

const pick = (names: readonly string[], values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`no value for the variable ${name}`);
      return [name, value];
    }),
  );

const variables = (
  { tables, evidence, sessionKey, cursorKey, peopleKey, reconcilerKey }: DataStack,
  { machineArn, time, mail }: { readonly machineArn: string; readonly time: Scheduling; readonly mail: MailIdentity },
): Readonly<Record<string, string>> => ({
  AUDIT_TABLE: tables.audit.tableName,
  RUNS_TABLE: tables.runs.tableName,
  PEOPLE_TABLE: tables.people.tableName,
  TOKENS_TABLE: tables.tokens.tableName,
  IDEMPOTENCY_TABLE: tables.idempotency.tableName,
  EVIDENCE_BUCKET: evidence.bucketName,
  SESSION_KEY_ID: sessionKey.keyId,
  CURSOR_KEY_ID: cursorKey.keyId,
  PEOPLE_KEY_ID: peopleKey.keyId,
  RECONCILER_KEY_ID: reconcilerKey.keyId,
  STATE_MACHINE_ARN: machineArn,
  SCHEDULE_GROUP: time.group,
  SCHEDULE_ROLE_ARN: time.role.roleArn,
  SCHEDULE_DLQ_ARN: time.undelivered.queueArn,
  MAIL_SET: mail.set,
});

/** The whole app of one stage: what is kept, what runs on it, and locally the sample that is released. `bundles` is a folder that `bundleAll` filled. */
export const createStacks = (
  app: App,
  stage: Stage,
  bundles: string,
): { readonly data: DataStack; readonly app: AppStack; readonly sample: SampleStack | undefined } => {
  const can = capabilitiesOf(stage);
  const data = new DataStack(app, `Holdpoint-${stage.name}-Data`, { can });
  return {
    data,
    app: new AppStack(app, `Holdpoint-${stage.name}-App`, { stage, can, data, bundles }),
    sample: can.sample ? new SampleStack(app, `Holdpoint-${stage.name}-Sample`) : undefined,
  };
};
