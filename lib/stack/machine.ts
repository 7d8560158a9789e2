import { Aws, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { gateGraphOf } from '../checklist/gate-graph.ts';
import type { Stage } from '../checklist/stage.ts';
import { checklistFor } from '../checklist/stage-checklist.ts';
import { keptLog } from './logs.ts';
import { definitionOf } from './states-language.ts';

/** How the definition names a value that CloudFormation substitutes. */
const substituted = (name: string): string => '$'.concat(`{${name}}`);

type Props = {
  readonly name: string;
  readonly arn: string;
  readonly opener: lambda.IFunction;
  readonly reconciler: lambda.IFunction;
  readonly undeliveredEvents: sqs.IQueue;
  readonly stage: Stage;
};

/** The gate graph as the one state machine of the stage. Its role may call the opener, write its log, and nothing else. */
export class GateMachine extends Construct {
  constructor(scope: Construct, id: string, { name, arn, opener, reconciler, undeliveredEvents, stage }: Props) {
    super(scope, id);
    const logGroup = keptLog(this, { stage, delivered: `states/${name}` });
    const role = new iam.Role(this, 'Role', {
      description: 'Lets the state machine open gates',
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(new iam.PolicyStatement({ sid: 'Opener', actions: ['lambda:InvokeFunction'], resources: [opener.functionArn] }));
    const machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(
        JSON.stringify(
          definitionOf(gateGraphOf(checklistFor(stage.deviations)), { opener: substituted('Opener'), partition: Aws.PARTITION }),
        ),
      ),
      definitionSubstitutions: { Opener: opener.functionArn },
      role,
      // Execution data carries task tokens, which are credentials.
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
    });
    for (const id of ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'])
      Validations.of(machine).acknowledge({
        id,
        reason: 'The audit trail shows what happened to a run; traces are samples, and would need a permission on every resource.',
      });
    // Step Functions reports an aborted or failed execution only by this event: the reconciler then ends the run in the trail.
    new events.Rule(this, 'Ended', {
      description: 'Executions that did not succeed',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [arn], status: ['ABORTED', 'FAILED', 'TIMED_OUT'] },
      },
      targets: [
        new targets.LambdaFunction(reconciler, {
          event: events.RuleTargetInput.fromObject({ run: events.EventField.fromPath('$.detail.name'), executionEnded: true }),
          deadLetterQueue: undeliveredEvents,
          retryAttempts: 10,
          maxEventAge: Duration.hours(2),
        }),
      ],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: "AWS offers the actions that set up the delivery of a state machine's log for all resources only.",
    });
  }
}
