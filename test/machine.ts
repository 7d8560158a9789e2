import { type Edge, type GateGraph, gateGraphOf } from '../lib/checklist/gate-graph.ts';
import { openGate } from '../lib/run/gates/open-gate.ts';
import { reconcileGate } from '../lib/run/gates/reconcile-gate.ts';
import { readContext } from '../lib/run/state/run-context.ts';
import { type FakeDependencies, signingFor } from './fakes.ts';
import { givenRun } from './given.ts';

/**
 * Plays the state machine over fakes in memory: enters gates, follows the edges of the gate graph with the answers that the workflow accepted, and
 * does every requested reconciliation. The stack's tests assert the same edges of the synthesised graph.
 */
export type Machine = {
  /** Enters the first gate. */
  begin(): Promise<void>;
  /** Reconciles what was requested and follows edges until nothing changes any more, or the run stands at `until`. */
  settle(until?: string): Promise<void>;
  /** A fired hard stop or a fault: the open state's Catch. */
  breakOff(): Promise<void>;
  readonly at: () => string;
  /** A machine at the same state over a copy of the world. */
  readonly over: (copy: FakeDependencies) => Machine;
};

/** A run that CI has started and that waits at its first gate. */
export const atFirstGate = async (
  deps: FakeDependencies,
  changes: Parameters<typeof givenRun>[1] = {},
): Promise<{ readonly run: string; readonly machine: Machine }> => {
  const run = await givenRun(deps, changes);
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { run, machine };
};

/** Several runs may share the world: each machine follows the answers to its own tokens. */
type Place = { readonly at: string; readonly token: string; readonly own: ReadonlySet<string>; readonly answered: number };

export const machineOf = (
  deps: FakeDependencies,
  run: string,
  from: Place = { at: '', token: '', own: new Set(), answered: 0 },
): Machine => {
  const graph = gateGraphOf(deps.definitions.current().checklist);
  let { at, token, answered } = from;
  const own = new Set(from.own);
  const enter = async (gate: string): Promise<void> => {
    at = gate;
    const entry = deps.clock.now().toISOString();
    token = deps.controls.workflow.issue(`token ${run} ${gate} ${entry}`);
    own.add(token);
    // The opener's function retries, always for the same entry.
    await retried(() =>
      openGate(
        { ...deps, trail: deps.controls.as('gate-opener', []).trail },
        {
          schemaVersion: 1,
          run,
          gate,
          entry,
          token,
          execution: `execution/${run}`,
          graph: deps.definitions.current().graph,
        },
      ),
    );
  };
  const go = async (edge: Edge): Promise<void> => {
    if ('gate' in edge) return enter(edge.gate);
    at = `end ${edge.end}`;
    deps.controls.workflow.end(`execution/${run}`, edge.end === 'production-stable' ? 'succeeded' : edge.end);
  };
  const follow = async (): Promise<boolean> => {
    const answer = deps.controls.workflow.answers.filter((one) => own.has(one.token))[answered];
    if (answer === undefined) return false;
    answered += 1;
    await go(edgeOf(graph, at, answer.sent));
    return true;
  };
  return {
    at: () => at,
    over: (copy) => machineOf(copy, run, { at, token, own, answered }),
    begin: async () => enter((await isDrill(deps, run)) ? graph.drill : graph.start),
    settle: async (until) => {
      for (let turn = 0; turn < 200 && at !== until; turn += 1) {
        const requests = deps.controls.reconciler.requests.splice(0);
        // Lambda repeats an asynchronous invocation that fails twice.
        for (const request of requests) await retried(() => reconcileGate(signingFor(['reconciler'], deps), request));
        if (!(await follow()) && requests.length === 0) return;
      }
      if (at === until) return;
      throw new Error(`the run never stops moving; it is at ${at}`);
    },
    breakOff: async () => {
      deps.controls.workflow.close(token);
      await go(at === 'incident' ? { end: graph.incident.end } : { gate: 'incident' });
    },
  };
};

const isDrill = async (deps: FakeDependencies, run: string): Promise<boolean> => {
  const found = await readContext(deps, run);
  return found.ok?.started.event.data.drill !== undefined;
};

const retried = async <T>(work: () => Promise<T>): Promise<T> => work().catch(work).catch(work);

/** The edge that the machine follows from a state with an answer. */
export const edgeOf = (graph: GateGraph, at: string, sent: { readonly output: object } | { readonly error: string }): Edge => {
  const gate = graph.gates.find((one) => one.id === at);
  if ('error' in sent) {
    const triggered = at === 'incident' ? graph.incident.triggered : gate?.triggered;
    return sent.error === 'Rollback.Triggered' && triggered != null ? triggered : { gate: 'incident' };
  }
  const { outcome, resume } = sent.output as {
    outcome: 'passed' | 'rejected' | 'cancelled' | 'expired' | 'continued' | 'returned' | 'capped' | 'superseded';
    resume: string;
  };
  if (outcome === 'superseded') return (gate ?? graph.incident).superseded ?? { gate: 'incident' };
  if (gate === undefined && outcome === 'cancelled') return graph.incident.cancelled;
  if (gate === undefined)
    return outcome === 'passed' && graph.incident.resumes.includes(resume) ? { gate: resume } : { end: graph.incident.end };
  if (outcome === 'continued') return { gate: gate.continues.includes(resume) ? resume : 'incident' };
  return gate[outcome] ?? { gate: 'incident' };
};
