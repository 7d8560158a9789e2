import { isType } from '../../lib/audit/event.ts';
import { personIn } from '../given.ts';
import {
  attestedForService,
  begun,
  carriedIn,
  decideAs,
  give,
  given,
  guidesOnly,
  serviceScope,
  standingChecklist,
  withdrawAs,
} from '../standing-given.ts';
import type { Story } from '../story.ts';
import { at } from './environment-writers.ts';
import type { Case, Writer } from './writers.ts';

type StandingWriter = Extract<Writer, 'giveEvidence' | 'attestForService' | 'decideEvidence' | 'withdrawEvidence'>;

const standingLane = ({ trail }: Story['deps']) => trail.read(serviceScope, { lane: 'standing' });

/** Evidence about a service: the open runs of the service take account of it, wherever its writer or the reconciler dies. */
export const standingWriters: Readonly<Record<StandingWriter, readonly Case[]>> = {
  giveEvidence: [
    {
      name: 'evidence about the service, for which the gate waits',
      scope: serviceScope,
      given: () => begun(guidesOnly),
      command: ({ deps }) => give(deps),
      event: 'evidence.recorded',
      follows: at('phase-2'),
    },
    {
      name: 'evidence about the service that fails, after the gate has passed',
      scope: serviceScope,
      given: async () => {
        const story = await begun(guidesOnly);
        await given(story.deps);
        await story.machine.settle();
        story.deps.controls.clock.advance(60_000);
        return story;
      },
      command: ({ deps }) => give(deps, { failures: 1, producerRun: 'job-2' }),
      event: 'evidence.recorded 2',
      follows: async ({ deps, run }) => (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).some(isType('gate.regressed')),
    },
  ],
  attestForService: [
    {
      name: 'an attestation for the service, which waits for a second person',
      scope: serviceScope,
      given: () => begun(standingChecklist),
      command: ({ deps }) => attestedForService(deps),
      event: 'evidence.recorded',
      follows: async ({ deps, run, machine }) =>
        machine.at() === 'phase-1' && (await carriedIn(deps, run)).length === 0 && (await standingLane(deps)).length === 1,
    },
  ],
  decideEvidence: [
    {
      name: 'the second person, for whom the gate waits',
      scope: serviceScope,
      given: async () => {
        const story = await begun(standingChecklist);
        await given(story.deps);
        await attestedForService(story.deps);
        await story.machine.settle();
        return story;
      },
      command: async ({ deps }) => {
        const [, said] = await standingLane(deps);
        return decideAs(deps, said?.event.id ?? '', personIn(deps, 'technical-lead'));
      },
      event: 'standing.decided',
      follows: at('phase-2'),
    },
  ],
  withdrawEvidence: [
    {
      name: 'evidence on which a passed gate rests',
      scope: serviceScope,
      given: async () => {
        const story = await begun();
        await given(story.deps);
        await story.machine.settle();
        return story;
      },
      command: async ({ deps }) => {
        const [said] = await standingLane(deps);
        return withdrawAs(deps, said?.event.id ?? '', personIn(deps, 'technical-lead'));
      },
      event: 'standing.withdrawn',
      follows: async ({ deps, run }) => (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).some(isType('gate.regressed')),
    },
  ],
};
