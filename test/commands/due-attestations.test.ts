import { describe, expect, test } from 'vitest';
import { attest } from '../../lib/run/commands/attest.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { hour, type Story } from '../story.ts';
import { later, report, sentIn } from './sent-mails.ts';

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
    const attestedBy = (id: string, after: 'deployment.finished' | null) =>
      check(id, 'deployment-window', { after, rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } });
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment' }), gate('phase-5')],
        [check('tests', 't-minus-2h'), attestedBy('on-call', null), attestedBy('looks-good', 'deployment.finished'), check('b', 'phase-5')],
      ),
    );
    const { run, machine } = await atFirstGate(deps);
    const story: Story = { deps, run, machine };
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    await machine.settle();
    expect(checksFor(story, 'ole')).toEqual([['on-call']]);
    deps.controls.clock.advance(5 * 60_000);
    for (const state of ['started', 'finished'] as const) expect((await report(story, state)).refused).toBeUndefined();
    await machine.settle();
    // The second mail names all that the person owes, also what the first one named.
    expect(checksFor(story, 'ole')).toEqual([['on-call'], ['on-call', 'looks-good']]);
  });

  const byLead = (id: string, at: 'phase-1' | 'phase-2' | 'phase-3') =>
    check(id, at, { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } });
  /** Two gates of one stretch; then one at which people sign, and one behind it. */
  const stretch = async (): Promise<Story> => {
    const deps = dependenciesOf(
      checklistOf(
        [
          gate('phase-1'),
          gate('phase-2'),
          gate('go-no-go', { role: 'approval', asks: ['technical-lead', 'operations-lead', 'product-owner'] } as never),
          gate('phase-3'),
        ],
        [byLead('now', 'phase-1'), byLead('next', 'phase-2'), check('tests', 'phase-2'), byLead('behind', 'phase-3')],
      ),
    );
    return { deps, ...(await atFirstGate(deps)) };
  };
  const say = async ({ deps, run, machine }: Story, id: string) => {
    const said = await attest(
      signingFor(['people'], deps),
      { request: anew(), run, check: id, statement: 'I have looked at it today.' },
      personIn(deps, 'operations-lead'),
    );
    expect(said.refused).toBeUndefined();
    await machine.settle();
  };
  const mailsTo = (story: Pick<Story, 'deps'>, to: string) =>
    sentIn(story.deps.controls.mailer.mails).flatMap((mail) => (mail.kind === 'attestations-due' && mail.to === to ? [mail] : []));

  test('of the next gates stand in the first mail, up to the gate at which people sign', async () => {
    const story = await stretch();
    expect(mailsTo(story, 'ole')).toMatchObject([
      { checks: [{ id: 'now' }], ahead: [{ gateTitle: 'Gate phase-2', checks: [{ id: 'next' }] }] },
    ]);
    await say(story, 'now');
    expect(story.machine.at()).toBe('phase-2');
    await later(story, 25);
    expect(mailsTo(story, 'ole'), 'the first mail named it').toHaveLength(1);
  });

  test('of the next gates are not named once somebody has attested them', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [gate('phase-1'), gate('phase-2'), gate('phase-3')],
        [byLead('now', 'phase-1'), byLead('next', 'phase-2'), byLead('done', 'phase-3'), byLead('open', 'phase-3')],
      ),
    );
    const story: Story = { deps, ...(await atFirstGate(deps)) };
    await say(story, 'done');
    await say(story, 'now');
    await later(story, 90);
    expect(
      mailsTo(story, 'ole').map(({ checks, ahead }) =>
        [checks, ahead].flat().flatMap((one) => ('id' in one ? one.id : one.checks.map(({ id }) => id))),
      ),
    ).toEqual([
      ['now', 'next', 'done', 'open'],
      ['next', 'open'],
    ]);
  });

  test('are mailed again, once, when the next gate has waited for them for half an hour', async () => {
    const story = await stretch();
    await say(story, 'now');
    await later(story, 90);
    expect(mailsTo(story, 'ole').slice(1)).toMatchObject([{ gateTitle: 'Gate phase-2', checks: [{ id: 'next' }], ahead: [] }]);
  });

  const announcing = () =>
    dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
        [
          check('told', 't-minus-2h', { rule: { kind: 'notice-sent/1', notice: 'deployment-announced' } }),
          ...(['operations-lead', 'developer'] as const).map((role) =>
            check(`by-${role}`, 't-minus-2h', { owner: role, rule: { kind: 'attested/1', role, evidence: 'attestation' } }),
          ),
          check('b', 'phase-5'),
        ],
      ),
    );
  const announced = ({ deps }: Pick<Story, 'deps'>) =>
    sentIn(deps.controls.mailer.mails).flatMap((mail) =>
      mail.kind === 'deployment-announced' ? [[mail.to, mail.owed?.checks.map(({ id }) => id) ?? null]] : [],
    );

  test('stand in the announcement of the deployment, and are mailed only to those who get none', async () => {
    const deps = announcing();
    const story: Story = { deps, ...(await atFirstGate(deps)) };
    await later(story, 5);
    expect(announced(story)).toEqual([
      ['tove', null],
      ['ole', ['by-operations-lead']],
      ['petra', null],
    ]);
    expect(checksFor(story, 'ole')).toEqual([]);
    expect(checksFor(story, 'dara')).toEqual([['by-developer']]);
  });

  test('lead from the announcement to the page where they are made, and nobody else there', async () => {
    const deps = announcing();
    const story: Story = { deps, ...(await atFirstGate(deps)) };
    const run = `https://holdpoint.example.com/runs/${story.run}`;
    expect(
      sentIn(deps.controls.mailer.mails).flatMap((mail) => (mail.kind === 'deployment-announced' ? [[mail.to, mail.url]] : [])),
    ).toEqual([
      ['tove', run],
      ['ole', `${run}/attest`],
      ['petra', run],
    ]);
  });

  test('are mailed to the one to whom the announcement could not be sent', async () => {
    const deps = announcing();
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    let refused = 0;
    deps.controls.onCall((call, _caller, [mail]) => {
      if (call !== 'mailer.send' || !(mail as { to: { address: string } }).to.address.startsWith('ole') || refused > 0) return;
      refused += 1;
      throw new Error('MessageRejected');
    });
    await machine.begin().catch(() => undefined);
    await machine.settle().catch(() => undefined);
    await later({ deps, run, machine }, 5);
    expect(announced({ deps }).map(([to]) => to)).toEqual(['tove', 'petra']);
    expect(checksFor({ deps }, 'ole')).toEqual([['by-operations-lead']]);
  });

  test.each(['before', 'after'] as const)('of an announcement that broke off %s its event was stored are mailed', async (when) => {
    const deps = announcing();
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    let failed = false;
    deps.controls.onCall((call, _caller, [stored]) => {
      if (failed || call !== 'store.insert' || (stored as { event: { type: string } }).event.type !== 'notice.sent') return;
      failed = true;
      deps.controls.failNext(call, when);
    });
    await machine.begin();
    await machine.settle();
    await later({ deps, run, machine }, 5);
    expect(failed).toBe(true);
    const told = announced({ deps }).filter(([to]) => to === 'ole');
    // Nobody knows that the first one was sent, so they are mailed by themselves, and the announcement comes again without them.
    expect(told).toEqual([['ole', ['by-operations-lead']], ...(when === 'before' ? [['ole', null]] : [])]);
    expect(checksFor({ deps }, 'ole')).toEqual(when === 'before' ? [['by-operations-lead']] : []);
  });

  test('are not mailed again to somebody who has attested ahead', async () => {
    const story = await stretch();
    await say(story, 'next');
    await say(story, 'now');
    await later(story, 90);
    expect(mailsTo(story, 'ole')).toHaveLength(1);
  });
});
