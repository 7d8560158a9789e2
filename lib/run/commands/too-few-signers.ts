import { type Gate, gatesOf } from '../../checklist/definition.ts';
import { mostSigners } from '../../checklist/roster.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Roster } from '../../ports.ts';
import { counted } from '../../wording.ts';
import type { Defined } from './profile-steps.ts';

/**
 * Why the release could never be signed: at a gate more different people must sign than hold its roles, without the starter. Undefined where there
 * are enough. A deputy and the person for whom they answer are one, so that deputies change nothing.
 */
export const tooFewSigners = (
  roster: Pick<Roster, 'holders'>,
  { checklist }: Pick<Defined, 'checklist'>,
  starter: string,
): Refusal | undefined => {
  for (const gate of gatesOf(checklist)) {
    const holders = gate.asks.map((role) => idsOf(roster, role, starter));
    const [found, needed] = [mostSigners(holders), signersOf(gate)];
    if (gate.asks.length > 0 && found < needed) return refusalOf(gate, holders, needed);
  }
  return undefined;
};

const signersOf = ({ asks, distinctPeople }: Gate): number => distinctPeople ?? asks.length;

const idsOf = (roster: Pick<Roster, 'holders'>, role: Gate['asks'][number], starter: string): readonly string[] =>
  roster
    .holders(role)
    .filter(({ id }) => id !== starter)
    .map(({ id }) => id);

const refusalOf = ({ id, title, asks }: Gate, holders: readonly (readonly string[])[], needed: number): Refusal =>
  refuse('signers-too-few', `This release could never be signed: the roster has too few people for ${title} beside the starter.`, {
    got: `${people(new Set(holders.flat()).size)} beside the starter: ${asks.map((role, place) => `${holders[place]?.length ?? 0} ${role}`).join(', ')}`,
    expected: `${people(needed)} at ${id}, and somebody in each role; the person who starts the run does not count`,
    fix: 'Add people with these roles to the roster, or let somebody who does not sign start the run. A team of two deviates in `distinctPeople` of the gates at which people sign.',
  }).refused;

const people = (count: number): string => counted(count, 'person', 'different people');
