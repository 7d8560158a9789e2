import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';

/**
 * Keeps the address from which a person decided, for the event: its digest. It is personal data, so that it lies with people's words, can be
 * erased, and is in no stream. Nothing where the gateway did not say it.
 */
export const keepSourceAddress = async (
  { people }: Pick<Dependencies, 'people'>,
  run: string,
  { address }: PersonCaller,
): Promise<{ readonly sourceAddress?: string }> => (address === undefined ? {} : { sourceAddress: await people.keep(run, address) });
