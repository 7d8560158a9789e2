import { isType, type Stored } from '../audit/event.ts';
import type { Item } from '../checklist/definition.ts';

/** The carried evidence that a person has withdrawn, by the event that carried it. */
export type Withdrawals = ReadonlyMap<string, Stored<'check.withdrawn'>['event']['data']>;

export const withdrawnIn = (events: readonly Stored[]): Withdrawals =>
  new Map(events.filter(isType('check.withdrawn')).map(({ event: { data } }) => [data.evidence, data]));

/** When and beside what a report is looked at. */
export type Counting = {
  readonly check: Item;
  readonly now: Date;
  readonly notBefore: string | null;
  readonly lookedFrom: string | null;
  readonly withdrawn: Withdrawals;
};

/** Why a report counts no more. `notBefore`: set when it was made before an event that it must follow; `lookedFrom`: before its window ended. */
export const whyMissing = (
  { event: { data } }: Stored<'check.judged'>,
  { check, now, notBefore, lookedFrom, withdrawn }: Counting,
): string | undefined => {
  if (notBefore !== null) return `made before ${check.after ?? 'the window before T0 opens'} at ${notBefore}`;
  if (lookedFrom !== null) return `Holdpoint looks again when the window is over, at ${lookedFrom}`;
  // A comparison counts no more either, once the baseline with which it was made is withdrawn.
  const taken = withdrawn.get((data.carried === undefined ? data.against : data.evidence) ?? '');
  if (taken !== undefined) return `the evidence was withdrawn at ${taken.at} by somebody in the role ${taken.role}`;
  if (data.goodUntil === null || data.goodUntil > now.toISOString()) return undefined;
  return data.validUntil === data.goodUntil
    ? `the attestation was valid until ${data.goodUntil}, as its person said: it has to be attested again`
    : `the evidence is too old since ${data.goodUntil}`;
};
