import type { Checklist } from './definition.ts';
import { type MemberChange, memberChanges } from './listing-diff.ts';
import { type Change, gateChangeInWords } from './member-words.ts';

/** A gate that differs, or the way back or the incident as a whole; and in what. Where one side lacks it, each of its members. */
export type GateChange = { readonly gate: string; readonly changes: readonly MemberChange[] };

/** What listings do not show: how many people sign, how long a gate waits, where it leads. */
export const gateChanges = (from: Checklist, to: Checklist): readonly GateChange[] => {
  const [before, after] = [partsOf(from), partsOf(to)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].flatMap((gate): GateChange[] => {
    const changes = memberChanges(membersOf(before.get(gate)), membersOf(after.get(gate))).map(said);
    return changes.length === 0 ? [] : [{ gate, changes }];
  });
  const orders = [from, to].map(({ gates, rollback }) => [...gates, ...rollback.gates].map(({ id }) => id));
  const [was, is] = orders;
  return was?.join() === is?.join() || was?.length !== is?.length
    ? changed
    : [...changed, { gate: 'all gates', changes: [said({ member: 'order', from: was, to: is })] }];
};

const said = (change: Change): MemberChange => ({ ...change, says: gateChangeInWords(change) });

const partsOf = ({ gates, rollback: { gates: back, ...way }, incident }: Checklist): ReadonlyMap<string, object> =>
  new Map<string, object>([...[...gates, ...back].map((gate) => [gate.id, gate] as const), ['rollback', way], ['incident', incident]]);

const membersOf = (part: object | undefined): ReadonlyMap<string, unknown> => new Map(Object.entries(part ?? {}));
