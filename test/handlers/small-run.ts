import { showApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeWorld } from '../fakes.ts';
import { anew, checklistOf, ci, gate, givenRun, line, personIn, worldOf } from '../given.ts';
import { type Machine, machineOf } from '../machine.ts';

const word = (role: 'technical-lead' | 'operations-lead') => ({ kind: 'attested/1', role, evidence: 'attestation' }) as const;
const asks = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Everything that people can do to a run, in four gates of few lines. */
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', { asks: [...asks], reports: ['phase-1'], rejudges: true }),
    gate('pre-deployment', { leadSeconds: 7200, rejudges: true }),
    gate('deployment-window', { watchesObservations: true }),
  ],
  [
    line('ready', 'phase-1', { rule: word('technical-lead') }),
    line('migration', 'phase-1', { rule: word('technical-lead'), optional: true, mode: 'observe' }),
    line('secrets', 'phase-1', { waivable: false, mode: 'observe' }),
    ...asks.map((role) => line(`go-${role}`, 'go-no-go', { kind: 'sign-off', owner: role, rule: { kind: 'signed/1', role } })),
    line('backup', 'pre-deployment', { owner: 'operations-lead', rule: word('operations-lead') }),
    line('alarms', 'deployment-window', { owner: 'operations-lead', rule: { kind: 'alarms-labelled/1', maxFalse: 0 } }),
    line('data-corruption', 'phase-1', { kind: 'trigger', gate: null, rule: null, owner: 'operations-lead' }),
  ],
);

export type SmallRun = { readonly world: FakeWorld; readonly run: string; readonly machine: Machine };

/** Stands at its first gate. */
export const smallRun = async (): Promise<SmallRun> => {
  const world = worldOf(checklist);
  const run = await givenRun(world, {}, { ...ci, person: 'p-developer1' });
  const machine = machineOf(world, run);
  await machine.begin();
  await machine.settle();
  return { world, run, machine };
};

/** Stands at the go / no-go; three people were asked. */
export const askedRun = async (): Promise<SmallRun> => {
  const small = await smallRun();
  await attest(
    small.world,
    { request: anew(), run: small.run, line: 'ready', statement: 'I have looked at it today.' },
    personIn(small.world, 'technical-lead'),
  );
  await small.machine.settle();
  return small;
};

/** The link that was mailed to the holder of a role last. */
export const linkOf = ({ world }: SmallRun, role: (typeof asks)[number]): string => {
  const letters = world.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested')
    .map((mail) => JSON.parse(mail.text) as { url: string; role: string });
  const link = letters
    .findLast((letter) => letter.role === role)
    ?.url.split('/')
    .at(-1);
  if (link === undefined) throw new Error(`nothing was mailed to the ${role}`);
  return link;
};

/** What the page behind a link shows. */
export const shownTo = async (small: SmallRun, role: (typeof asks)[number]) => {
  const page = await showApproval(small.world, { link: linkOf(small, role) }, personIn(small.world, role));
  if (page.refused) throw new Error(page.refused.detail);
  return page.ok;
};
