import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { linesOf } from '../../checklist/definition.ts';
import { isEvidenceRule } from '../../checklist/rule.ts';
import type { DueItem, SettleWorld } from '../../ports.ts';
import { accountForStrays, closeRun } from './close-run.ts';
import { type Decision, decide } from './decide.ts';
import { deliver, endOf } from './send-task-result.ts';
import { type Entry, entryOf, type Gates, isSound, standing } from '../state/gate-entries.ts';
import { appendTo, type RunHead, readHead, system } from '../state/run-context.ts';
import { patientMailer } from './defer-mail-faults.ts';
import { basisOf, type Reading, readFor, readGates } from '../state/gate-inputs.ts';
import { firstRegression, recordRegression } from '../writing/regressions.ts';
import { repair } from './repair.ts';
import { summarise } from '../state/run-summary.ts';
import { arm, tend } from './prepare-gate.ts';

export type Settling = {
  readonly run: string;
  readonly gate: string;
  readonly item?: DueItem | undefined;
  /** Step Functions says that the execution has ended, otherwise than by success. */
  readonly machineEnded?: true | undefined;
};

/** What came of a look at a run: for the log, and for tests. */
export type Looked = {
  readonly did: 'unknown-run' | 'nothing' | 'closed' | 'waits' | 'held' | 'regressed' | 'someone-else' | 'delivered';
  readonly gate: string;
  readonly reasons: readonly string[];
};

/** How long the writer of a settle event has to send it before another settler takes over. Milliseconds. */
const sendWithinMs = 30_000;

/**
 * Looks at the gate in which the run waits, decides it, and when it settles, answers the workflow. Safe at any time, any number
 * of times, in parallel: the slot of the settle event in the gate's lane decides who sends.
 */
export const settleGate = async (given: SettleWorld, asked: Settling): Promise<Looked> => {
  const faults: unknown[] = [];
  const world: SettleWorld = { ...given, mailer: patientMailer(given.mailer, faults) };
  const found = await readHead(world, asked.run);
  if (found.refused) {
    // A run whose checklist is lost waits for somebody to bring it back; one that nobody started is waited for by nobody.
    if (found.refused.type !== 'run-unknown') throw new Error(found.refused.detail);
    if (asked.item !== undefined) await world.due.done(asked.item);
    return { did: 'unknown-run', gate: asked.gate, reasons: [found.refused.detail] };
  }
  const head = found.ok;
  if (asked.item !== undefined && asked.item.at <= world.clock.now().toISOString()) await takeUp(world, head, asked.item);
  let looked = await look(world, head);
  // What regressed is decided anew at once: nobody else may come by. Each turn has met another writer, so a few are enough.
  for (let turn = 0; looked.did === 'regressed' && turn < turns; turn += 1) looked = await look(world, head, false);
  if (asked.item !== undefined && settledDown.includes(looked.did) && !isEarly(asked.item, world.clock.now()))
    await world.due.done(asked.item);
  if (faults.length > 0) throw faults[0];
  return asked.machineEnded ? afterMachine(world, asked.run, looked) : looked;
};

/**
 * The machine is said to be gone. Where an answer of ours ended it, its settler closes the run; a gate that still waits is waited for by
 * nobody any more, and the run ends as an incident.
 */
const afterMachine = async (world: SettleWorld, run: string, looked: Looked): Promise<Looked> => {
  const found = await readHead(world, run);
  if (found.refused || found.ok.ended !== undefined) return looked;
  const last = (await readGates(world, found.ok)).entries.at(-1);
  const settlement = last === undefined ? undefined : standing(last);
  const isAnswering = settlement !== undefined && settlement.delivered === undefined && isSound(settlement);
  if (last === undefined || isAnswering || (settlement !== undefined && endOf(settlement) !== null)) return looked;
  const token = await world.tokens.get(run, last.gate, last.opened.event.data.entry);
  if (token === undefined || (await world.workflow.describe(token.execution)).running) return looked;
  await closeRun(world, found.ok, 'incident', last.gate);
  return { did: 'closed', gate: last.gate, reasons: ['the execution ended without an answer of ours'] };
};

