import { digestOf } from '../canonical-json.ts';
import { type Checklist, type GateId, gatesOf, goGateOf, incidentId, rollbackGatesOf } from './definition.ts';
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
  /** Back to the gate whose approvals no longer count. Only the T0 gate behind such a gate has it. */
  readonly returned?: Edge;
  /** To the rollback decision. Only a review that incidents extend up to a cap has it. */
  readonly capped?: Edge;
  /** Of a gate after Deployment Success: a newer run has taken the environment over. */
  readonly superseded: Edge | null;
};

/**
 * The gate graph, from which the state machine is generated. Every other edge, a fired hard stop and any fault lead to the incident
 * gate; the incident gate's own hard stop leads to the end `incident`.
 */
export type GateGraph = {
  readonly start: string;
  /** Where a drill begins: the first step of the rollback. */
  readonly drill: string;
  readonly gates: readonly GraphGate[];
  readonly incident: {
    readonly id: 'incident';
    readonly hardStopSeconds: number;
    readonly resumes: readonly string[];
    /** A trigger is answered also while a person looks at an incident. */
    readonly triggered: Edge;
    readonly end: string;
    /** A run can be cancelled also while a person looks at an incident. */
    readonly cancelled: Edge;
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
      ...returnedOf(checklist, gate),
      ...(opensDecisionAtCap(gate) ? { capped: decision } : {}),
      superseded: isSupersedable(checklist, gate.id) ? { end: 'superseded' } : null,
      continues: [],
    })),
    ...rollbackGatesOf(checklist).map((gate, place) => ({
      ...graphGate(gate, { next: rollbackGatesOf(checklist)[place + 1]?.id, end: 'rolled-back', decision }),
      triggered: null,
      superseded: null,
      continues: gate.role === 'decision' ? afterT0 : [],
    })),
  ];
  const first = spine[0];
  if (first === undefined) throw new Error('a checklist without gates has no gate graph');
  const reached = new Set(
    gates.flatMap((gate) =>
      [gate.passed, gate.rejected, gate.cancelled, gate.expired, gate.superseded].flatMap((edge) =>
        edge !== null && 'end' in edge ? [edge.end] : [],
      ),
    ),
  );
  return {
    start: first.id,
    drill: rollbackGatesOf(checklist).find(({ role }) => role === 'step')?.id ?? decision.gate,
    gates,
    incident: {
      id: 'incident',
      hardStopSeconds: checklist.incident.deadlineSeconds + day,
      resumes: gates.map((gate) => gate.id),
      triggered: decision,
      end: 'incident',
      cancelled: { end: 'cancelled' },
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

/** Whether people decide about a rollback when incidents have extended this review for as long as they may. */
export const opensDecisionAtCap = ({ capSeconds, onCap }: Pick<Gate, 'capSeconds' | 'onCap'>): boolean =>
  capSeconds !== null && onCap === 'decision';

/** The gate at which people decide for the rollback. */
const decisionOf = (checklist: Checklist): Gate => {
  const found = rollbackGatesOf(checklist).find(({ role }) => role === 'decision');
  if (found === undefined) throw new Error('a checklist without a rollback decision has no gate graph');
  return found;
};

type Way = { readonly next: string | undefined; readonly end: string; readonly decision: Edge };

const graphGate = (gate: Gate, { next, end, decision }: Way): Omit<GraphGate, 'triggered' | 'superseded' | 'continues'> => ({
  id: gate.id,
  hardStopSeconds: gate.deadlineSeconds + day,
  passed: next === undefined ? { end } : { gate: next },
  rejected: gate.onRejected === 'decision' ? decision : { end: gate.onRejected },
  cancelled: { end: 'cancelled' },
  expired: gate.onDeadline === 'page' ? { gate: 'incident' } : { end: gate.onDeadline },
});

const returnedOf = (checklist: Checklist, gate: Gate): Pick<GraphGate, 'returned'> => {
  const back = gate.role === 't0' ? goGateOf(checklist) : undefined;
  return back === undefined ? {} : { returned: { gate: back.id } };
};

/** Digest of the gate graph. It is part of the state machine, and the opener compares it whenever a gate opens. */
export const graphDigest = (graph: GateGraph): string => digestOf(graph);
