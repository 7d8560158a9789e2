import { type Gate, gateOf } from '../../checklist/definition.ts';
import { type Entry, entryOf } from '../state/gate-entries.ts';
import { type GateInputs, hasPassed } from '../state/gate-inputs.ts';

export type Signed = { readonly gate: Gate; readonly entry: Entry };

/** The last gate at which people signed, and that passed. */
export const lastSigned = ({ context, gates }: GateInputs): Signed | undefined => {
  const asks = (one: Entry): boolean => (gateOf(context.checklist, one.gate)?.asks.length ?? 0) > 0;
  // Approvals of a gate that is entered again no longer count.
  const entry = gates.entries.findLast((one) => asks(one) && hasPassed(gates, one) && entryOf(gates, one.gate) === one);
  const gate = entry === undefined ? undefined : gateOf(context.checklist, entry.gate);
  return entry === undefined || gate === undefined ? undefined : { gate, entry };
};
