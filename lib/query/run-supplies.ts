import type { Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { gateOf, type Item, itemOf } from '../checklist/definition.ts';
import { attestedNowBy, followedIn, gatesAhead } from '../run/gates/open-attestations.ts';
import { leadOpensAt, type RunContext } from '../run/state/run-context.ts';
import { isUnsatisfied } from '../verdict.ts';
import { isOpen } from './gate-state.ts';
import { type Supply, suppliesOf, supplyOf } from './supply.ts';
import type { RunView } from './view.ts';

type Lanes = ReadonlyMap<string, readonly Stored[]>;

/** What supplies what the open gate waits for, and what people can attest already of the gates ahead: of these the mail tells them, too. */
export const suppliesIn = (context: RunContext, view: RunView, groups: Lanes, now: Date): Pick<RunView, 'supplies' | 'suppliesAhead'> => {
  const { checklist } = context;
  const gate = gateOf(checklist, view.gate);
  const opens = leadOpensAt(context, gate);
  const followed = followedIn({ context, deployment: groups.get(lanes.deployment) ?? [], checks: groups, now });
  const isAttested = (item: Item): boolean => attestedNowBy(item, followed, context) !== undefined;
  const supplies = suppliesOf(checklist, view, opens !== null && opens > now.toISOString() ? opens : null);
  const ahead = gate !== undefined && view.gates.some((one) => one.id === gate.id && isOpen(one)) ? gatesAhead(checklist, gate) : [];
  const findings = ahead.flatMap(({ id }) => view.gates.find((one) => one.id === id)?.checks ?? []);
  return {
    supplies: supplies.map((supply): Supply => {
      const item = itemOf(checklist, supply.check);
      // What would be refused is not asked for yet.
      return supply.way === 'attestation' && supply.after === null && item !== undefined && !isAttested(item)
        ? { ...supply, after: item.after }
        : supply;
    }),
    suppliesAhead: findings.flatMap((finding) => {
      const item = itemOf(checklist, finding.check);
      return item !== undefined && isUnsatisfied(finding) && isAttested(item) ? [supplyOf(item, view, { finding })] : [];
    }),
  };
};
