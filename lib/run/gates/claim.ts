import type { Draft } from '../../audit/event.ts';
import { genesis, lanes } from '../../audit/lane.ts';
import { isTriggerOpen } from '../../folds/trigger.ts';
import { Conflict } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { counted } from '../../wording.ts';
import { changesEnvironment, environmentScope, heldBy, isReleasedTo, readHolding, triggeredReason } from '../state/environment.ts';
import { appendThere, type Place, type RunContext, readContext, system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';

type ClaimDependencies = Pick<Dependencies, 'trail' | 'clock' | 'definitions' | 'due' | 'reconciler'>;

/** `anew`: this call claimed it. */
export type Claimed =
  | { readonly held: true; readonly anew: boolean }
  | { readonly held: false; readonly by: string; readonly reason: string };

/** How often a claim that lost its place is decided again. */
const attempts = 8;

/**
 * Claims the run's environment for it alone: at T0, and again when it enters its rollback. One place in the lane `claim` decides between runs: a
 * claim that loses it is decided again on what stands there now. At T0 a run that shares the environment is superseded, unless a trigger of
 * its rollback is open; so is one from which a person took the environment, because it may live. A trigger that was recorded while this run claimed gets the environment back. A rollback supersedes nobody: it is lost to the run that has the environment now. A checklist without T0 changes no
 * environment and claims none. Safe to repeat: what a crash left undone behind the claim is completed.
 */
export const claimFor = async (deps: ClaimDependencies, context: RunContext, why: 't0' | 'rollback'): Promise<Claimed> => {
  if (!changesEnvironment(context)) return { held: true, anew: false };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const reading = await readHolding(deps, environmentScope(context), context.run);
    const { holding } = reading;
    if (holding.how === 'exclusive' && holding.run === context.run)
      return supersede(deps, context, { older: holding.supersedes, isFreed: false, anew: false, last: reading.lane.at(-1) });
    const other = heldBy(reading, context.run);
    if (other !== undefined) return { held: false, ...other };
    const sharing = holding.how === 'shared' && holding.run !== context.run ? holding.run : null;
    if (sharing !== null && why === 'rollback')
      return { held: false, by: sharing, reason: `run ${sharing} has taken the environment over: see /runs/${sharing}` };
    const freed = holding.how === 'free' && holding.freed !== context.run ? (holding.freed ?? null) : null;
    const older = sharing ?? freed;
    const released = !isDrill(context) || (await isReleasedTo(deps, environmentScope(context), reading.lane));
    const claimed = await claimAt(deps, context, { why, supersedes: older, released, last: reading.lane.at(-1) });
    if (claimed !== undefined) return supersede(deps, context, { older, isFreed: freed !== null, anew: true, last: claimed });
  }
  throw new Conflict(`claim ${environmentScope(context)}: lost the place ${counted(attempts, 'time')}`);
};

const isDrill = ({ started }: RunContext): boolean => started.event.data.drill !== undefined;

type Claim = {
  readonly why: 't0' | 'rollback';
  readonly supersedes: string | null;
  readonly released: boolean;
  readonly last: Place;
};

/** Undefined when another event has taken the place. */
const claimAt = (deps: Pick<Dependencies, 'trail'>, context: RunContext, { why, supersedes, released, last }: Claim): Promise<Place> => {
  const seq = last?.event.seq ?? 0;
  const draft: Draft<'environment.claimed'> = {
    scope: environmentScope(context),
    lane: lanes.claim,
    step: `claimed/${context.run}/${seq + 1}`,
    type: 'environment.claimed',
    actor: system('reconciler'),
    data: { run: context.run, why, supersedes, released },
  };
  return appendThere(deps, genesis, last, draft);
};

/** `isFreed`: a person took the environment from it, whatever was open there. */
type Superseding = { readonly older: string | null; readonly isFreed: boolean; readonly anew: boolean; readonly last: Place };

/**
 * Tells the older run in its own lane, so that its reconciler settles its open gate. One that has ended meanwhile stays as it is. Its triggers
 * are read again after the claim: who declares one reads the claim after it.
 */
const supersede = async (deps: ClaimDependencies, context: RunContext, { older, isFreed, anew, last }: Superseding): Promise<Claimed> => {
  const found = older === null ? undefined : await readContext(deps, older);
  if (older === null || found?.ok === undefined || found.ok.ended !== undefined || found.ok.superseded !== undefined)
    return { held: true, anew };
  if (!isFreed && isTriggerOpen(await deps.trail.read(found.ok.scope, { lane: lanes.rollback }))) {
    await giveBack(deps, context, last);
    // Its rollback may have found the environment taken.
    await deps.reconciler.request(older);
    return { held: false, by: older, reason: triggeredReason(older) };
  }
  await appendToRun(deps, found.ok, {
    draft: {
      scope: found.ok.scope,
      lane: lanes.run,
      step: 'superseded',
      type: 'run.superseded',
      actor: system('reconciler'),
      data: { by: context.run },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
  return { held: true, anew };
};

const giveBack = async ({ trail }: Pick<Dependencies, 'trail'>, context: RunContext, last: Place): Promise<void> => {
  const seq = last?.event.seq ?? 0;
  const draft: Draft<'environment.freed'> = {
    scope: environmentScope(context),
    lane: lanes.claim,
    step: `given-back/${context.run}/${seq}`,
    type: 'environment.freed',
    actor: system('reconciler'),
    data: { run: context.run, end: null, by: null, reason: null },
  };
  await trail.append(draft, { parentHash: genesis, ...(last === undefined ? {} : { after: { seq, head: last.hash } }) });
};
