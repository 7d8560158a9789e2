import type { Edge, GateGraph, GraphGate } from '../checklist/gate-graph.ts';
import { graphDigest } from '../checklist/gate-graph.ts';

/**
 * The gate graph as a state machine in the Amazon States Language: one callback task and one choice for each gate, and the end states. A task
 * is retried only when Lambda did not run the opener: it stores each new token over the one before, and opens an entry of a gate once.
 */

/** The error that the reconciler sends to a gate's task after a rollback trigger. */
export const rollbackError = 'Rollback.Triggered';
/** Version of the opener's payload. */
const payloadVersion = 1;

type Catcher = { readonly ErrorEquals: readonly string[]; readonly ResultPath: string; readonly Next: string };
type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly MaxAttempts: number;
};
type Rule = {
  readonly Variable?: string;
  readonly StringEquals?: string;
  readonly BooleanEquals?: boolean;
  readonly And?: readonly Rule[];
  readonly IsPresent?: boolean;
  readonly Next?: string;
};
export type State =
  | {
      readonly Type: 'Task';
      readonly Comment: string;
      readonly Resource: string;
      readonly Parameters: Readonly<Record<string, unknown>>;
      readonly TimeoutSeconds: number;
      readonly Retry: readonly Retrier[];
      readonly Catch: readonly Catcher[];
      readonly Next: string;
    }
  | { readonly Type: 'Choice'; readonly Comment: string; readonly Choices: readonly Rule[]; readonly Default: string }
  | { readonly Type: 'Succeed'; readonly Comment: string }
  | { readonly Type: 'Fail'; readonly Comment: string; readonly Error: string; readonly Cause: string };
export type Definition = { readonly Comment: string; readonly StartAt: string; readonly States: Readonly<Record<string, State>> };

/** Names of states. A gate's task has the gate's id, so that the history of an execution reads like the checklist. */
export const taskOf = (gate: string): string => gate;
export const choiceOf = (gate: string): string => `${gate} answered`;
export const endOf = (end: string): string => `end ${end}`;
const placeOf = (edge: Edge): string => ('gate' in edge ? taskOf(edge.gate) : endOf(edge.end));

/** Values known only at deployment: the ARN of the opener, and the AWS partition (`aws`, `aws-cn`, `aws-us-gov`). */
export type Deployed = { readonly opener: string; readonly partition: string };

/** The definition as JSON. `deployed` may hold CloudFormation placeholders. */
export const definitionOf = (graph: GateGraph, deployed: Deployed): Definition => {
  const digest = graphDigest(graph);
  const gates = graph.gates.flatMap((gate): readonly (readonly [string, State])[] => [
    [
      taskOf(gate.id),
      task(
        { ...deployed, gate: gate.id, seconds: gate.hardStopSeconds, graph: digest, attempts: gateAttempts },
        gate.triggered,
        taskOf(graph.incident.id),
      ),
    ],
    [choiceOf(gate.id), choice(gate, taskOf(graph.incident.id))],
  ]);
  return {
    Comment: `Holdpoint's gates, graph ${digest}`,
    StartAt: begin,
    States: Object.fromEntries([[begin, beginning(graph)], ...gates, ...incident(graph, { ...deployed, graph: digest }), ...ends(graph)]),
  };
};

/**
 * Transient faults of Lambda, and the ends of its processes, as AWS lists them for every task that invokes a function (Step Functions
 * Developer Guide, "Handle transient Lambda service exceptions"). The pauses double from two seconds: 10 attempts take some ten minutes, 40 take more than an hour.
 */
const retry = (attempts: number): readonly Retrier[] => [
  {
    ErrorEquals: [
      'Lambda.TooManyRequestsException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.ClientExecutionTimeoutException',
      // The opener died: out of time, out of memory, or with its process. An error that it throws itself would come again.
      'Lambda.Unknown',
      'Sandbox.Timedout',
      'Runtime.ExitError',
    ],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 120,
    MaxAttempts: attempts,
  },
];
const gateAttempts = 10;
/** Behind the incident gate stands no other state that could wait for a person. */
const incidentAttempts = 40;

type GateTask = Deployed & { readonly gate: string; readonly seconds: number; readonly graph: string; readonly attempts: number };