/** What comes overdue comes from the pulse. Whoever promised a look may have broken off behind the append. */
const takeUp = async (world: SettleWorld, head: RunHead, item: DueItem): Promise<void> => {
  if (item.kind === 'promise' && !head.closed) await repair(world, head);
  if (item.kind === 'close') await accountForStrays(world, head);
};

/** The pulse's clock may be ahead of this one's: an instant that has not come here has not been looked at. */
const isEarly = ({ kind, at }: DueItem, now: Date): boolean => kind === 'settle' && at > now.toISOString();

/** How often a gate whose settlement regressed is decided anew within one look. */
const turns = 3;
/** After these a look is done; otherwise the pulse looks again. */
const settledDown: readonly Looked['did'][] = ['nothing', 'closed', 'waits', 'held', 'delivered'];

const look = async (world: SettleWorld, head: RunHead, mayGlance = true): Promise<Looked> => {
  if (head.ended !== undefined) {
    const { outcome, gate } = head.ended.event.data;
    await closeRun(world, head, outcome, gate);
    return { did: 'closed', gate, reasons: [] };
  }
  const began = world.clock.now();
  const gates = await readGates(world, head);
  await reconcile(world, head, gates);
  const entry = gates.open;
  if (entry === undefined) {
    const last = gates.entries.at(-1);
    const settlement = last === undefined ? undefined : standing(last);
    const end = settlement === undefined ? null : endOf(settlement);
    if (last === undefined) return { did: 'nothing', gate: '', reasons: [] };
    if (end === null) return between(world, head, last);
    await closeRun(world, head, end, last.gate);
    return { did: 'closed', gate: last.gate, reasons: [] };
  }
  const settlement = standing(entry);
  if (settlement !== undefined && isSound(settlement)) {
    const age = world.clock.now().getTime() - Date.parse(settlement.settled.event.at);
    if (age < sendWithinMs) return { did: 'someone-else', gate: entry.gate, reasons: ['another settler is sending the answer'] };
    return confirm(world, head, entry, settlement.settled);
  }
  const glanced = mayGlance ? await glance(world, head, gates, entry) : undefined;
  if (glanced !== undefined) return settle(world, glanced.reading, entry, glanced.decision);
  const reading = await tend(world, await readFor(world, head, gates, entry.gate), entry);
  const decision = decide(reading, entry);
  if (decision.settle === null) {
    await arm(world, reading, entry, decision);
    await summarise(world, head, { gate: entry.gate, held: decision.held }, began);
    return { did: decision.held ? 'held' : 'waits', gate: entry.gate, reasons: decision.reasons };
  }
  return settle(world, reading, entry, decision);
};

/**
 * No gate is open: the machine is on its way to the next one. One that needs longer than a minute is looked for, and one that is gone
 * (both openers failed, somebody stopped it) ends the run as an incident.
 */
const between = async (world: SettleWorld, head: RunHead, last: Entry): Promise<Looked> => {
  const sentAt = standing(last)?.delivered?.event.at ?? '';
  const waits = world.clock.now().getTime() - Date.parse(sentAt);
  if (waits < betweenMs) return { did: 'nothing', gate: last.gate, reasons: [] };
  const token = await world.tokens.get(head.run, last.gate, last.opened.event.data.entry);
  if (token === undefined || (await world.workflow.describe(token.execution)).running)
    return { did: 'someone-else', gate: last.gate, reasons: ['the next gate has not opened yet'] };
  await closeRun(world, head, 'incident', last.gate);
  return { did: 'closed', gate: last.gate, reasons: ['the machine ended between two gates'] };
};

/** How long the next gate may take to open before anybody asks after the machine. Milliseconds. */
const betweenMs = 45_000;

type Settles = Exclude<Decision, { settle: null }>;

/**
 * A gate of evidence alone needs no tending. It is read at half price first, by a reading that may lag: when that one releases the
 * gate, the consistent reading before the answer decides; when it does not, it says nothing.
 */
