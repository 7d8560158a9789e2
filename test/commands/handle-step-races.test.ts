import { expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { anew, personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, declare, later, started } from '../way-back.ts';

/** The last step waits for its proof. */
const atLastStep = async (): Promise<Story> => {
  const story = await started();
  await declare(story);
  await decideAs(story, 'roll-back');
  await answerFunctions(story, { proves: ({ step }) => (step === 'monitor-stability' ? 'lost' : true) });
  expect(story.machine.at()).toBe('monitor-stability');
  return story;
};

type Choice = 'end' | 'retry';
type Wanted = (call: string, args: readonly unknown[]) => boolean;

/** A person saw the step wait and chose; the event stands only when the decider makes this call at the last gate. */
const chosenDuring = async (answer: Choice, wanted: Wanted) => {
  const story = await atLastStep();
  const { deps, run, machine } = story;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let choose = (): void => undefined;
  const isChosen = new Promise<void>((resolve) => {
    choose = resolve;
  });
  let said: ReturnType<typeof handleStep> | undefined;
  deps.controls.onCall(async (call, caller, args) => {
    if (caller === 'person' && call === 'store.insert' && (args[0] as Stored).event.type === 'rollback.step-handled') {
      choose();
      await held;
    }
    if (caller === 'person' || machine.at() !== 'rollback-verification' || !wanted(call, args)) return;
    letGo();
    await said;
  });
  const input = { run, step: 'monitor-stability', answer, reason: `We leave it as it is, ${anew()}.` } as const;
  said = handleStep(deps.controls.as('person'), input, personIn(deps, 'operations-lead'));
  await isChosen;
  // The request of the proof got lost, and is made again.
  await later(story, 40);
  await answerFunctions(story);
  letGo();
  deps.controls.onCall(undefined);
  return { refused: (await said).refused?.type, at: machine.at() };
};

const settles: Wanted = (call, args) => call === 'store.insert' && (args[0] as Stored).event.type === 'gate.settled';
const sends: Wanted = (call) => call === 'workflow.succeed';

test.each([
  ['end', 'before the end is decided, counts', settles, { refused: undefined, at: 'end rolled-back-unverified' }],
  ['end', 'when the answer is on its way, is told that it came too late', sends, { refused: 'run-ended', at: 'end rolled-back' }],
  ['retry', 'when the answer is on its way, is told that it came too late', sends, { refused: 'run-ended', at: 'end rolled-back' }],
] as const)('a person who chooses to %s %s', async (answer, _when, wanted, expected) => {
  expect(await chosenDuring(answer, wanted)).toEqual(expected);
});
