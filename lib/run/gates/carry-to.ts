import { gatesOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import type { RunContext } from '../state/run-context.ts';
import { carryStanding } from '../writing/carry-standing.ts';

/** Carries standing evidence while the run is at a gate of its order: an incident and the way back judge none. */
export const carryTo = async (
  deps: Pick<Dependencies, 'trail' | 'clock' | 'evidence' | 'due'>,
  context: RunContext,
  gate: string,
): Promise<RunContext> => (gatesOf(context.checklist).some(({ id }) => id === gate) ? carryStanding(deps, context) : context);
