import { digestOf } from '../canonical-json.ts';
import { type Checklist, gatesOf, rollbackGatesOf } from './definition.ts';
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
  /** The rollback edge of the gates after T0. Only a recorded trigger takes it. */
  readonly triggered: Edge | null;
  /** Of the rollback decision: the gates to which a decision to continue may lead back. */
  readonly continues: readonly string[];
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
    /** A trigger is answered also while a person looks at an incident. */
    readonly triggered: Edge;
    readonly end: string;
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
  'rolled-back': 'The release was rolled back, and that is proved.',
  'rolled-back-unverified': 'The release was rolled back, and its health was not proved.',
  'rollback-escalated': 'The rollback was not completed; people have taken over.',
  incident: 'An incident ended the run.',
};

/** The gate graph of a checklist, in the order of its gates. */
export const gateGraphOf = (checklist: Checklist): GateGraph => {
  const spine = gatesOf(checklist);
  const t0 = spine.findIndex(({ role }) => role === 't0');
  const afterT0 = t0 < 0 ? [] : spine.slice(t0 + 1).map(({ id }) => id);
  const decision = { gate: decisionOf(checklist).id };
  const gates = [
    ...spine.map((gate, place) => ({
      ...graphGate(gate, { next: checklist.gates[place + 1]?.id, end: 'production-stable', decision }),
      triggered: afterT0.includes(gate.id) ? decision : null,
      continues: [],
    })),
    ...rollbackGatesOf(checklist).map((gate, place) => ({
      ...graphGate(gate, { next: rollbackGatesOf(checklist)[place + 1]?.id, end: 'rolled-back', decision }),
      triggered: null,
      continues: gate.role === 'decision' ? afterT0 : [],
    })),
  ];
  const first = spine[0];
  if (first === undefined) throw new Error('a checklist without gates has no gate graph');
  const reached = new Set(
    gates.flatMap((gate) =>
      [gate.passed, gate.rejected, gate.cancelled, gate.expired].flatMap((edge) => ('end' in edge ? [edge.end] : [])),
    ),
  );
  return {
    start: first.id,
    gates,
    incident: {
      id: 'incident',
      hardStopSeconds: checklist.incident.deadlineSeconds + day,
      resumes: gates.map((gate) => gate.id),
      triggered: decision,
      end: 'incident',
    },
    ends: [...reached, 'incident'].sort().map((id) => ({ id, succeeds: id === 'production-stable', cause: causes[id] ?? id })),
  };
};

/** The gate at which people decide for the rollback. */
const decisionOf = (checklist: Checklist): Gate => {
  const found = rollbackGatesOf(checklist).find(({ role }) => role === 'decision');
  if (found === undefined) throw new Error('a checklist without a rollback decision has no gate graph');
  return found;
};

type Way = { readonly next: string | undefined; readonly end: string; readonly decision: Edge };

const graphGate = (gate: Gate, { next, end, decision }: Way): Omit<GraphGate, 'triggered' | 'continues'> => ({
  id: gate.id,
  hardStopSeconds: gate.deadlineSeconds + day,
  passed: next === undefined ? { end } : { gate: next },
  rejected: rejectedEdge(gate.onRejected, decision),
  cancelled: { end: 'cancelled' },
  expired: gate.onDeadline === 'page' ? { gate: 'incident' } : { end: gate.onDeadline },
});

const rejectedEdge = (onRejected: Gate['onRejected'], decision: Edge): Edge => {
  if (onRejected === 'decision') return decision;
  return onRejected === 'incident' ? { gate: 'incident' } : { end: onRejected };
};

/** Digest of the gate graph. It is part of the state machine, and the opener compares it whenever a gate opens. */
export const graphDigest = (graph: GateGraph): string => digestOf(graph);
