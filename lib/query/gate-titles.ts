import { gateOf } from '../checklist/definition.ts';
import type { Dependencies } from '../ports.ts';

/**
 * The title of a gate as the checklist of today has it: for lists of many runs, which pin many checklists. A gate that it no longer has
 * keeps its id.
 */
export const gateTitles = ({ definitions }: Pick<Dependencies, 'definitions'>): ((gate: string) => string) => {
  const { checklist } = definitions.current();
  return (gate) => gateOf(checklist, gate)?.title ?? gate;
};
