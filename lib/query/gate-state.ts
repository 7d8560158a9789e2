import type { GateView } from './view.ts';

/** The one word that pages and terminal show for a gate. */
export const stateOf = (gate: Pick<GateView, 'state' | 'outcome'>): string =>
  gate.state === 'settled' ? (gate.outcome ?? 'settled') : gate.state;

/** The gate is open: it waits for evidence, people or time, or a check blocks it. */
export const isOpen = (gate: Pick<GateView, 'state'>): boolean => gate.state === 'waiting' || gate.state === 'blocked';

/** The gate has its result, and the run has left it. */
export const isOver = (gate: Pick<GateView, 'state'>): boolean => gate.state !== 'ahead' && !isOpen(gate);

export const hasPassed = (gate: Pick<GateView, 'state' | 'outcome'>): boolean => stateOf(gate) === 'passed';
