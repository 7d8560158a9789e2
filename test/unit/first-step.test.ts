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
  test('is the whole time where the rollback was decided by itself', () => {
    const found = firstStepOf([step(3.5), trigger(0), gate(1), decided(1.5, 'by-itself'), step(20, 'revert-version')]);
    expect(found).toEqual({ decided: 'by-itself', toDecision: 1, toRequest: 2 });
    expect(firstStepRow(found).value).toBe('3.0 s: 1.0 s + 2.0 s');
  });

  test('leaves out the time for which a person was awaited, and says so', () => {
    const found = firstStepOf([trigger(0), gate(1), decided(61, 'person'), step(62.5)]);
    expect(found).toEqual({ decided: 'person', toDecision: 1, toRequest: 1.5 });
    expect(firstStepRow(found).value).toBe('2.5 s: 1.0 s + 1.5 s, without the time until it was decided (person)');
  });

  test('counts from the first trigger of the round, and from the first attempt', () => {
    const later = [trigger(0), gate(1), decided(30, 'person', 'continue'), trigger(100), trigger(101), gate(102)];
    const found = firstStepOf([...later, decided(110, 'silence', 'roll-back', 2), step(111), step(140, 'stop-requests', 2)]);
    expect(found).toEqual({ decided: 'silence', toDecision: 2, toRequest: 1 });
  });

  test('needs no gate where the decision came with the trigger', () => {
    expect(firstStepOf([trigger(0), decided(0.2, 'with-trigger'), gate(2), step(3)])).toMatchObject({ toDecision: 0.2 });
  });

  test.each([
    ['no trigger', [gate(1), decided(2, 'person'), step(3)]],
    ['no decision', [trigger(0), gate(1)]],
    ['a decision to continue', [trigger(0), gate(1), decided(2, 'person', 'continue')]],
    ['no step', [trigger(0), gate(1), decided(2, 'person'), step(4, 'revert-version')]],
    ['nothing', []],
  ] as const)('is skipped with its reason where there is %s', (_, events) => {
    expect(firstStepOf(events)).toBeUndefined();
    expect(firstStepRow(firstStepOf(events)).value).toBe('skipped: no run of the demo was taken back');
  });
});
