import { type Draft, type EventType, isType, type Stored } from '../../audit/event.ts';
import { type Checklist, checksOf, gateOf, type Item, modeAt } from '../../checklist/definition.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import { isConcernedBy, kindOf } from '../../registry/rules.ts';
import { checksListing } from '../state/authors.ts';
import { effectiveSettlement, entryOf, type Gates } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext } from '../state/run-context.ts';
import { type Recheck, storeRecheck } from './recheck.ts';
import { recordRegressions } from './regressions.ts';

export type WriterDependencies = Pick<Dependencies, 'trail' | 'clock' | 'due' | 'reconciler'>;

/** One append of a command. */
export type Append<T extends EventType> = {
  readonly draft: Draft<T>;
  /** The lane as the command read it, so that the append costs no read; `unread` where the command did not need it. */
  readonly lane: readonly Stored[] | 'unread';
  /** What the command appends because of the event, such as judgements of evidence. It runs again when the event was there already. */
  readonly followUp: (appended: Appended<T>) => Promise<readonly Stored[]>;
};

/** What was appended: the event, and its follow-up. */
export type AppendedToRun<T extends EventType> = Appended<T> & { readonly more: readonly Stored[] };

export const noFollowUp = async (): Promise<readonly Stored[]> => [];

/**
 * The write path of commands and the feed to a run. It stores a recheck, appends the event and its follow-up, records regressions of
 * passed gates, and requests a reconciliation of the open gate. The recheck stands before the append: wherever the writer dies, the
 * sweep finds the recheck and the reconciler completes the rest.
 */
export const appendToRun = async <T extends EventType>(
  deps: WriterDependencies,
  context: RunContext,
  { draft, lane, followUp }: Append<T>,
): Promise<AppendedToRun<T>> => {
  const recheck = await storeRecheck(deps, context.run, `${draft.lane}/${draft.step}`);
  const appended =
    lane === 'unread'
      ? await deps.trail.append(draft, { parentHash: context.parentHash })
      : await appendToLane(deps, context.parentHash, lane, draft);
  const more = await followUp(appended);
  await recordConsequences(deps, context, [appended.stored as Stored, ...more], recheck);
  return { ...appended, more };
};

/** The checks whose verdict these events can change. */
export const checksConcernedBy = ({ items }: Checklist, events: readonly Stored[]): readonly Item[] =>
  items.filter(
    ({ id, gate, rule }) =>
      gate !== null &&
      events.some(
        (stored) =>
          ('check' in stored.event.data && stored.event.lane.startsWith('check/') && stored.event.data.check === id) ||
          (rule !== null && isConcernedBy(rule, stored)),
      ),
  );

const recordConsequences = async (
  deps: WriterDependencies,
  context: RunContext,
  events: readonly Stored[],
  recheck: Recheck,
): Promise<void> => {
  const concerned = checksConcernedBy(context.checklist, events);
  const gates = await readGates(deps, context);
  const regressed = await recordWeakened(deps, context, gates, events);
  const concernsRun = events.some(concernsTheRun) || concernsTrigger(context, gates, events) || endsSilence(context, gates, events);
  if (regressed || concernsRun || concernsOpenGate(context, gates, concerned)) await deps.reconciler.request(context.run, recheck.item);
  else await recheck.done();
};

/** Records regressions of the passed gates whose checks these events weaken. Returns whether any of these gates has regressed. */
export const recordWeakened = async (
  deps: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  gates: Gates,
  events: readonly Stored[],
): Promise<boolean> => {
  let regressed = false;
  const weakened = checksConcernedBy(context.checklist, events.filter(canWeaken));
  for (const gate of new Set(weakened.flatMap((check) => check.gate ?? []))) {
    const known = regressedChecks(gates, gate);
    const fresh = weakened.filter((check) => check.gate === gate && modeAt(check, deps.clock.now()) === 'required' && !known.has(check.id));
    // Of a storm of bad observations the first one takes the settlement back; the others need not read them all again.
    if (fresh.length > 0) regressed = (await recordRegressions(deps, context, gates, gate, (check) => fresh.includes(check))) || regressed;
    else regressed = known.size > 0 || regressed;
  }
  return regressed;
};

/** The checks for which a gate's settlement has been taken back. */
const regressedChecks = (gates: Gates, gate: string): ReadonlySet<string> => {
  const entry = entryOf(gates, gate);
  const regressions = entry === undefined ? [] : (effectiveSettlement(entry)?.regressions ?? []);
  return new Set(regressions.map(({ event }) => event.data.check));
};

/** A pass, an exception or a good observation can satisfy a check and never the contrary: nothing has to be read again for it. */
const canWeaken = (stored: Stored): boolean => {
  if (isType('check.judged')(stored)) return stored.event.data.verdict !== 'pass';
  if (isType('observation.recorded')(stored)) return stored.event.data.bad;
  return !isType('check.waived')(stored) && !isType('check.not-applicable')(stored);
};

/** Evidence, judgements and observations concern a gate through its checks; anything else concerns whatever gate is open. */
const concernsTheRun = ({ event: { lane } }: Stored): boolean => !/^(check|evidence|observation|measurement|notice)(\/|$)/.test(lane);

/** After T0 the reconciler looks whether a trigger has been measured, whatever gate is open. */
const concernsTrigger = (context: RunContext, gates: Gates, events: readonly Stored[]): boolean =>
  isAfterT0(context, gates) &&
  context.checklist.items.some(({ kind, rule }) => kind === 'trigger' && rule !== null && events.some((one) => isConcernedBy(rule, one)));

/** A bad observation that none of its checks counts, too, shows the open gate that the feed is alive. A good one concerns them anyway. */
const endsSilence = ({ checklist }: RunContext, { open }: Gates, events: readonly Stored[]): boolean =>
  open !== undefined &&
  events.some((stored) => isType('observation.recorded')(stored) && stored.event.data.bad) &&
  checksOf(checklist, open.gate).some(({ rule }) => rule !== null && kindOf(rule).windowed && kindOf(rule).lanes.includes('observation'));

const concernsOpenGate = ({ checklist }: RunContext, gates: Gates, concerned: readonly Item[]): boolean => {
  if (gates.open === undefined || concerned.length === 0) return false;
  const gate = gateOf(checklist, gates.open.gate);
  // It judges earlier gates again: any check of them may be what it waits for.
  if (gate?.rejudges) return true;
  // While people decide about a rollback, a check of the gate that was interrupted may fail as a trigger.
  const { interrupted } = gates.open.opened.event.data;
  if (concerned.some((check) => check.onFail === 'trigger' && check.gate === interrupted)) return true;
  // What regressed blocks the open gate until the check is satisfied again.
  if (gates.entries.some((entry) => (effectiveSettlement(entry)?.regressions.length ?? 0) > 0)) return true;
  // Who wrote the release is a part of its report.
  if (gate !== undefined && gate.nonAuthors > 0 && checksListing(checklist).some((check) => concerned.includes(check))) return true;
  const referred = checklist.items
    .filter((item) => item.gate === gate?.id)
    .flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).refersTo(rule)));
  return concerned.some((check) => check.gate === gate?.id || gate?.reports.some((id) => id === check.gate) || referred.includes(check.id));
};
