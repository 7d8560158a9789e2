import { attest } from '../../lib/run/commands/attest.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { type Machine, machineOf } from '../machine.ts';

const word = (role: 'technical-lead' | 'operations-lead') => ({ kind: 'attested/1', role, evidence: 'attestation' }) as const;
const asks = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Everything that people can do to a run, in four gates of few checks. */
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', { role: 'approval', asks: [...asks], reports: ['phase-1'], rejudges: true }),
    gate('t-minus-2h', { role: 't0' }),
    gate('deployment-window'),
  ],
  [
    check('ready', 'phase-1', { rule: word('technical-lead') }),
    check('migration', 'phase-1', { rule: word('technical-lead'), optional: true, mode: 'observe' }),
    check('secrets', 'phase-1', { waivable: false, mode: 'observe' }),
    ...asks.map((role) => check(`go-${role}`, 'go-no-go', { kind: 'sign-off', owner: role, rule: { kind: 'signed/1', role } })),
    check('backup', 't-minus-2h', { owner: 'operations-lead', rule: word('operations-lead') }),
    check('alarms', 'deployment-window', { owner: 'operations-lead', rule: { kind: 'alarms-labelled/1', maxFalse: 0 } }),
    check('data-corruption', 'phase-1', { kind: 'trigger', gate: null, rule: null, owner: 'operations-lead' }),
  ],
);

export type SmallRun = { readonly deps: FakeDependencies; readonly run: string; readonly machine: Machine };

/** Stands at its first gate. */
export const smallRun = async (): Promise<SmallRun> => {
  const deps = dependenciesOf(checklist);
  const run = await givenRun(deps, {}, { ...ci, person: 'p-developer1' });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { deps, run, machine };
};

/** Stands at the go / no-go; three people were asked. */
export const askedRun = async (): Promise<SmallRun> => {
  const small = await smallRun();
  await attest(
    small.deps,
    { request: anew(), run: small.run, check: 'ready', statement: 'I have looked at it today.' },
    personIn(small.deps, 'technical-lead'),
  );
  await small.machine.settle();
  return small;
};

/** The link that was mailed to the holder of a role last. */
export const linkOf = ({ deps }: SmallRun, role: (typeof asks)[number]): string => {
  const mails = deps.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested')
    .map((mail) => JSON.parse(mail.text) as { url: string; role: string });
  const link = mails
    .findLast((notification) => notification.role === role)
    ?.url.split('/')
    .at(-1);
  if (link === undefined) throw new Error(`nothing was mailed to the ${role}`);
  return link;
};

/** What the page behind a link shows. */
export const shownTo = async (small: SmallRun, role: (typeof asks)[number]) => {
  const page = await showApproval(small.deps, { link: linkOf(small, role) }, personIn(small.deps, role));
  if (page.refused) throw new Error(page.refused.detail);
  return page.ok;
};
