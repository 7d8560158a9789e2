import { digestOf } from '../canonical-json.ts';
import { type Checklist, type GateId, gatesOf, incidentId } from './definition.ts';
import type { Gate } from './gates.ts';

const day = 86_400;

/** Where a gate's answer leads: to another gate, to the incident gate, or to an end. */
export type Edge = { readonly gate: string } | { readonly end: string };

/** A gate as one callback task and one choice. Seconds. */
export type GraphGate = {
  readonly id: string;
  readonly hardStopSeconds: number;
  readonly passed: Edge;
  readonly rejected: Edge;
  readonly cancelled: Edge;
  readonly expired: Edge;
  /** The rollback edge. Only a recorded trigger takes it. */
  readonly triggered: Edge;
  /** Of a gate after Deployment Success: a newer run has taken the environment over. */
  readonly superseded: Edge | null;
};

/**
 * The gate graph, from which the state machine is generated. Every other edge, a fired hard stop and any fault lead to the incident
 * gate; the incident gate's own hard stop leads to the end `incident`.
 */
export type GateGraph = {
  readonly start: string;
  readonly gates: readonly GraphGate[];
  readonly incident: {
    readonly id: 'incident';
    readonly hardStopSeconds: number;
    readonly resumes: readonly string[];
    readonly end: string;
    readonly superseded: Edge | null;
  };
  readonly ends: readonly { readonly id: string; readonly succeeds: boolean; readonly cause: string }[];
};

const causes: Readonly<Record<string, string>> = {
  'production-stable': 'Declared production stable.',
  rejected: 'A person rejected the release.',
  cancelled: 'The run was cancelled before its deployment.',
  expired: 'A deadline passed before its gate did.',
  'not-deployed': 'Nothing was deployed in the window.',
  'not-stable': 'The release did not become stable in time.',
  superseded: 'A newer run has taken the environment over.',
  'rolled-back': 'A trigger was recorded, and people roll the release back.',
  incident: 'An incident ended the run.',
};

/** The gate graph of a checklist, in the order of its gates. */
export const gateGraphOf = (checklist: Checklist): GateGraph => {
  const gates = gatesOf(checklist).map((gate, place) => graphGate(checklist, gate, checklist.gates[place + 1]?.id));
  const first = gates[0];
  if (first === undefined) throw new Error('a checklist without gates has no gate graph');
  const reached = new Set(
    gates.flatMap((gate) =>
      [gate.passed, gate.rejected, gate.cancelled, gate.expired, gate.triggered, gate.superseded].flatMap((edge) =>
        edge !== null && 'end' in edge ? [edge.end] : [],
      ),
    ),
  );
  return {
    start: first.id,
    gates,
    incident: {
      id: 'incident',
      hardStopSeconds: checklist.incident.deadlineSeconds + day,
      resumes: gates.map((gate) => gate.id),
      end: 'incident',
      superseded: gates.find(({ superseded }) => superseded !== null)?.superseded ?? null,
    },
    ends: [...reached, 'incident'].sort().map((id) => ({ id, succeeds: id === 'production-stable', cause: causes[id] ?? id })),
  };
};

/** The gate after which a run shares its environment: a newer run's T0 may take it over. */
export const sharingGate: GateId = 'deployment-success';

/** Whether the run can be superseded at this gate: behind the one from which on it shares its environment, and in an incident there. */
export const isSupersedable = ({ gates }: Checklist, gate: string): boolean => {
  const shares = gates.findIndex(({ id }) => id === sharingGate);
  if (shares === -1 || shares === gates.length - 1) return false;
  return gate === incidentId || gates.findIndex(({ id }) => id === gate) > shares;
};

const graphGate = (checklist: Checklist, gate: Gate, next: string | undefined): GraphGate => ({
  id: gate.id,
  hardStopSeconds: gate.deadlineSeconds + day,
  passed: next === undefined ? { end: 'production-stable' } : { gate: next },
  rejected: gate.onRejected === 'incident' ? { gate: 'incident' } : { end: 'rejected' },
  cancelled: { end: 'cancelled' },
  expired: gate.onDeadline === 'page' ? { gate: 'incident' } : { end: gate.onDeadline },
  triggered: { end: 'rolled-back' },
  superseded: isSupersedable(checklist, gate.id) ? { end: 'superseded' } : null,
});

/** Digest of the gate graph. It is part of the state machine, and the opener compares it whenever a gate opens. */
export const graphDigest = (graph: GateGraph): string => digestOf(graph);
