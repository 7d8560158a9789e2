import { expect } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Notification, Person } from '../../lib/ports.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeRosterPeople, signingFor } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, type startInput } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import type { Story } from '../story.ts';

/** A run that asks for the approvals of three roles at its first gate, which waits for a week. */

export const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;
export const [tove, ole, petra] = fakeRosterPeople as [Person, Person, Person];
/** Who started the run. */
export const dara: Person = { id: 'p-starter0', name: 'Dara Developer', address: 'dara@example.com', roles: ['developer'] };
export const deputy: Person = { id: 'p-deputy0001', name: 'Dede Deputy', address: 'dede@example.com', roles: ['operator'] };

export const week = 7 * 24 * 3_600_000;

export const asking = async (people: readonly Person[] = fakeRosterPeople): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1', { role: 'approval', asks: [...roles], deadlineSeconds: week / 1000 }), gate('phase-2')],
      [
        ...roles.map((role) => check(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
        check('b', 'phase-2'),
      ],
    ),
    { people },
  );
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

/** Another run in the same world, until it asks its approvers. */
export const startedAfter = async ({ deps }: Story, changes: Partial<typeof startInput> = {}): Promise<Story> => {
  deps.controls.clock.advance(60_000);
  const run = await givenRun(deps, { version: '1.2.4', ...changes }, { ...ci, services: ['shop', 'mail'], token: sha256(anew()) });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { deps, run, machine };
};

export type Letter = Extract<Notification, { kind: 'approval-requested' }>;

/** The mails that ask for an approval, oldest first, with what the mail system was given. */
export const letters = ({ deps }: Story, to?: Person) =>
  deps.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested' && (to === undefined || mail.to.address === to.address))
    .map((mail) => ({ ...mail, about: JSON.parse(mail.text) as Letter }));

export const linkOf = (story: Story, to: Person, role?: string): string =>
  letters(story, to)
    .findLast(({ about }) => role === undefined || about.role === role)
    ?.about.url.split('/')
    .at(-1) ?? expect.fail(`no mail to ${to.name}`);

export const callerFor = ({ deps }: Story, { id, roles: own }: Person): PersonCaller => ({
  kind: 'person',
  id,
  roles: [...own],
  signedInAt: deps.clock.now(),
});

export const pageFor = async (story: Story, person: Person, link = linkOf(story, person)) => {
  const shown = await showApproval(story.deps, { link }, callerFor(story, person));
  return shown.ok ?? expect.fail(shown.refused?.detail);
};

export const answerAs = async (
  story: Story,
  person: Person,
  answer: 'approved' | 'rejected' = 'approved',
  link = linkOf(story, person),
) => {
  const page = await pageFor(story, person, link);
  const given = { link, answer, confirmation: page.code, report: page.report, note: 'Seen.' } as const;
  return answerApproval(signingFor(['people'], story.deps), given, callerFor(story, person));
};

export const approvalEvents = async ({ deps, run }: Story) => deps.trail.read(`run/${run}`, { lane: 'approval/phase-1' });
export const answersOf = async (story: Story) => (await approvalEvents(story)).filter(isType('approval.answered'));
