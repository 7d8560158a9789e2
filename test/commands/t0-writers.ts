import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { hour, type Story, sign, toGoNoGo } from '../story.ts';
import type { Case } from './writers.ts';

/** At T0, with nothing missing but the end of a freeze. */
export const frozen = async (): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
      [
        check('backup', 't-minus-2h'),
        check('later', 'phase-5', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
      ],
    ),
    { stage: { freezes: { shop: [{ ...quarterEnd, weekly: { days: ['mon'], from: '00:00', to: '00:00' } }] } } },
  );
  const story = { deps, ...(await atFirstGate(deps)) };
  await recordEvidence(deps, reportOfRun(story.run, deps, junitReport(3)), ci);
  await story.machine.settle();
  return story;
};
export const quarterEnd = { name: 'Quarter end', zone: 'Europe/Berlin', reason: 'The books are closed.' };

export const overrides = ({ deps, run }: Story, role: 'operations-lead' | 'technical-lead') =>
  overrideFreeze(deps, { run, freeze: quarterEnd.name, reason: 'The books are closed already.' }, personIn(deps, role));

export const rescheduledCase: Case = {
  name: 'a new T0 after the go',
  given: async () => {
    const story = await toGoNoGo();
    await sign(story);
    return story;
  },
  command: ({ deps, run }) =>
    rescheduleRun(
      deps,
      {
        request: anew(),
        run,
        plannedT0: new Date(deps.clock.now().getTime() + 30 * hour).toISOString(),
        reason: 'The customer asked to wait.',
      },
      personIn(deps, 'operations-lead'),
    ),
  event: 'run.rescheduled',
  follows: async ({ machine }) => machine.at() === 'go-no-go',
};

export const overriddenCase: Case = {
  name: 'the second of two people who override a freeze',
  given: async () => {
    const story = await frozen();
    await overrides(story, 'technical-lead');
    await story.machine.settle();
    return story;
  },
  command: (story) => overrides(story, 'operations-lead'),
  event: 'freeze.override-approved',
  follows: async ({ machine }) => machine.at() === 'phase-5',
};
