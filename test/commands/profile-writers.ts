import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { ci, dependenciesOf, givenRun, junitReport, reportOfRun, twoGates } from '../given.ts';
import { machineOf } from '../machine.ts';
import { answer, must, profileFile, propose, serviceScope } from '../profile-given.ts';
import type { Story } from '../story.ts';
import { at } from './environment-writers.ts';
import type { Case, Writer } from './writers.ts';

/** A run that named a proposed profile and has everything but its approval, which the operations lead has given. */
const waiting = async (): Promise<Story & { readonly profile: string }> => {
  const deps = dependenciesOf(twoGates);
  const { profile } = must(await propose(deps));
  const run = await givenRun(deps, { profile });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  must(await answer(deps, profile, 'operations-lead'));
  await machine.settle();
  if (machine.at() !== 'phase-1') throw new Error(`the run is at ${machine.at()}`);
  return { deps, run, machine, profile };
};

const profileOf = async ({ deps, run }: Story): Promise<string> => must(await readRun(deps, run)).profile?.digest ?? '';
const saysThat =
  (words: string) =>
  async ({ deps, run }: Story): Promise<boolean> =>
    must(await readRun(deps, run)).gates[0]?.reasons.some((reason) => reason.includes(words)) ?? false;

/** The writers to a service: a run that waits for its profile looks again, wherever they die. */
export const profileWriters: Readonly<Record<Extract<Writer, 'proposeProfile' | 'answerProfile'>, readonly Case[]>> = {
  proposeProfile: [
    {
      name: 'a proposal that takes the place of the one for which a run waits',
      scope: serviceScope,
      given: waiting,
      command: ({ deps }) => propose(deps, profileFile(['other'])),
      event: 'profile.proposed 2',
      follows: saysThat('was replaced'),
    },
  ],
  answerProfile: [
    {
      name: 'the approval for which a run waits',
      scope: serviceScope,
      given: waiting,
      command: async (story) => answer(story.deps, await profileOf(story), 'technical-lead'),
      event: 'profile.answered 2',
      follows: at('phase-2'),
    },
    {
      name: 'the rejection of the profile for which a run waits',
      scope: serviceScope,
      given: waiting,
      command: async (story) => answer(story.deps, await profileOf(story), 'technical-lead', 'rejected'),
      event: 'profile.answered 2',
      follows: saysThat('was rejected'),
    },
  ],
};
