import { byLane, isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { gateOf, goGateOf } from '../../lib/checklist/definition.ts';
import { decide } from '../../lib/run/gates/decide.ts';
import { askedNotice } from '../../lib/run/gates/follow-ups.ts';
import { changesEnvironment, environmentScope } from '../../lib/run/state/environment.ts';
import { entryOf, foldGates } from '../../lib/run/state/gate-entries.ts';
import { gateInputsOf } from '../../lib/run/state/gate-inputs.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import { fakeAuthority } from '../fakes/services.ts';
import { environmentAtRest } from './environment-invariants.ts';
import type { Execution, Executions } from './machine.ts';
import { reviewsAtRest } from './review-invariants.ts';
import { wayBackAtRest } from './rollback-invariants.ts';
import type { World } from './world.ts';

/**
 * What must hold in every simulation, each with the sentence of lib/DESIGN.md that it proves. The first four are looked at while the
 * simulation runs, the others when everything has come to rest.
 */
export const invariants = {
  'acknowledged-is-stored': 'A request that was answered with an event has that event in the trail.',
  'passes-over-nothing': 'No gate passes over what the trail held before its settle event.',
  'rejection-decides': 'A recorded rejection decides its gate, whatever happens to its round afterwards.',
  'outcome-is-delivered': 'A run has an outcome only when the workflow has taken the answer that leads there.',
  'one-answer': 'An entry of a gate has at most one delivered settlement, and its state at most one answer.',
  'trail-is-sound': 'Every lane is an unbroken chain, every event has its MAC, and the closing names every lane.',
  'trail-agrees-with-machine': 'The trail ends a run as its execution ended, and says of each gate what its state was answered.',
  'every-run-ends': 'When nothing goes wrong any more, every run comes to its end, and nothing stays due.',
  'list-agrees-with-trail': 'The run list shows of every run what its trail says.',
  'end-is-mailed': 'The mail about the end of a run is sent when the end is recorded, and again after a crash.',
  'told-is-done':
    'What was acknowledged counts: a cancellation and the end of a rollback end the run, a trigger is decided, a decision about the rollback or its data is the one that stands.',
  'one-end': 'A run has exactly one end.',
  'environment-is-free': 'When every run has ended the environment is free, or kept by one whose rollback could not be carried out.',
  'claims-are-allowed': 'A run claims the environment only when it is free, its own, or shared by the run that it supersedes.',
  'no-gate-twice': 'No gate is passed twice, unless T0 sent the run back to it or a person resumed it there.',
  'no-lost-trigger': 'A trigger that stands before the end of a run is decided leads to a decision about the rollback.',
  'traffic-flows': 'No rollback ends with requests stopped.',
  'budgets-computed': 'At the end of a rollback each budget is measured, and each breach is recorded.',
  'steps-are-proved': 'No step of a rollback passes unproved, unless it is not needed, or a person decided or showed it where that counts.',
  'late-changes-nothing': 'A late answer about an earlier attempt changes nothing.',
  'reviews-wait':
    'No review passes before its seconds of stable operation since the last incident, and what is delivered twice counts once.',
  'cap-asks-people': 'A review that incidents extend beyond its cap asks people, and never ends by itself.',
  'cap-asks-once':
    'A review asks about a rollback at its cap and not before, and again only when it has gone on for as long after a decision to continue.',
  'reviews-run-at-once': 'A review is decided as soon as it can be, also one whose time passed while everything was down.',
  'late-reviews-say-so': 'A review that is decided long after its window says so, and no other does.',
} as const;
export type Invariant = keyof typeof invariants;

/** The execution has reached its end, or the workflow has taken the answer that leads to it. */
const isOver = (execution: Execution | undefined): boolean =>
  execution !== undefined && (execution.end !== undefined || execution.answering);

export const outcomeIsDelivered = (world: World, executions: Executions, run: string, outcome: string): void => {
  if (outcome !== 'running' && outcome !== 'blocked' && !isOver(executions.get(run)))
    world.violate('outcome-is-delivered', `${run} is shown as ${outcome}, and its execution waits at ${executions.get(run)?.at}`);
};

/** Looks at every event that is stored and every answer that the workflow takes. */
export const watch = (world: World, executions: Executions): void => {
  world.onInsert.push(({ event }) => {
    if (event.type !== 'run.ended') return;
    const run = event.scope.slice('run/'.length);
    outcomeIsDelivered(world, executions, run, (event.data as { readonly outcome: string }).outcome);
  });
  const { answered } = world.deliver;
  world.deliver.answered = (token) => {
    const one = [...executions.values()].find((execution) => execution.token === token);
    const sent = world.stores.workflow.answers.at(-1)?.sent;
    const outcome = sent !== undefined && 'output' in sent ? (sent.output as { readonly outcome: string }).outcome : undefined;
    if (one !== undefined && outcome === 'passed') checks.push(passesOverNothing(world, one.run, one.at, one.entry, [...world.order]));
    answered(token);
  };
  const checks: Promise<void>[] = [];
};

/** The trail as it stood at an instant, without going through the simulated table. */
const trailOf = (events: readonly Stored[]) =>
  createTrail({
    store: {
      insert: () => Promise.reject(new Error('the invariants write nothing')),
      query: async (scope, range) =>
        events
          .filter(({ event }) => event.scope === scope)
          .filter(({ event }) => ('prefix' in range ? event.lane.startsWith(range.prefix) : event.lane === range.lane))
          .sort((a, b) => (a.event.lane === b.event.lane ? a.event.seq - b.event.seq : a.event.lane < b.event.lane ? -1 : 1)),
    },
    clock: { now: () => new Date(0) },
    random: { token: () => '', fraction: () => 0 },
    authority: fakeAuthority([]),
    sleep: async () => undefined,
  });

/** What the gate decides by these events, as it stood before its settlement: `passed`, another outcome, or why it waits. */
const decisionBy = async (
  world: World,
  { run, gate, settled }: { readonly run: string; readonly gate: string; readonly settled: Stored<'gate.settled'> },
  events: readonly Stored[],
): Promise<string> => {
  const before = events.filter(
    ({ event }) => event.scope === scopes.run(run) && (event.lane !== settled.event.lane || event.seq < settled.event.seq),
  );
  const found = await readContext({ trail: trailOf(before), definitions: world.stores.definitions }, run);
  if (found.refused) return `the run cannot be read: ${found.refused.detail}`;
  const groups = byLane(trailOrder(before));
  const gates = foldGates(before.filter(({ event }) => event.lane.startsWith(lanes.gates)));
  const open = entryOf(gates, gate);
  if (open === undefined) return 'the gate was not open';
  const scope = environmentScope(found.ok);
  const live = events.filter(({ event }) => event.scope === scope && event.lane === lanes.live);
  const rests = goGateOf(found.ok.checklist)?.id === gate || gateOf(found.ok.checklist, gate)?.role === 't0';
  const read = gateInputsOf(found.ok, gates, gate, groups, {
    now: new Date(settled.event.at),
    holding: null,
    profile: null,
    live: rests && changesEnvironment(found.ok) ? live : null,
  });
  const decision = decide({ ...read, stage: { freezes: {}, targets: {} } }, open);
  return decision.settle ?? decision.reasons[0] ?? 'nothing';
};

const passesOverNothing = async (world: World, run: string, gate: string, entry: string, order: readonly Stored[]): Promise<void> => {
  const place = order.findLastIndex(
    (stored) => isType('gate.settled')(stored) && stored.event.scope === scopes.run(run) && stored.event.data.entry === entry,
  );
  const settled = order[place];
  if (settled === undefined || !isType('gate.settled')(settled))
    return world.violate('passes-over-nothing', `${run} ${gate} passed without a settle event`);
  if (settled.event.data.gate !== gate || settled.event.data.outcome !== 'passed')
    return world.violate(
      'passes-over-nothing',
      `${run} ${gate} was answered with passed, and its last settle event says ${settled.event.data.outcome}`,
    );
  const said = await decisionBy(world, { run, gate, settled }, order.slice(0, place));
  // A failing report that later ones cover may stand for an instant alone: what counts is the reading between the settlement and the answer.
  const isSound = said === 'passed' || (await decisionBy(world, { run, gate, settled }, order)) === 'passed';
  if (!isSound) world.violate('passes-over-nothing', `${run} ${gate} passed, and the trail before its settle event says ${said}`);
  if (gateOf(world.checklist, gate)?.role === 'approval') rejectionDecides(world, run, gate, entry);
};

const rejectionDecides = (world: World, run: string, gate: string, entry: string): void => {
  const rejected = world.order.find(
    (stored) =>
      isType('approval.answered')(stored) &&
      stored.event.scope === scopes.run(run) &&
      stored.event.data.entry === entry &&
      stored.event.data.answer === 'rejected',
  );
  const wasTold = world.promised.rejected.some((told) => told.run === run && told.gate === gate);
  if (rejected !== undefined && wasTold)
    world.violate('rejection-decides', `${run} ${gate} passed, and a rejection of this entry was recorded and acknowledged`);
};

const trailOrder = (events: readonly Stored[]): readonly Stored[] =>
  [...events].sort((a, b) => (a.event.lane === b.event.lane ? a.event.seq - b.event.seq : a.event.lane < b.event.lane ? -1 : 1));

/** Looks at everything once nothing moves any more. */
export const atRest = async (world: World, executions: Executions): Promise<void> => {
  const scopesHeld = new Map<string, Stored[]>();
  for (const stored of trailOrder(tableOf(world)))
    scopesHeld.set(stored.event.scope, [...(scopesHeld.get(stored.event.scope) ?? []), stored]);
  for (const [scope, events] of scopesHeld)
    if (scope.startsWith('run/'))
      await runAtRest(world, executions, scope.slice(4), { events, late: scopesHeld.get(scopes.late(scope.slice(4))) ?? [] });
  environmentAtRest(world, scopesHeld);
  if (world.stores.due.items.size > 0)
    world.violate(
      'every-run-ends',
      `${world.stores.due.items.size} items are due for ever: ${[...world.stores.due.items.keys()].slice(0, 3).join(', ')}`,
    );
  for (const [run, one] of executions)
    if (one.end === undefined) world.violate('every-run-ends', `the execution of ${run} still waits at ${one.at}`);
};

const tableOf = ({ stores }: World): readonly Stored[] => [...stores.store.tables.values()].flatMap((items) => [...items.values()]);

type Trail = { readonly events: readonly Stored[]; readonly late: readonly Stored[] };

const runAtRest = async (world: World, executions: Executions, run: string, { events, late }: Trail): Promise<void> => {
  const bad = await verifyRun({ events, late }, fakeAuthority([]).verify);
  if (bad !== undefined) world.violate('trail-is-sound', `${run} ${bad.lane} ${bad.seq}: ${bad.reason}`);
  const ended = events.find(isType('run.ended'));
  if (ended === undefined || !events.some(isType('run.closed'))) world.violate('every-run-ends', `${run} has no end in its trail`);
  const execution = executions.get(run);
  const outcome = ended?.event.data.outcome;
  // The execution knows no rollback at its incident gate.
  const isHalfWay = outcome === 'rollback-escalated' && execution?.end === 'incident';
  if (ended !== undefined && execution?.end !== undefined && execution.end !== outcome && !isHalfWay)
    world.violate('trail-agrees-with-machine', `${run} ended as ${execution.end}, and its trail says ${outcome}`);
  answersAgree(world, run, events, execution);
  const told = [...late, ...events].filter(isType('notice.sent')).map(({ event }) => event.data.notice);
  // After a rollback the mail that asks says how it ended: everybody may be asked.
  if (!told.some((notice) => notice === 'run-ended' || notice.startsWith(askedNotice)))
    world.violate('end-is-mailed', `${run} ended as ${outcome}, and nobody got a mail about it`);
  const listed = await world.stores.index.get(run);
  const isOpen = (await world.stores.index.open('shop', 'production')).some((one) => one.run === run);
  if (
    (listed?.outcome ?? null) !== (outcome ?? null) ||
    isOpen !== (outcome === undefined) ||
    (ended !== undefined && listed?.gate !== ended.event.data.gate)
  )
    world.violate(
      'list-agrees-with-trail',
      `${run} is listed as ${listed?.outcome} at ${listed?.gate}, open ${isOpen}, and its trail says ${outcome} at ${ended?.event.data.gate}`,
    );
  if (world.promised.cancelled.has(run) && outcome !== 'cancelled')
    world.violate('told-is-done', `${run} was cancelled, and ended as ${outcome}`);
  wayBackAtRest(world, run, { events, execution });
  reviewsAtRest(world, run, execution);
};

/** What the trail says was sent, against what the workflow took. */
const answersAgree = (world: World, run: string, events: readonly Stored[], execution: Execution | undefined): void => {
  const delivered = events.filter(isType('gate.delivered'));
  for (const { gate, entry, tokens } of execution?.entered ?? []) {
    const own = delivered.filter(({ event: { data } }) => data.entry === entry);
    const taken = world.stores.workflow.answers.filter(({ token }) => tokens.includes(token));
    if (own.length > 1 || taken.length > 1) world.violate('one-answer', `${run} ${gate}: ${own.length} delivered, ${taken.length} taken`);
    const settlement = own[0]?.event.data.settlement;
    const settled = events
      .filter(isType('gate.settled'))
      .find(({ event: { data } }) => data.entry === entry && data.settlement === settlement);
    const said = taken[0]?.sent;
    const outcome = said === undefined ? undefined : 'output' in said ? (said.output as { readonly outcome: string }).outcome : 'triggered';
    if (own[0]?.event.data.how === 'sent' && settled?.event.data.outcome !== outcome)
      world.violate(
        'trail-agrees-with-machine',
        `${run} ${gate}: the trail sent ${settled?.event.data.outcome}, and the workflow took ${outcome}`,
      );
    if (outcome !== undefined && settled !== undefined && settled.event.data.outcome !== outcome)
      world.violate(
        'trail-agrees-with-machine',
        `${run} ${gate}: the trail delivered ${settled.event.data.outcome}, and the workflow took ${outcome}`,
      );
  }
};
