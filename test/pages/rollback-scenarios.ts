import type { Draft } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import type { RollbackSettings } from '../../lib/checklist/targets.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { at, capMinutes, unstable } from '../commands/review-story.ts';
import { anew } from '../given.ts';
import { playedOnce } from '../played-once.ts';
import { fixTarget } from '../rollback-given.ts';
import { sign, toSignOff } from '../story.ts';
import { type Answers, answerFunctions, later, shopTargets } from '../way-back.ts';
import * as given from './page-scenarios.ts';

/** Runs on the way back in the states in which people meet its page, made with the real commands and the real reconciler. */

const reason = 'Half of the orders fail since noon.';

/** Deployed, on a stage that says how the service is taken back. */
export const released = async (rollback: Partial<RollbackSettings> = {}, text?: string): Promise<given.Story> => {
  const story = await given.deployed(text);
  Object.assign(story.deps.stage, { targets: { shop: { production: shopTargets(rollback) } } });
  return story;
};

/** What the reconciler records when it has measured a trigger; `detail` is what a probe saw. The first alarm of the run shows it. */
export const measure = async (
  story: given.Story,
  { trigger = 'critical-feature-not-working', detail = 'the probe health failed 3 times in a row' } = {},
): Promise<void> => {
  const { deps, run } = story;
  const events = await deps.trail.read(`run/${run}`, { prefix: '' });
  const parentHash = events.find(({ event }) => event.type === 'run.started')?.hash ?? genesis;
  const seen = events.find(({ event }) => event.type === 'observation.recorded')?.event.id;
  const draft = {
    scope: `run/${run}`,
    lane: 'rollback',
    step: anew(),
    actor: { kind: 'system', id: 'reconciler' },
    type: 'rollback.triggered',
    data: { trigger, by: null, reason: null, detail, evidence: seen === undefined ? [] : [seen], decides: false },
  } as Draft;
  await deps.trail.append(draft, { parentHash });
  await later(story, 0);
};

/** A decision that silence will take. */
export const undecided = (text?: string): Promise<given.Story> => (text === undefined ? usualUndecided() : playUndecided(text));
const usualUndecided = playedOnce(() => playUndecided());

const playUndecided = async (text?: string): Promise<given.Story> => {
  const story = await released({}, text);
  await fixTarget(story.deps, story.run);
  await measure(story, text === undefined ? {} : { detail: text });
  return story;
};

export const declare = async (story: given.Story, text = reason, decide = false): Promise<void> => {
  const input = {
    request: anew(),
    run: story.run,
    trigger: 'data-corruption-detected',
    shown: text === reason ? 'orders 4411 to 4420' : text,
    reason: text,
    decide,
  };
  const done = await triggerRollback(story.deps, input, given.callerOf(story, given.operations));
  if (done.refused) throw new Error(done.refused.detail);
  await story.machine.settle();
};

export const decide = async (story: given.Story, decision: 'roll-back' | 'continue', id: string = given.operations): Promise<void> => {
  const done = await decideRollback(story.deps, { run: story.run, decision, reason }, given.callerOf(story, id));
  if (done.refused) throw new Error(done.refused.detail);
  await story.machine.settle();
};

/** A decision that nobody takes but people: a person declared the trigger. */
export const declared = async (text?: string): Promise<given.Story> => {
  const story = await released();
  await declare(story, text);
  return story;
};

export const onTheWay = async (rollback: Partial<RollbackSettings> = {}, answers?: Answers): Promise<given.Story> => {
  const story = await released(rollback);
  await fixTarget(story.deps, story.run);
  await declare(story, reason, true);
  if (answers !== undefined) await answerFunctions(story, answers);
  return story;
};

/** The word about the data is asked for. `backwardCompatible`: silence keeps it. */
export const dataAsked = (backwardCompatible = true, writes?: object): Promise<given.Story> =>
  onTheWay(
    {
      'restore-database': {
        by: { kind: 'lambda', function: 'restore-orders' },
        backwardCompatible,
        ...(writes === undefined ? {} : { writes: { dimensions: {}, statistic: 'Sum', period: 60, ...writes } as never }),
      },
    },
    {},
  );

/** Step 2 has failed three times. */
export const stuck = (): Promise<given.Story> => onTheWay({}, { acts: ({ step }) => (step === 'revert-version' ? 'failed' : 'done') });

/** A person carries step 1 out. */
export const inHand = (): Promise<given.Story> =>
  onTheWay({ 'stop-requests': { by: { kind: 'person' }, stopped: ['stopped'], accepting: ['health'] } }, {});

export const rolledBack = (): Promise<given.Story> => onTheWay({}, {});

/** The functions answer whatever is asked of them, to the end. */
export const finish = (story: given.Story): Promise<void> => answerFunctions(story);

/** A signer has rejected the release as it runs: people decide, and no trigger was recorded. */
export const signOffRejected = async (): Promise<given.Story> => {
  const story = await toSignOff();
  await sign(story, 'rejected');
  return { ...story, stage: given.pagesStage() };
};

/** A week after the deployment a review is not stable: people decide, and no trigger was recorded. */
export const reviewCapped = async (): Promise<given.Story> => {
  const story = await unstable();
  await at(story, capMinutes);
  return { ...story, stage: given.pagesStage() };
};
