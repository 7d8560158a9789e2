import type { Edge, Spine, SpineGate } from '../checklist/spine.ts';
import { graphDigest } from '../checklist/spine.ts';

/**
 * The gate graph as a state machine in the Amazon States Language. Per gate one callback task and one choice; besides them only ends.
 * Nothing retries: a retry of a callback task would be another token and another mail.
 */

/** The error with which the reconciler answers a gate's task when a trigger was recorded. */
export const rollbackError = 'Rollback.Triggered';
/** The version of the payload that the opener gets. */
const payloadVersion = 1;

type Catcher = { readonly ErrorEquals: readonly string[]; readonly ResultPath: string; readonly Next: string };
type Rule = {
  readonly Variable?: string;
  readonly StringEquals?: string;
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
      readonly Catch: readonly Catcher[];
      readonly Next: string;
    }
  | { readonly Type: 'Choice'; readonly Comment: string; readonly Choices: readonly Rule[]; readonly Default: string }
  | { readonly Type: 'Succeed'; readonly Comment: string }
  | { readonly Type: 'Fail'; readonly Comment: string; readonly Error: string; readonly Cause: string };
export type Definition = { readonly Comment: string; readonly StartAt: string; readonly States: Readonly<Record<string, State>> };

/** Names of states: a gate's task carries the gate's name, so that an execution's history reads like the checklist. */
export const taskOf = (gate: string): string => gate;
export const choiceOf = (gate: string): string => `${gate} answered`;
export const endOf = (end: string): string => `end ${end}`;
const placeOf = (edge: Edge): string => ('gate' in edge ? taskOf(edge.gate) : endOf(edge.end));

/** What is known at the deployment only: the ARN of the function that opens gates, and the partition of AWS (`aws`, `aws-cn`, `aws-us-gov`). */
export type Deployed = { readonly opener: string; readonly partition: string };

/** The definition as JSON; deploy-time tokens may stand in for what is known at the deployment. */
export const definitionOf = (spine: Spine, deployed: Deployed): Definition => {
  const rolledBack = spine.gates[0]?.triggered;
  if (rolledBack === undefined) throw new Error('a spine without gates is no state machine');
  const graph = graphDigest(spine);
  const gates = spine.gates.flatMap((gate): readonly (readonly [string, State])[] => [
    [
      taskOf(gate.id),
      task({ ...deployed, gate: gate.id, seconds: gate.hardStopSeconds, graph }, placeOf(gate.triggered), taskOf(spine.incident.id)),
    ],
    [choiceOf(gate.id), choice(gate, taskOf(spine.incident.id))],
  ]);
  return {
    Comment: `Holdpoint's gates, graph ${graph}`,
    StartAt: taskOf(spine.start),
    States: Object.fromEntries([...gates, ...incident(spine, { ...deployed, graph }, placeOf(rolledBack)), ...ends(spine)]),
  };
};

type Ask = Deployed & { readonly gate: string; readonly seconds: number; readonly graph: string };

/** Opens a gate and waits for its answer. Time, quorum and policy are the reconciler's; the timeout is a hard stop and an incident. */
const task = ({ gate, seconds, opener, partition, graph }: Ask, triggered: string, faulted: string): State => ({
  Type: 'Task',
  Comment: `Waits until the gate ${gate} is settled`,
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
  Catch: [
    { ErrorEquals: [rollbackError], ResultPath: '$.error', Next: triggered },
    { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: faulted },
  ],
  Next: choiceOf(gate),
});

/** Where an answer leads. An answer that is none of the known ones is an incident. */
const choice = ({ id, passed, rejected, cancelled, expired }: SpineGate, otherwise: string): State => ({
  Type: 'Choice',
  Comment: `Where the answer of ${id} leads`,
  Choices: [
    // Asked first: a comparison with what is not there would fail the execution instead of choosing the default.
    { Variable: '$.outcome', IsPresent: false, Next: otherwise },
    ...Object.entries({ passed, rejected, cancelled, expired }).map(([outcome, edge]) => ({
      Variable: '$.outcome',
      StringEquals: outcome,
      Next: placeOf(edge),
    })),
  ],
  Default: otherwise,
});

/** One gate for everything that went wrong: a person resumes where the run was, or ends it. Its own hard stop ends the run. */
const incident = (
  { incident: { id, hardStopSeconds, resumes, end } }: Spine,
  asked: Omit<Ask, 'gate' | 'seconds'>,
  triggered: string,
): readonly (readonly [string, State])[] => [
  [taskOf(id), task({ ...asked, gate: id, seconds: hardStopSeconds }, triggered, endOf(end))],
  [
    choiceOf(id),
    {
      Type: 'Choice',
      Comment: 'Resumes the gate that a person named, or ends the run',
      Choices: resumes.map((gate) => ({
        And: [
          { Variable: '$.outcome', IsPresent: true },
          { Variable: '$.outcome', StringEquals: 'passed' },
          { Variable: '$.resume', IsPresent: true },
          { Variable: '$.resume', StringEquals: gate },
        ],
        Next: taskOf(gate),
      })),
      Default: endOf(end),
    },
  ],
];

const ends = (spine: Spine): readonly (readonly [string, State])[] =>
  spine.ends.map(({ id, succeeds, cause }) => [
    endOf(id),
    succeeds ? { Type: 'Succeed', Comment: cause } : { Type: 'Fail', Comment: cause, Error: id, Cause: cause },
  ]);
