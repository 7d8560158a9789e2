import { describe, expect, test } from 'vitest';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { check, checklistOf, dependenciesOf, gate, givenRun } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { hour, type Story, toWindow } from '../story.ts';
import { later, report, sentIn, watch } from './sent-mails.ts';

const twoOwners = () =>
  checklistOf(
    [gate('phase-1'), gate('phase-2')],
    [
      ...(['technical-lead', 'operations-lead', 'operator'] as const).map((role) =>
        check(`by-${role}`, 'phase-1', { owner: role, rule: { kind: 'attested/1', role, evidence: 'attestation' } }),
      ),
      check('b', 'phase-2'),
    ],
  );

describe('attestations that are due', () => {
  const checksFor = (story: Pick<Story, 'deps'>, to: string) =>
    sentIn(story.deps.controls.mailer.mails).flatMap((mail) =>
      mail.kind === 'attestations-due' && mail.to === to ? [mail.checks.map(({ id }) => id)] : [],
    );

  test('are listed in one mail for each person, who may hold several roles', async () => {
    const deps = dependenciesOf(twoOwners());
    await atFirstGate(deps);
    expect(checksFor({ deps }, 'ole')).toEqual([['by-operations-lead', 'by-operator']]);
    expect(checksFor({ deps }, 'tove')).toEqual([['by-technical-lead']]);
  });

  test('are mailed again to the one whose mail was not accepted, and to nobody else', async () => {
    const deps = dependenciesOf(twoOwners());
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    deps.controls.onCall((call, _caller, [mail]) => {
      if (call === 'mailer.send' && (mail as { to: { address: string } }).to.address.startsWith('ole')) throw new Error('MessageRejected');
    });
    await machine.begin().catch(() => undefined);
    await machine.settle().catch(() => undefined);
    await later({ deps, run, machine }, 2).catch(() => undefined);
    expect([checksFor({ deps }, 'ole'), checksFor({ deps }, 'tove')].map(({ length }) => length)).toEqual([0, 1]);
    deps.controls.onCall(undefined);
    await later({ deps, run, machine }, 30);
    expect([checksFor({ deps }, 'ole'), checksFor({ deps }, 'tove')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('are not mailed before the window before T0 opens, when nobody may attest them', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
        [
          check('backup', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
          check('b', 'phase-5'),
        ],
      ),
    );
    const run = await givenRun(deps, { plannedT0: new Date(deps.clock.now().getTime() + 10 * hour).toISOString() });
    const machine = machineOf(deps, run);
    await machine.begin();
    await machine.settle();
    expect(checksFor({ deps }, 'ole')).toEqual([]);
    deps.controls.clock.advance(8 * hour + 60_000);
    await sweep(deps);
    await later({ deps, run, machine }, 2);
    expect(checksFor({ deps }, 'ole')).toEqual([['backup']]);
  });

  test('of something that has not happened are mailed when it has happened', async () => {
    const story = await toWindow();
    await report(story, 'started');
    await story.machine.settle();
    const mailed = watch(story);
    const afterwards = story.deps.definitions
      .current()
      .checklist.items.filter(
        ({ gate: at, after, rule }) => at === 'deployment-window' && after === 'deployment.finished' && rule?.kind === 'attested/1',
      );
    await report(story, 'finished');
    await story.machine.settle();
    await later(story, 2);
    const named = mailed('attestations-due').flatMap((mail) => (mail.kind === 'attestations-due' ? mail.checks.map(({ id }) => id) : []));
    expect(new Set(named)).toEqual(new Set(afterwards.map(({ id }) => id)));
  });
});
