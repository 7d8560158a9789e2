import { recordUndelivered } from '../../lib/run/commands/record-undelivered.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import type { Story } from '../story.ts';

/** A run whose first gate passed on a notice that was sent. */
export const noticed = async (): Promise<Story> => {
  const rule = { kind: 'notice-sent/1', notice: 'deployment-announced' } as const;
  const deps = dependenciesOf(
    checklistOf([gate('phase-1'), gate('phase-2')], [check('notice', 'phase-1', { rule }), check('later', 'phase-2')]),
  );
  const { run, machine } = await atFirstGate(deps);
  await machine.settle();
  if (machine.at() !== 'phase-2') throw new Error(`the run is at ${machine.at()}`);
  return { deps, run, machine };
};

/** One of its mails bounces. */
export const noticeCameBack = ({ deps, run }: Story): Promise<unknown> => {
  const [sent] = deps.controls.mailer.mails;
  const { person = '' } = sent?.about ?? {};
  return recordUndelivered(deps, { run, person, about: 'deployment-announced', failure: 'bounced', message: sent?.message ?? '' });
};