/** Opens a gate and waits for its answer. The reconciler decides when to answer; the timeout is a hard stop, which leads to the incident gate. */
const task = ({ gate, seconds, attempts, opener, partition, graph }: GateTask, triggered: Edge | null, faulted: string): State => ({
  Type: 'Task',
  Comment: `Waits for the answer of the gate ${gate}`,
  Resource: `arn:${partition}:states:::lambda:invoke.waitForTaskToken`,
  Parameters: {
    FunctionName: opener,
    Payload: {
      schemaVersion: payloadVersion,
      'run.$': '$.run',
      gate,
      'entry.$': '$$.State.EnteredTime',
      'token.$': '$$.Task.Token',
      'execution.$': '$$.Execution.Id',
      graph,
    },
  },
  TimeoutSeconds: seconds,
  Retry: retry(attempts),
  Catch: [
    ...(triggered === null ? [] : [{ ErrorEquals: [rollbackError], ResultPath: '$.error', Next: placeOf(triggered) }]),
    { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: faulted },
  ],
  Next: choiceOf(gate),
});

/** The state after an answer. An unknown answer leads to the incident gate. */
const choice = (
  { id, passed, rejected, cancelled, expired, returned, capped, superseded, continues }: GraphGate,
  otherwise: string,
): State => ({
  Type: 'Choice',
  Comment: `Follows the answer of the gate ${id}`,
  Choices: [
    // First, because comparing a missing value would fail the execution instead of choosing the default.
    { Variable: '$.outcome', IsPresent: false, Next: otherwise },
    ...Object.entries({
      passed,
      rejected,
      cancelled,
      expired,
      ...(returned === undefined ? {} : { returned }),
      ...(capped === undefined ? {} : { capped }),
      ...(superseded === null ? {} : { superseded }),
    }).map(([outcome, edge]) => ({
      Variable: '$.outcome',
      StringEquals: outcome,
      Next: placeOf(edge),
    })),
    ...continues.map((gate) => leadsBack('continued', gate)),
  ],
  Default: otherwise,
});

/** The first state. */
export const begin = 'begin';

/** A drill begins with the first step of the rollback, every other run with the first gate. */
const beginning = ({ start, drill }: GateGraph): State => ({
  Type: 'Choice',
  Comment: 'A drill rehearses the rollback alone',
  Choices: [
    {
      And: [
        { Variable: '$.drill', IsPresent: true },
        { Variable: '$.drill', BooleanEquals: true },
      ],
      Next: taskOf(drill),
    },
  ],
  Default: taskOf(start),
});

/** Comparing a missing value would fail the execution, so that it must be present. */
const answeredWith = (member: string, value: string): readonly Rule[] => [
  { Variable: `$.${member}`, IsPresent: true },
  { Variable: `$.${member}`, StringEquals: value },
];

/** An answer that names the gate to which it leads back. */
const leadsBack = (outcome: 'passed' | 'continued', gate: string): Rule => ({
  And: [...answeredWith('outcome', outcome), ...answeredWith('resume', gate)],
  Next: taskOf(gate),
});

/** The gate for every failure: a person resumes the interrupted gate or ends the run. Its own hard stop ends the run. */
const incident = (
  { incident: { id, hardStopSeconds, resumes, triggered, cancelled, superseded, end } }: GateGraph,
  shared: Omit<GateTask, 'gate' | 'seconds' | 'attempts'>,
): readonly (readonly [string, State])[] => [
  [taskOf(id), task({ ...shared, gate: id, seconds: hardStopSeconds, attempts: incidentAttempts }, triggered, endOf(end))],
  [
    choiceOf(id),
    {
      Type: 'Choice',
      Comment: 'Resumes the gate that a person named, or ends the run',
      Choices: [
        ...resumes.map((gate) => leadsBack('passed', gate)),
        { And: answeredWith('outcome', 'cancelled'), Next: placeOf(cancelled) },
        ...(superseded === null ? [] : [{ And: answeredWith('outcome', 'superseded'), Next: placeOf(superseded) }]),
      ],
      Default: endOf(end),
    },
  ],
];

const ends = (graph: GateGraph): readonly (readonly [string, State])[] =>
  graph.ends.map(({ id, succeeds, cause }) => [
    endOf(id),
    succeeds ? { Type: 'Succeed', Comment: cause } : { Type: 'Fail', Comment: cause, Error: id, Cause: cause },
  ]);