const glance = async (
  world: SettleWorld,
  head: RunHead,
  gates: Gates,
  entry: Entry,
): Promise<{ readonly reading: Reading; readonly decision: Settles } | undefined> => {
  const lines = linesOf(head.checklist, entry.gate);
  if (lines.length === 0 || !lines.every(({ rule }) => rule !== null && isEvidenceRule(rule))) return undefined;
  const reading = await readFor(world, head, gates, entry.gate, true);
  const decision = decide(reading, entry);
  return decision.settle === 'released' ? { reading, decision } : undefined;
};

/**
 * A gate behind which another has opened has given its answer, also when the settler was cut off before it could say so: the closed
 * token says it now.
 */
const reconcile = async (world: SettleWorld, head: RunHead, gates: Gates): Promise<void> => {
  for (const entry of gates.entries.slice(0, -1)) {
    const settlement = standing(entry);
    if (settlement !== undefined && settlement.delivered === undefined)
      await deliver(world, head, { entry, settled: settlement.settled, isLast: false });
  }
};

/** First half: the settle event with what it was judged on. Who inserts it sends; who finds it taken leaves it to the other. */
const settle = async (world: SettleWorld, reading: Reading, entry: Entry, decision: Settles): Promise<Looked> => {
  const { head } = reading;
  const settlement = entry.settlements.length + 1;
  const item: DueItem = {
    at: new Date(world.clock.now().getTime() + 2 * sendWithinMs).toISOString(),
    run: head.run,
    kind: 'settle',
    gate: entry.gate,
  };
  await world.due.put(item);
  const { stored, adopted } = await appendTo(world, head.opener, entry.lane, {
    scope: head.scope,
    lane: lanes.gate(entry.gate),
    step: `${entry.opened.event.data.entry}/settled/${settlement}`,
    type: 'gate.settled',
    actor: system('settler'),
    data: {
      gate: entry.gate,
      entry: entry.opened.event.data.entry,
      settlement,
      outcome: decision.settle,
      end: decision.end,
      resume: decision.resume,
      basis: basisOf(reading),
      soundUntil: decision.soundUntil,
      reason: decision.reason,
    },
  });
  if (adopted) return { did: 'someone-else', gate: entry.gate, reasons: ['another settler settled this gate'] };
  const looked = await confirm(world, head, entry, stored);
  // An answer that leads on leaves the item behind: in a minute the next gate is open, or somebody must ask after the machine.
  if (looked.did === 'delivered' && decision.end !== null) await world.due.done(item);
  return looked;
};

/** Second half: reads again what the settle event rests on, and only then sends. */
const confirm = async (world: SettleWorld, head: RunHead, seen: Entry, settled: Stored<'gate.settled'>): Promise<Looked> => {
  const gates = await readGates(world, head);
  const entry = entryOf(gates, seen.gate) ?? seen;
  const settlement = entry.settlements.find((one) => one.settled.event.id === settled.event.id);
  const outcome = settled.event.data.outcome;
  // A rejection, a cancellation and a trigger stand whatever arrives; a release and an expiry rest on what has arrived.
  if ((outcome === 'released' || outcome === 'expired') && entry.gate !== 'incident') {
    if (settlement !== undefined && !isSound(settlement))
      return { did: 'regressed', gate: entry.gate, reasons: ['a line stopped releasing after the settle event'] };
    const reading = await readFor(world, head, gates, entry.gate);
    const again = decide(reading, entry);
    if (again.settle !== outcome) {
      await recordRegression(
        world,
        head,
        entry,
        settled,
        again.settle === null ? firstRegression(reading, entry) : { line: entry.gate, verdict: again.settle },
      );
      return { did: 'regressed', gate: entry.gate, reasons: again.settle === null ? again.reasons : [again.reason] };
    }
  }
  const how = await deliver(world, head, { entry, settled, isLast: gates.entries.at(-1) === entry });
  if (how === 'unsure') return { did: 'someone-else', gate: entry.gate, reasons: ['the token was closed by another answer or by time'] };
  // The answer leads on, and no machine is there to go on.
  if (how === 'execution-over' && settled.event.data.end === null) await closeRun(world, head, 'incident', entry.gate);
  return { did: 'delivered', gate: entry.gate, reasons: [settled.event.data.reason] };
};
