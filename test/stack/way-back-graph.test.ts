import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { gateGraphOf } from '../../lib/checklist/gate-graph.ts';
import { choiceOf, endOf, rollbackError } from '../../lib/stack/states-language.ts';
import { afterT0, answered, choiceAt, decision, definition, graph, isEnd, ledBack, tasks, wayBack } from './state-machine.ts';

describe('the way back', () => {
  test('is the decision, the six steps of the document in order, and the verification', () => {
    expect(wayBack).toEqual([
      decision,
      'stop-requests',
      'revert-version',
      'restore-database',
      'restart-services',
      'verify-health',
      'monitor-stability',
      'rollback-verification',
    ]);
    const passed = wayBack.map((gate) => answered(gate, 'passed'));
    expect(passed).toEqual([...wayBack.slice(1), endOf('rolled-back')]);
  });

  test('begins at each gate after T0, at the incident gate, and nowhere else', () => {
    const triggered = tasks.filter(([, task]) => task.Catch.some(({ ErrorEquals }) => ErrorEquals.includes(rollbackError)));
    expect(triggered.map(([name]) => name)).toEqual([...afterT0, 'incident']);
    for (const [name, task] of triggered)
      expect(task.Catch[0], name).toEqual({ ErrorEquals: [rollbackError], ResultPath: '$.error', Next: decision });
    expect(graph.gates.flatMap(({ id, triggered: edge }) => (edge === null ? [] : [[id, edge]]))).toEqual(
      afterT0.map((gate) => [gate, { gate: decision }]),
    );
    expect(graph.incident.triggered).toEqual({ gate: decision });
  });

  test('the cap of the 48 hours asks for the decision, and that of an older definition does not', () => {
    expect(tasks.flatMap(([name]) => answered(name, 'capped') ?? [])).toEqual([decision]);
    expect(answered('review-48h', 'capped')).toBe(decision);
    const gates = baseChecklist.gates.map((gate) => {
      if (gate.role !== 'review') return gate;
      const { onCap: _, ...older } = gate;
      return older;
    });
    expect(gateGraphOf({ ...baseChecklist, gates }).gates.filter((gate) => 'capped' in gate)).toEqual([]);
  });

  test('a decision to continue leads back to the gate after T0 that it names, and no other answer does', () => {
    expect(ledBack(decision)).toEqual(afterT0.map((gate) => ['continued', gate, gate]));
    for (const rule of choiceAt(decision).Choices.filter(({ And }) => And !== undefined)) {
      expect(rule.And).toContainEqual({ Variable: '$.outcome', IsPresent: true });
      expect(rule.And).toContainEqual({ Variable: '$.resume', IsPresent: true });
    }
    const others = tasks.map(([name]) => name).filter((name) => name !== decision && name !== 'incident');
    expect(others.flatMap(ledBack)).toEqual([]);
    expect(choiceAt(decision).Default).toBe('incident');
  });

  test('a rejection ends the run, after T0 it asks for the decision, and on the way back it says how far the rollback came', () => {
    const ended = tasks.map(([name]) => name).filter((name) => name !== 'incident');
    expect(ended.map((gate) => [gate, answered(gate, 'rejected')])).toEqual(
      graph.gates.map(({ id, rejected }) => [id, 'gate' in rejected ? rejected.gate : endOf(rejected.end)]),
    );
    expect(answered('go-no-go', 'rejected')).toBe(endOf('rejected'));
    expect(answered('sign-off', 'rejected')).toBe(decision);
    expect(wayBack.slice(1).map((gate) => answered(gate, 'rejected'))).toEqual([
      ...Array.from({ length: 4 }, () => endOf('rollback-escalated')),
      ...Array.from({ length: 3 }, () => endOf('rolled-back-unverified')),
    ]);
  });

  test('a deadline ends no rollback: it leads to the incident gate', () => {
    for (const gate of wayBack) expect(answered(gate, 'expired'), gate).toBe('incident');
    expect(graph.gates.map(({ id }) => [id, answered(id, 'expired')])).toEqual(
      graph.gates.map(({ id, expired }) => [id, 'gate' in expired ? expired.gate : endOf(expired.end)]),
    );
  });

  test('a run with a trigger at its last gate and no decision to continue enters at most 45 states', () => {
    const entered: string[] = [];
    const enter = (name: string): void => void entered.push(name);
    for (const gate of baseChecklist.gates.slice(0, -1)) {
      enter(gate.id);
      enter(choiceOf(gate.id));
    }
    const last = baseChecklist.gates.at(-1)?.id ?? '';
    enter(last);
    const task = definition.States[last];
    let at = task?.Type === 'Task' ? task.Catch.find(({ ErrorEquals }) => ErrorEquals.includes(rollbackError))?.Next : undefined;
    while (at !== undefined && !isEnd(definition.States[at])) {
      enter(at);
      enter(choiceOf(at));
      at = answered(at, 'passed');
    }
    enter(at ?? '');
    expect(entered.at(-1)).toBe(endOf('rolled-back'));
    expect(new Set(entered).size, 'no state twice').toBe(entered.length);
    expect(entered.length).toBeLessThanOrEqual(45);
  });
});
