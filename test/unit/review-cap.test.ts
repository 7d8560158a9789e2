import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { gateFrom } from '../../lib/checklist/gates.ts';
import { reviewGate } from '../../lib/checklist/phases/reviews.ts';
import { capAt } from '../../lib/run/gates/review-cap.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import type { GateInputs } from '../../lib/run/state/gate-inputs.ts';
import { at, stored } from '../lane-events.ts';

/** When incidents may extend the 48 hours no longer: a week on a stage whose waits are 168 times as short is an hour. Minutes after ten. */
const gate = gateFrom(reviewGate);
const digest = 'sha256:1';
const finished = stored('deployment', 'deployment.finished', 0, { component: 'web', digest, producer: 'ci' } as never);

const continued = (minutes: number, seq: number): Stored => {
  const data = { round: seq, decision: 'continue', how: 'person', by: 'p', reason: null };
  const made = stored('rollback', 'rollback.decided', minutes, data as never);
  return { ...made, event: { ...made.event, id: `continued-${seq}`, seq } };
};
/** A visit of the review that was capped when the lane `rollback` had so many events. */
const capped = (minutes: number, seen: number, isTakenBack = false): readonly Stored[] => {
  const [lane, entry] = [`gate/${gate.id}`, `entry-${minutes}`];
  const visit = { gate: gate.id, entry, settlement: 1 };
  const judgedOn = seen === 0 ? [] : [{ lane: 'rollback', seq: seen, head: digest }];
  return [
    stored(lane, 'gate.opened', minutes - 1, { gate: gate.id, entry, interrupted: null } as never),
    stored(lane, 'gate.settled', minutes, { ...visit, outcome: 'capped', end: null, judgedOn } as never),
    ...(isTakenBack ? [stored(lane, 'gate.regressed', minutes, { ...visit, check: 'c', verdict: 'passed' } as never)] : []),
  ];
};

const capOf = (rollback: readonly Stored[] = [], gates: readonly Stored[] = [], asked = gate): string | undefined =>
  capAt(
    {
      context: { started: { event: { data: { waitScale: 168, artifacts: [{ component: 'web', digest }] } } } },
      deployment: [finished],
      gates: foldGates(gates),
      rollback,
    } as unknown as GateInputs,
    asked,
  )?.toISOString();

describe('the cap of a review', () => {
  test.each([
    ['counts from the finish of the deployment, scaled as waits are', [], [], 60],
    ['counts anew from a decision to continue behind it', [continued(70, 1)], [], 130],
    ['counts anew from one at its instant', [continued(60, 1)], [], 120],
    ['stays where people continued before it', [continued(59, 1)], [], 60],
    ['takes an answer of a clock that is behind', [continued(59.9, 1)], capped(60, 0), 120],
    ['takes no earlier answer for one', [continued(59.9, 1)], capped(60, 1), 60],
    ['takes no answer to a cap that was taken back', [continued(59.9, 1)], capped(60, 0, true), 60],
    ['counts from the last answer', [continued(61, 1), continued(130, 2)], [...capped(60, 0), ...capped(121, 1)], 190],
  ] as const)('%s', (_what, rollback, gates, expected) => {
    expect(capOf(rollback, gates)).toBe(at(expected));
  });

  test('of an older definition is moved by nobody', () => {
    expect(capOf([continued(70, 1)], [], { ...gate, onCap: 'page' })).toBe(at(60));
  });

  test('is none where nothing limits it', () => {
    expect(capOf([], [], { ...gate, capSeconds: null })).toBeUndefined();
  });
});
