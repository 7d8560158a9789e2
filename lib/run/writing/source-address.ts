import { takesSourceAddress } from '../../audit/event.ts';
import type { AuditTrail, Dependencies } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { ownerOfScope } from '../state/words.ts';

/**
 * The same dependencies, with a trail that adds to each act of this person the digest of the address from which they sent it. The address is personal data, so
 * that it lies with people's words, can be erased, and is in no stream. Every skeleton of a command uses it, so that no act can forget it. Nothing is
 * added where the gateway did not say the address, and to events that others record on the way.
 */
export const addressing = <D extends { readonly trail: AuditTrail }>(deps: D, caller: Caller): D => {
  const { people } = deps as Partial<Pick<Dependencies, 'people'>>;
  if (caller.kind !== 'person' || caller.address === undefined || people === undefined) return deps;
  const { trail } = deps;
  const { id, address } = caller;
  const kept = new Map<string, Promise<string>>();
  const digestFor = (scope: string): Promise<string> => {
    const digest = kept.get(scope) ?? people.keep(ownerOfScope(scope), address);
    kept.set(scope, digest);
    return digest;
  };
  return {
    ...deps,
    trail: {
      ...trail,
      append: async (draft, place) => {
        const isTheirs = draft.actor.kind === 'person' && draft.actor.id === id && takesSourceAddress(draft.type);
        return trail.append(isTheirs ? { ...draft, data: { ...draft.data, sourceAddress: await digestFor(draft.scope) } } : draft, place);
      },
    },
  };
};
