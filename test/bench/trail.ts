import { performance } from 'node:perf_hooks';
import { createDynamoDueItems } from '../../lambdas/adapters/dynamo-due-items.ts';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamo-tokens.ts';
import { createTally } from '../../lambdas/adapters/usage.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { reportUsage } from '../../lib/local/estimated-usage.ts';
import type { Appended } from '../../lib/ports.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import { createTables } from '../contract/tables.ts';
import { crowdedChecklist, crowdedGate } from '../crowded-gate.ts';
import { fakeAuthority, fakeRandom } from '../fakes/services.ts';
import { contextOf, dependenciesOf } from '../given.ts';
import { observationsPerSecond, openRun } from './runs.ts';

/** One measured figure. Capacity units are computed from item bytes with AWS's rounding. */
export type Row = { readonly figure: string; readonly value: string; readonly limit: string };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const system = { kind: 'system', id: 'bench' } as const;
const perWriter = 10;

/** Concurrent writers in one run, each with its own lane, as checks have. */
const writers = async (count: number): Promise<Row[]> => {
  const { client, names } = await createTables();
  const tally = createTally();
  reportUsage(client, tally.add);
  const store = createDynamoLaneStore(client, { table: names.audit });
  const trail = createTrail({
    store,
    clock: { now: () => new Date() },
    random: fakeRandom(`bench ${count}`),
    authority: fakeAuthority(),
    sleep,
  });
  const began = performance.now();
  await Promise.all(
    Array.from({ length: count }, async (_, writer) => {
      let after: { readonly seq: number; readonly head: string } | null = null;
      for (let n = 0; n < perWriter; n += 1) {
        const { stored }: Appended<'notice.sent'> = await trail.append(
          {
            scope: `run/bench-${count}`,
            lane: `check/phase-1/check-${writer}`,
            step: `${n}`,
            type: 'notice.sent',
            actor: system,
            data: { notice: 'x'.repeat(300), people: [], message: String(n) },
          },
          { parentHash: genesis, after },
        );
        after = { seq: stored.event.seq, head: stored.hash };
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const events = count * perWriter;
  const used = tally.take();
  const stored = await store.query(`run/bench-${count}`, { prefix: '' });
  if (stored.length !== events) throw new Error(`${events} events were appended, ${stored.length} are stored`);
  return [
    { figure: `write requests per event, ${count} writers`, value: (used.writeRequests / events).toFixed(2), limit: '1.00' },
    {
      figure: '  reads per event, write units per event, events per second',
      value: `${(used.readRequests / events).toFixed(2)}, ${(used.writeUnits / events).toFixed(2)}, ${Math.round(events / seconds)}`,
      limit: '',
    },
  ];
};

/** A gate of 24 checks, each judged twice in events of a kilobyte: it passed twice, or it failed and a later report covers the failure. */
const gateOf24Checks = async (first: 'pass' | 'fail'): Promise<Row[]> => {
  const { client, names } = await createTables();
  const tally = createTally();
  const memory = dependenciesOf(crowdedChecklist);
  const trail = createTrail({
    store: createDynamoLaneStore(client, { table: names.audit }),
    clock: memory.clock,
    random: memory.random,
    authority: fakeAuthority(),
    sleep,
  });
  const as = (): typeof memory => ({ ...memory, trail, controls: { ...memory.controls, as } });
  const deps = { ...as(), tokens: createDynamoTokens(client, { table: names.tokens, clock: memory.clock }) };
  const { run, bytes } = await crowdedGate(deps, first);
  reportUsage(client, tally.add);
  const context = await contextOf(deps, run);
  const gates = await readGates(deps, context);
  tally.take();
  await readGateInputs(deps, context, gates, 'phase-1');
  const judged = tally.take().readUnits;
  const result = await reconcileGate(deps, { run });
  const passed = tally.take();
  if (result.did !== 'delivered') throw new Error(`the measured gate did not pass (${result.did}): ${result.reasons.join('; ')}`);
  const which = first === 'fail' ? 'a 24-check gate where each check failed and was repaired' : 'a 24-check gate';
  return [
    {
      figure: `read units per judgement of ${which}, two items of ${Math.round(bytes / 48)} bytes per check`,
      value: String(judged),
      limit: '12',
    },
    { figure: 'read units per passed gate, the same gate', value: String(passed.readUnits), limit: '30' },
    { figure: 'write units per passed gate', value: String(passed.writeUnits), limit: '' },
  ];
};

/** What the sweep reads when nothing is due and many runs wait for their deadlines. */
const idleSweep = async (open: number): Promise<Row[]> => {
  const { client, names } = await createTables();
  const due = createDynamoDueItems(client, { table: names.runs });
  const now = new Date();
  for (let run = 0; run < open; run += 1)
    await due.put({ at: new Date(now.getTime() + 86_400_000 + run).toISOString(), run: `run-${run}`, kind: 'deadline', id: '' });
  const tally = createTally();
  reportUsage(client, tally.add);
  const { requested } = await sweep({ due, clock: { now: () => now }, reconciler: { request: async () => undefined } });
  if (requested > 0) throw new Error(`${requested} items were due of which none should be`);
  return [{ figure: `read units of an idle sweep, ${open} runs open`, value: String(tally.take().readUnits), limit: '2, all equal' }];
};

/** The feed's function on the emulator's tables: its latency is that of this machine. */
const feedOnTables = async (): Promise<Row[]> => {
  const { client, names } = await createTables();
  const memory = await openRun();
  const trail = createTrail({
    store: createDynamoLaneStore(client, { table: names.audit }),
    clock: memory.clock,
    random: memory.random,
    authority: fakeAuthority(),
    sleep,
  });
  // What the run has so far, as it stands in memory.
  const store = createDynamoLaneStore(client, { table: names.audit });
  for (const { run } of await memory.index.open('shop', 'production'))
    for (const stored of await memory.trail.read(`run/${run}`, { prefix: '' })) await store.insert(stored);
  const perSecond = await observationsPerSecond({ ...memory, trail, due: createDynamoDueItems(client, { table: names.runs }) }, 100);
  return [{ figure: "observations per second, one function, on the emulator's tables", value: perSecond.toFixed(0), limit: '' }];
};

export const trailFigures = async (): Promise<Row[]> => [
  ...(await writers(1)),
  ...(await writers(50)),
  ...(await writers(200)),
  ...(await gateOf24Checks('pass')),
  ...(await gateOf24Checks('fail')),
  ...(await idleSweep(0)),
  ...(await idleSweep(100)),
  ...(await idleSweep(1000)),
  ...(await feedOnTables()),
];
