import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';
import { begin, choiceOf, endOf, rollbackError, taskOf } from '../../lib/stack/states-language.ts';
import { afterT0, choices, decision, definition, deployed, graph, isEnd, nextOf, opener, states, tasks, wayBack } from './state-machine.ts';
import { localStage, realStage } from './synthesised.ts';

describe('the state machine', () => {
  test('is valid Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(structuredClone(definition));
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  test('waits for its tokens in the partition where it is deployed', () => {
    const resources = Object.values(deployed(realStage, 'aws-cn').States).flatMap((state) =>
      state.Type === 'Task' ? [state.Resource] : [],
    );
    expect([...new Set(resources)]).toEqual(['arn:aws-cn:states:::lambda:invoke.waitForTaskToken']);
  });

  test('walks the gates of the checklist in order', () => {
    const walked: string[] = [];
    const first = definition.States[definition.StartAt];
    for (let at = first?.Type === 'Choice' ? first.Default : ''; !isEnd(definition.States[at]); ) {
      walked.push(at);
      const choice = definition.States[choiceOf(at)];
      const released = choice?.Type === 'Choice' ? choice.Choices.find((rule) => rule.StringEquals === 'passed')?.Next : undefined;
      if (released === undefined) throw new Error(`${at} is never released`);
      at = released;
    }
    expect(walked).toEqual(baseChecklist.gates.map((gate) => gate.id));
    expect(walked).toEqual([
      'phase-1',
      'phase-2',
      'phase-3',
      'go-no-go',
      't-minus-2h',
      'deployment-window',
      'monitoring-4h',
      'phase-5',
      'deployment-success',
      'stability-24h',
      'sign-off',
      'review-48h',
    ]);
  });

  test('consists of tasks, choices and ends', () => {
    expect(new Set(states.map(([, state]) => state.Type))).toEqual(new Set(['Task', 'Choice', 'Succeed', 'Fail']));
    expect(tasks.map(([name]) => name)).toEqual([...baseChecklist.gates.map((gate) => gate.id), ...wayBack, 'incident']);
    expect(choices.map(([name]) => name)).toEqual([begin, ...tasks.map(([name]) => choiceOf(name))]);
  });

  test.each(tasks)(
    '%s is retried for ten minutes when Lambda did not run the opener or it died, the incident gate for longer, and otherwise never',
    (name, task) => {
      expect(task.Retry).toHaveLength(1);
      const [retry] = task.Retry;
      expect(retry?.ErrorEquals).toEqual([
        'Lambda.TooManyRequestsException',
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
        'Lambda.ClientExecutionTimeoutException',
        'Lambda.Unknown',
        'Sandbox.Timedout',
        'Runtime.ExitError',
      ]);
      const { IntervalSeconds = 0, BackoffRate = 0, MaxDelaySeconds = 0, MaxAttempts = 0 } = retry ?? {};
      const pauses = Array.from({ length: MaxAttempts }, (_, n) => Math.min(IntervalSeconds * BackoffRate ** n, MaxDelaySeconds));
      const minutes = pauses.reduce((sum, pause) => sum + pause, 0) / 60;
      expect(minutes).toBeGreaterThan(name === 'incident' ? 60 : 10);
      expect(minutes * 60).toBeLessThan(task.TimeoutSeconds);
    },
  );

  test.each(tasks)(
    '%s has a hard stop, takes a trigger to the decision after T0, and every fault to the incident gate or its end',
    (name, task) => {
      expect(task.Resource).toBe('arn:aws:states:::lambda:invoke.waitForTaskToken');
      expect(task.TimeoutSeconds).toBeGreaterThan(86_400);
      expect(task.Catch).toEqual([
        ...(afterT0.includes(name) || name === 'incident' ? [{ ErrorEquals: [rollbackError], ResultPath: '$.error', Next: decision }] : []),
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: name === 'incident' ? endOf('incident') : taskOf('incident') },
      ]);
      expect(task.Next).toBe(choiceOf(name));
      expect(task.Parameters).toEqual({
        FunctionName: opener,
        Payload: {
          schemaVersion: 1,
          'run.$': '$.run',
          gate: name,
          'entry.$': '$$.State.EnteredTime',
          'token.$': '$$.Task.Token',
          'execution.$': '$$.Execution.Id',
          graph: graphDigest(graph),
        },
      });
    },
  );

  /** The gates after Deployment Success: a newer run may take the environment over. */
  const shared: readonly string[] = ['stability-24h', 'sign-off', 'review-48h'];

  test('begins with the first gate, and a drill with the first step of the rollback', () => {
    const first = definition.States[begin];
    const [drill] = first?.Type === 'Choice' ? first.Choices : [];
    expect([definition.StartAt, first?.Type === 'Choice' && first.Default]).toEqual([begin, 'phase-1']);
    expect([drill?.And?.at(-1), drill?.Next]).toEqual([{ Variable: '$.drill', BooleanEquals: true }, 'stop-requests']);
  });

  test.each(choices.filter(([name]) => name !== choiceOf('incident') && name !== begin))(
    '%s leads by its answers and else to the incident gate',
    (name, choice) => {
      expect(choice.Default).toBe('incident');
      expect(choice.Choices.flatMap((rule) => rule.StringEquals ?? [])).toEqual([
        'passed',
        'rejected',
        'cancelled',
        'expired',
        ...(name === choiceOf('t-minus-2h') ? ['returned'] : []),
        ...(name === choiceOf('review-48h') ? ['capped'] : []),
        ...(shared.map(choiceOf).includes(name) ? ['superseded'] : []),
      ]);
      expect(choice.Choices.flatMap((rule) => (rule.StringEquals === 'superseded' ? rule.Next : []))).toEqual(
        shared.map(choiceOf).includes(name) ? [endOf('superseded')] : [],
      );
      expect(choice.Choices[0]).toEqual({ Variable: '$.outcome', IsPresent: false, Next: 'incident' });
    },
  );

  test('the T0 gate alone leads back, to the gate at which people sign before it', () => {
    const ids: readonly string[] = baseChecklist.gates.map(({ id }) => id);
    const back = choices
      .filter(([name]) => name !== choiceOf('incident'))
      .flatMap(([name, { Choices }]) => Choices.map((rule) => [name, rule.StringEquals, rule.Next ?? ''] as const))
      .filter(
        ([name, , next]) => ids.includes(next) && ids.findIndex((id) => choiceOf(id) === name) >= ids.indexOf(next) && next !== 'incident',
      );
    expect(back).toEqual([[choiceOf('t-minus-2h'), 'returned', taskOf('go-no-go')]]);
  });

  test('a T0 gate without such a gate before it has no way back', () => {
    const gates = baseChecklist.gates.filter(({ id }) => id !== 'go-no-go');
    expect(gateGraphOf({ ...baseChecklist, gates }).gates.flatMap(({ returned }) => returned ?? [])).toEqual([]);
  });

  test('the incident gate resumes the named gate, ends a cancelled run as cancelled, and every other one as an incident', () => {
    const choice = definition.States[choiceOf('incident')];
    if (choice?.Type !== 'Choice') throw new Error('no choice');
    expect(choice.Default).toBe(endOf('incident'));
    expect(choice.Choices.map((rule) => [rule.Next, rule.And?.at(-1)?.StringEquals])).toEqual([
      ...[...baseChecklist.gates.map(({ id }) => id), ...wayBack].map((gate) => [gate, gate]),
      [endOf('cancelled'), 'cancelled'],
      [endOf('superseded'), 'superseded'],
    ]);
    for (const rule of choice.Choices.slice(0, -2)) expect(rule.And).toContainEqual({ Variable: '$.outcome', StringEquals: 'passed' });
  });

  test('every way to production stable passes the release of every gate', () => {
    // Without the released edge of one gate, and without resuming behind it, the end is out of reach.
    for (const gate of baseChecklist.gates) {
      const seen = new Set<string>();
      const walk = (name: string): void => {
        if (seen.has(name) || name === choiceOf('incident')) return;
        seen.add(name);
        const state = definition.States[name];
        for (const next of nextOf(state)) {
          const released =
            state?.Type === 'Choice' &&
            name === choiceOf(gate.id) &&
            state.Choices.some((rule) => rule.StringEquals === 'passed' && rule.Next === next);
          // A decision to continue leads back to the gate that was interrupted, which its answer names.
          const continued = state?.Type === 'Choice' && name === choiceOf(decision) && afterT0.includes(next);
          if (!released && !continued) walk(next);
        }
      };
      walk(definition.StartAt);
      expect(seen.has(endOf('production-stable')), gate.id).toBe(false);
    }
  });

  test('every end is reached, from a gate only, and one of them succeeds', () => {
    const ends = states.filter(([, state]) => isEnd(state));
    const ways = (end: string): readonly string[] => states.filter(([, state]) => nextOf(state).includes(end)).map(([name]) => name);
    for (const [end] of ends) {
      expect(ways(end), end).not.toEqual([]);
      for (const name of ways(end)) expect(['Task', 'Choice']).toContain(definition.States[name]?.Type);
    }
    expect(isEnd(definition.States[definition.StartAt])).toBe(false);
    expect(ends.filter(([, state]) => state.Type === 'Succeed').map(([name]) => name)).toEqual([endOf('production-stable')]);
    expect(ends.map(([name]) => name)).toContain(endOf('rolled-back'));
  });

  test('the hard stops together stay under 330 days, with every resume and one decision to continue per gate', () => {
    const days = (seconds: number): number => seconds / 86_400;
    const hardStop = (name: string): number => tasks.find(([task]) => task === name)?.[1].TimeoutSeconds ?? Number.NaN;
    const all = tasks.reduce((sum, [, task]) => sum + task.TimeoutSeconds, 0);
    const longest = Math.max(...tasks.map(([, task]) => task.TimeoutSeconds));
    const resumes = baseChecklist.incident.maxResumes * (longest + hardStop('incident'));
    const continues = afterT0.reduce((sum, gate) => sum + hardStop(gate) + hardStop(decision), 0);
    expect(afterT0).toHaveLength(7);
    expect(days(all + resumes + continues)).toBeLessThan(330);
  });

  test('carries the same graph on every stage', () => {
    expect(deployed(localStage)).toEqual(definition);
  });

  test('a graph without gates is refused', () => {
    expect(() => gateGraphOf({ ...baseChecklist, gates: [] })).toThrow('a checklist without gates has no gate graph');
  });
});
