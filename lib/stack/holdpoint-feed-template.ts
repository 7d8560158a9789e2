import {
  App,
  Aws,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  CfnRule,
  DefaultStackSynthesizer,
  Fn,
  type ICfnRuleConditionExpression,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { stringify } from 'yaml';
import { stageNamePattern } from '../checklist/stage.ts';
import { HoldpointFeed } from './holdpoint-feed.ts';
import { type MadeRole, roleNameOf } from './holdpoint-feed-roles.ts';

const arnPattern = (of: string): string => `^arn:[a-z0-9-]+:${of}$`;

/** The parameters of the template, each with what it is for. */
const parametersOf = (stack: Stack) => {
  const text = (id: string, description: string, allowedPattern: string, given?: string): CfnParameter =>
    new CfnParameter(stack, id, { type: 'String', description, allowedPattern, ...(given === undefined ? {} : { default: given }) });
  const list = (id: string, description: string): CfnParameter =>
    new CfnParameter(stack, id, { type: 'CommaDelimitedList', description, default: '' });
  const choice = (id: string, description: string): CfnParameter =>
    new CfnParameter(stack, id, { type: 'String', description, default: 'no', allowedValues: ['yes', 'no'] });
  const optionalRole = `^$|${arnPattern('iam::[0-9]{12}:role/.+')}`;
  return {
    bus: text('BusArn', "ARN of Holdpoint's bus: the output BusArn of its stack.", arnPattern('events:[a-z0-9-]+:[0-9]{12}:event-bus/.+')),
    stage: text(
      'Stage',
      "The name of Holdpoint's stage, which the names of the roles contain then. Needed where two stages observe this account and region.",
      `^$|${stageNamePattern.source}`,
      '',
    ),
    trustedRole: text(
      'ActuatorFunctionRoleArn',
      "ARN of the role of Holdpoint's function event-actuator. Empty: no role for taking releases back.",
      optionalRole,
      '',
    ),
    observingRole: text(
      'CollectorFunctionRoleArn',
      "ARN of the role of Holdpoint's function event-collector. Empty: no role for seeing what runs.",
      optionalRole,
      '',
    ),
    externalId: text(
      'ExternalId',
      'The external id that Holdpoint sends when it assumes one of the roles: the same text as in its stage file, at least 16 characters.',
      '^$|^[\\w+=,.@:/-]{16,1224}$',
      '',
    ),
    functions: list(
      'AliasFunctionArns',
      'ARNs of Lambda functions whose alias Holdpoint may shift and read, each as it is and with :* behind it, which covers its versions.',
    ),
    invoked: list('InvokedFunctionArns', 'ARNs of Lambda functions that Holdpoint may invoke, with version or alias.'),
    services: list('EcsServiceArns', 'ARNs of ECS services that Holdpoint may update and read.'),
    clusters: list('EcsClusterArns', 'ARNs of the clusters of these services. Without them, Holdpoint reads no service.'),
    figures: choice('ReadFigures', 'Whether Holdpoint reads alarms and metrics of this account and region.'),
    histories: choice('ReadHistories', 'Whether Holdpoint reads activities of Auto Scaling groups and events of databases.'),
    topic: text(
      'AlarmTopicArn',
      'ARN of an SNS topic of this region that hears of events which could not be forwarded. Empty: the alarm tells nobody.',
      `^$|${arnPattern('sns:[a-z0-9-]+:[0-9]{12}:.+')}`,
      '',
    ),
  };
};

type Parameters = ReturnType<typeof parametersOf>;
type Expression = ICfnRuleConditionExpression;

const given = (parameter: CfnParameter): Expression =>
  Fn.conditionNot(
    Fn.conditionEquals(parameter.type === 'CommaDelimitedList' ? Fn.join('', parameter.valueAsList) : parameter.valueAsString, ''),
  );
const isYes = (parameter: CfnParameter): Expression => Fn.conditionEquals(parameter.valueAsString, 'yes');

/** The feed with everything that a parameter can ask for. */
const fullFeed = (stack: Stack, { bus, trustedRole, observingRole, externalId, functions, invoked, services, clusters }: Parameters) =>
  new HoldpointFeed(stack, 'Feed', {
    bus: bus.valueAsString,
    actuator: {
      trustedRole: trustedRole.valueAsString,
      externalId: externalId.valueAsString,
      functions: functions.valueAsList,
      invoked: invoked.valueAsList,
      services: services.valueAsList,
    },
    observer: {
      trustedRole: observingRole.valueAsString,
      externalId: externalId.valueAsString,
      functions: functions.valueAsList,
      services: services.valueAsList,
      clusters: clusters.valueAsList,
      figures: true,
      histories: true,
    },
  });

/** What each policy of the two roles depends on beside its role. */
const neededBy = ({ functions, invoked, services, clusters, figures, histories }: Parameters): Readonly<Record<string, Expression>> => ({
  ShiftAliases: given(functions),
  InvokeFunctions: given(invoked),
  UpdateServices: given(services),
  ReadAliases: given(functions),
  ReadServices: Fn.conditionAnd(given(services), given(clusters)),
  ReadFigures: isYes(figures),
  ReadHistories: isYes(histories),
});

/** A role is made where somebody is named who may take it, and a policy where something is named, too. */
const makeConditional = (stack: Stack, id: Id, { made, by, needed, nameIn }: Conditional): void => {
  if (made === undefined) return;
  made.role.roleName = nameIn(id);
  made.role.cfnOptions.condition = new CfnCondition(stack, `Has${id}`, { expression: given(by) });
  new CfnOutput(stack, `${id}RoleArn`, {
    value: made.role.attrArn,
    condition: made.role.cfnOptions.condition,
    description: 'For the stage file of Holdpoint',
  });
  for (const [name, policy] of Object.entries(made.permissions)) {
    const expression = needed[name];
    if (expression === undefined) throw new Error(`the policy ${name} depends on no parameter: name one in neededBy`);
    policy.cfnOptions.condition = new CfnCondition(stack, `Has${name}`, { expression: Fn.conditionAnd(given(by), expression) });
  }
};
type Id = 'Actuator' | 'Observer';
type Conditional = {
  readonly made: MadeRole | undefined;
  readonly by: CfnParameter;
  readonly needed: Readonly<Record<string, Expression>>;
  readonly nameIn: (id: Id) => string;
};

/** The construct as a template of its own, for accounts that deploy no CDK app: what is optional depends on its parameter. */
export const holdpointFeedTemplate = (): object => {
  const app = new App({ analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': false } });
  const stack = new Stack(app, 'HoldpointFeed', {
    description: 'Forwards events of this account and region to Holdpoint, and lets Holdpoint take releases back and see what runs.',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const parameters = parametersOf(stack);
  const { stage: named, trustedRole, observingRole, externalId, topic } = parameters;
  const feed = fullFeed(stack, parameters);
  const needed = neededBy(parameters);
  const hasStage = new CfnCondition(stack, 'HasStage', { expression: given(named) });
  const nameIn = (id: Id): string =>
    Token.asString(Fn.conditionIf(hasStage.logicalId, roleNameOf(id, named.valueAsString), roleNameOf(id, undefined)));
  makeConditional(stack, 'Actuator', { made: feed.actuator, by: trustedRole, needed, nameIn });
  makeConditional(stack, 'Observer', { made: feed.observer, by: observingRole, needed, nameIn });
  const hasTopic = new CfnCondition(stack, 'HasAlarmTopic', { expression: given(topic) });
  const topics = Token.asList(Fn.conditionIf(hasTopic.logicalId, [topic.valueAsString], Aws.NO_VALUE));
  feed.alarm.alarmActions = topics;
  feed.alarm.okActions = topics;
  // Without it, Holdpoint could be made to act or to look for somebody else.
  new CfnRule(stack, 'ExternalIdIsGiven', {
    ruleCondition: Fn.conditionOr(given(trustedRole), given(observingRole)),
    assertions: [
      {
        assert: given(externalId),
        assertDescription:
          'ExternalId: got nothing, expected the external id of the stage file beside ActuatorFunctionRoleArn and CollectorFunctionRoleArn',
      },
    ],
  });
  return app.synth().getStackByName('HoldpointFeed').template as object;
};

const head = [
  '# Forwards events of an account and region to Holdpoint. Made from lib/stack/holdpoint-feed.ts by `npm run docs`; do not edit.',
  '# Deploy it with the capability CAPABILITY_NAMED_IAM, because its roles have names.',
];

/** The template as a file. */
export const holdpointFeedText = (): string =>
  `${head.join('\n')}\n${stringify(holdpointFeedTemplate(), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;
