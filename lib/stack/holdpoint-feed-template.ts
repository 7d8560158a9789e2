import type { CfnResource } from 'aws-cdk-lib';
import { App, CfnCondition, CfnOutput, CfnParameter, CfnRule, DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import { stringify } from 'yaml';
import { HoldpointFeed } from './holdpoint-feed.ts';

const arnPattern = (of: string): string => `^arn:[a-z0-9-]+:${of}$`;

/** The parameters of the template, each with what it is for. */
const parametersOf = (stack: Stack) => {
  const text = (id: string, description: string, allowedPattern: string, given?: string): CfnParameter =>
    new CfnParameter(stack, id, { type: 'String', description, allowedPattern, ...(given === undefined ? {} : { default: given }) });
  const list = (id: string, description: string): CfnParameter =>
    new CfnParameter(stack, id, { type: 'CommaDelimitedList', description, default: '' });
  return {
    bus: text('BusArn', "ARN of Holdpoint's bus: the output BusArn of its stack.", arnPattern('events:[a-z0-9-]+:[0-9]{12}:event-bus/.+')),
    trustedRole: text(
      'ActuatorFunctionRoleArn',
      "ARN of the role of Holdpoint's actuator function. Empty: no role for taking releases back.",
      `^$|${arnPattern('iam::[0-9]{12}:role/.+')}`,
      '',
    ),
    externalId: text(
      'ExternalId',
      'The external id that Holdpoint sends when it assumes the role: the same text as in its stage file, at least 16 characters.',
      '^$|^[\\w+=,.@:/-]{16,1224}$',
      '',
    ),
    functions: list(
      'AliasFunctionArns',
      'ARNs of Lambda functions whose alias Holdpoint may shift, each as it is and with :* behind it, which covers its versions.',
    ),
    invoked: list('InvokedFunctionArns', 'ARNs of Lambda functions that Holdpoint may invoke, with version or alias.'),
    services: list('EcsServiceArns', 'ARNs of ECS services that Holdpoint may update.'),
  };
};

/** The construct as a template of its own, for accounts that deploy no CDK app: what is optional depends on its parameter. */
export const holdpointFeedTemplate = (): object => {
  const app = new App({ analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': false } });
  const stack = new Stack(app, 'HoldpointFeed', {
    description: 'Forwards events of this account and region to Holdpoint, and lets Holdpoint take releases back.',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const { bus, trustedRole, externalId, functions, invoked, services } = parametersOf(stack);
  const feed = new HoldpointFeed(stack, 'Feed', {
    bus: bus.valueAsString,
    actuator: {
      trustedRole: trustedRole.valueAsString,
      externalId: externalId.valueAsString,
      functions: functions.valueAsList,
      invoked: invoked.valueAsList,
      services: services.valueAsList,
    },
  });
  const given = new CfnCondition(stack, 'HasActuator', { expression: Fn.conditionNot(Fn.conditionEquals(trustedRole.valueAsString, '')) });
  const only = (resource: CfnResource | undefined, condition: CfnCondition): void => {
    if (resource !== undefined) resource.cfnOptions.condition = condition;
  };
  const both = (id: string, list: CfnParameter): CfnCondition =>
    new CfnCondition(stack, id, {
      expression: Fn.conditionAnd(
        Fn.conditionNot(Fn.conditionEquals(trustedRole.valueAsString, '')),
        Fn.conditionNot(Fn.conditionEquals(Fn.join('', list.valueAsList), '')),
      ),
    });
  only(feed.actuator, given);
  only(feed.permissions.functions, both('HasAliasFunctions', functions));
  only(feed.permissions.invoked, both('HasInvokedFunctions', invoked));
  only(feed.permissions.services, both('HasEcsServices', services));
  if (feed.actuator !== undefined)
    new CfnOutput(stack, 'ActuatorRoleArn', {
      value: feed.actuator.attrArn,
      condition: given,
      description: 'For the stage file of Holdpoint',
    });
  // Without it, Holdpoint could be made to act for somebody else.
  new CfnRule(stack, 'ExternalIdIsGiven', {
    ruleCondition: Fn.conditionNot(Fn.conditionEquals(trustedRole.valueAsString, '')),
    assertions: [
      {
        assert: Fn.conditionNot(Fn.conditionEquals(externalId.valueAsString, '')),
        assertDescription: 'ExternalId: got nothing, expected the external id of the stage file beside ActuatorFunctionRoleArn',
      },
    ],
  });
  return app.synth().getStackByName('HoldpointFeed').template as object;
};

const head = [
  '# Forwards events of an account and region to Holdpoint. Made from lib/stack/holdpoint-feed.ts by `npm run docs`; do not edit.',
  '# Deploy it with the capability CAPABILITY_NAMED_IAM, because the role for taking releases back has a name.',
];

/** The template as a file. */
export const holdpointFeedText = (): string =>
  `${head.join('\n')}\n${stringify(holdpointFeedTemplate(), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;
