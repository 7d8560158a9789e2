import { describe, expect, test } from 'vitest';
import { firstStepOf, firstStepRow, type Seen } from '../bench/first-step.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 2, 8) + seconds * 1000).toISOString();
const trigger = (seconds: number): Seen => ({
  type: 'rollback.triggered',
  at: at(seconds),
  data: { trigger: 'critical-feature-not-working' },
});
const gate = (seconds: number): Seen => ({ type: 'gate.opened', at: at(seconds), data: { gate: 'rollback-decision' } });
const decided = (seconds: number, how: string, decision = 'roll-back', round = 1): Seen => ({
  type: 'rollback.decided',
  at: at(seconds),
  data: { round, decision, how },
});
const step = (seconds: number, id = 'stop-requests', attempt = 1): Seen => ({
  type: 'rollback.step-requested',
  at: at(seconds),
  data: { step: id, attempt },
});

describe('trigger to "step 1 requested"', () => {
  test('is the whole time from the trigger, through the decision, to the request', () => {
    const found = firstStepOf([step(3.5), trigger(0), gate(1), decided(1.5, 'by-itself'), step(20, 'revert-version')]);
    expect(found).toEqual({ toDecision: 1.5, toRequest: 2 });
    expect(firstStepRow(found).value).toBe('3.5 s: 1.5 s to the decision + 2.0 s to the request');
  });

  test('counts from the first trigger of the round, and to the first attempt', () => {
    const earlier = [trigger(0), gate(1), decided(30, 'person', 'continue'), trigger(100), trigger(101), gate(102)];
    const found = firstStepOf([...earlier, decided(103, 'by-itself', 'roll-back', 2), step(104), step(140, 'stop-requests', 2)]);
    expect(found).toEqual({ toDecision: 3, toRequest: 1 });
  });

  test.each([
    ['a person who decided', [trigger(0), gate(1), decided(61, 'person'), step(62.5)]],
    ['silence that decided', [trigger(0), gate(1), decided(225, 'silence'), step(226)]],
    ['a decision that came with the trigger', [trigger(0), decided(0.2, 'with-trigger'), gate(2), step(3)]],
    ['no trigger', [gate(1), decided(2, 'by-itself'), step(3)]],
    ['no decision', [trigger(0), gate(1)]],
    ['no step', [trigger(0), gate(1), decided(2, 'by-itself'), step(4, 'revert-version')]],
    ['nothing', []],
  ] as const)('is skipped with its reason where there is %s', (_, events) => {
    expect(firstStepOf(events)).toBeUndefined();
    expect(firstStepRow(firstStepOf(events)).value).toBe('skipped: no trigger of the demo decided itself');
  });
});
