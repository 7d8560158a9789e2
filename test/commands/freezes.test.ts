import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import type { Freeze } from '../../lib/checklist/freezes.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun, startInput } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { withoutRole } from '../roster-given.ts';
import { hour, type Story, sign } from '../story.ts';

// The world begins on Monday, 2026-03-02 at 08:00 UTC.
const monday: Freeze = {
  name: 'Quarter end',
  zone: 'Europe/Berlin',
  environments: ['production'],
  weekly: { days: ['mon'], from: '08:00', to: '14:00' },
  reason: 'The books are closed.',
};
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const signed = { kind: 'signed/1', role: 'technical-lead' } as const;

const frozenDeps = (freezes: readonly Freeze[] = [monday]): FakeDependencies =>
  dependenciesOf(
    checklistOf(
      [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
      [check('backup', 't-minus-2h'), check('later', 'phase-5', { rule: attested })],
    ),
    { stage: { freezes: { shop: [...freezes] } } },
  );

const ready = async (deps: FakeDependencies): Promise<Story> => {
  const story = { deps, ...(await atFirstGate(deps)) };
  await recordEvidence(deps, reportOfRun(story.run, deps, junitReport(2)), ci);
  await story.machine.settle();
  return story;
};

type Signer = 'operations-lead' | 'technical-lead' | 'product-owner';
const override = ({ deps, run }: Story, role: Signer | 'operator', freeze = monday.name) =>
  overrideFreeze(deps, { run, freeze, reason: 'The books are closed already.' }, personIn(deps, role));

const passes = async ({ deps, machine }: Story, hours: number): Promise<void> => {
  deps.controls.clock.advance(hours * hour);
  await sweep(deps);
  await machine.settle();
};

describe('a freeze', () => {
  test('holds T0 until it ends, says when that is, and needs nobody to end', async () => {
    const story = await ready(frozenDeps());
    expect(story.machine.at()).toBe('t-minus-2h');
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no run');
    expect(view.gates[0]).toMatchObject({
      state: 'waiting',
      reasons: [
        'deployments are frozen until 2026-03-02T13:00:00.000Z (2026-03-02 14:00 Europe/Berlin): Quarter end (The books are closed.)',
      ],
    });
    expect(view.freezes).toMatchObject([
      {
        name: 'Quarter end',
        from: '2026-03-02T07:00:00.000Z',
        to: '2026-03-02T13:00:00.000Z',
        toLocal: '2026-03-02 14:00',
        overridden: false,
      },
    ]);
    expect([...story.deps.controls.schedules.planned.values()].map(({ when }) => when.toISOString())).toContain('2026-03-02T13:00:00.000Z');
    await passes(story, 4.9);
    expect(story.machine.at()).toBe('t-minus-2h');
    await passes(story, 0.2);
    expect(story.machine.at()).toBe('phase-5');
  });

  test('of another environment, or another service, holds nothing', async () => {
    expect((await ready(frozenDeps([{ ...monday, environments: ['staging'] }]))).machine.at()).toBe('phase-5');
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
        [check('backup', 't-minus-2h'), check('later', 'phase-5', { rule: attested })],
      ),
      { stage: { freezes: { mail: [monday] } } },
    );
    expect((await ready(deps)).machine.at()).toBe('phase-5');
  });

  test.each([
    ['when-released', true],
    ['2026-03-02T10:00:00.000Z', true],
    ['2026-03-02T13:00:00.000Z', false],
    ['2026-03-09T07:30:00.000Z', true],
  ] as const)('is told by the start of a run with T0 %s', async (plannedT0, frozen) => {
    const started = await startRun(frozenDeps(), { ...startInput, plannedT0 }, ci);
    expect(started.ok?.freezes.map(({ name }) => name)).toEqual(frozen ? ['Quarter end'] : []);
  });
});

describe('overriding a freeze', () => {
  test.each([
    ['operations-lead', 'technical-lead'],
    ['operations-lead', 'product-owner'],
    ['technical-lead', 'operations-lead'],
    ['product-owner', 'operations-lead'],
  ] as const)('takes two people: %s, then %s', async (first, second) => {
    const story = await ready(frozenDeps());
    expect((await override(story, first)).ok).toMatchObject({ state: 'requested', alreadyRecorded: false });
    await story.machine.settle();
    expect(story.machine.at(), 'one person overrides nothing').toBe('t-minus-2h');
    expect((await override(story, first)).ok, 'not even twice').toMatchObject({ state: 'requested', alreadyRecorded: true });
    expect((await override(story, second)).ok).toMatchObject({ state: 'approved', alreadyRecorded: false });
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-5');
    const own = await story.deps.trail.read(`run/${story.run}`, { lane: 'run' });
    expect(own.filter(isType('freeze.override-approved')).map(({ event }) => event.data.by)).toEqual([personIn(story.deps, second).id]);
    expect(JSON.stringify(own)).not.toContain('closed already');
  });

  test.each([
    ['technical-lead', 'product-owner'],
    ['product-owner', 'technical-lead'],
  ] as const)('takes an operations lead: %s and %s are not enough', async (first, second) => {
    const story = await ready(frozenDeps());
    await override(story, first);
    expect((await override(story, second)).ok).toMatchObject({ state: 'requested' });
    await story.machine.settle();
    expect(story.machine.at()).toBe('t-minus-2h');
    expect((await readRun(story.deps, story.run)).ok?.freezeOverrides).toMatchObject([{ approved: false }, { approved: false }]);
    expect((await override(story, 'operations-lead')).ok).toMatchObject({ state: 'approved' });
  });

  test('is refused to other roles, to the starter, to a person who signed in long ago, for an unknown freeze and behind T0', async () => {
    const story = await ready(frozenDeps());
    expect((await override(story, 'operations-lead', 'Easter')).refused).toMatchObject({ type: 'freeze-unknown', expected: 'Quarter end' });
    const input = { run: story.run, freeze: monday.name, reason: 'The books are closed already.' };
    const lead = personIn(story.deps, 'operations-lead');
    expect((await overrideFreeze(story.deps, input, { ...lead, id: ci.person ?? '' })).refused?.type).toBe('starter-excluded');
    expect((await overrideFreeze(story.deps, input, { ...lead, roles: ['operator'] })).refused?.type).toBe('role-missing');
    expect((await overrideFreeze(story.deps, input, { ...lead, signedInAt: new Date(0) })).refused?.type).toBe('sign-in-stale');
    await passes(story, 6);
    expect((await override(story, 'operations-lead')).refused?.type).toBe('t0-passed');
  });

  test('is not approved on the word of somebody who no longer holds the role', async () => {
    const story = await ready(frozenDeps());
    await override(story, 'operations-lead');
    const lead = personIn(story.deps, 'operations-lead').id;
    const later: Story = { ...story, deps: { ...story.deps, roster: withoutRole(story.deps.roster, lead) } };
    expect((await override(later, 'technical-lead')).ok).toMatchObject({ state: 'requested' });
    await story.machine.settle();
    expect(story.machine.at()).toBe('t-minus-2h');
    // Who holds it yet asks anew, and the request of the technical lead goes with it.
    expect((await override(story, 'operations-lead')).ok).toMatchObject({ state: 'approved' });
  });

  test('asked for by two people at once is approved when one of them asks again, and is approved once', async () => {
    const story = await ready(frozenDeps());
    const both = await Promise.all([override(story, 'operations-lead'), override(story, 'technical-lead')]);
    expect(both.map(({ refused }) => refused)).toEqual([undefined, undefined]);
    const again = await Promise.all([override(story, 'operations-lead'), override(story, 'technical-lead')]);
    expect(again.map(({ ok }) => ok?.state)).toEqual(['approved', 'approved']);
    const own = await story.deps.trail.read(`run/${story.run}`, { lane: 'run' });
    expect(own.filter(isType('freeze.override-approved'))).toHaveLength(1);
  });

  test('counts for the named freeze only', async () => {
    const story = await ready(frozenDeps([monday, { ...monday, name: 'Move' }]));
    await override(story, 'operations-lead');
    await override(story, 'technical-lead');
    await story.machine.settle();
    expect(story.machine.at()).toBe('t-minus-2h');
    expect((await readRun(story.deps, story.run)).ok?.gates[0]?.reasons[0]).toContain('Move');
  });

  test('is among the exceptions of the report that people sign, also when it comes after they signed', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [
          gate('go-no-go', {
            role: 'approval',
            asks: ['technical-lead', 'operations-lead', 'product-owner'],
            reports: [],
            onRejected: 'rejected',
            rejudges: true,
          }),
          gate('t-minus-2h', { role: 't0' }),
          gate('phase-5'),
        ],
        [
          check('go', 'go-no-go', { rule: signed, kind: 'sign-off' }),
          check('backup', 't-minus-2h'),
          check('later', 'phase-5', { rule: attested }),
        ],
      ),
      { stage: { freezes: { shop: [monday] } } },
    );
    const story = await ready(deps);
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    await override(story, 'operations-lead');
    await override(story, 'technical-lead');
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    const [mail] = deps.controls.mailer.mails.filter(({ subject }) => subject === 'approval-requested');
    const { url, role } = JSON.parse(mail?.text ?? '{}') as { url: string; role: Signer };
    const page = await showApproval(deps, { link: url.split('/').at(-1) ?? '' }, personIn(deps, role));
    expect(page.ok?.exceptions.overridden).toMatchObject([
      { freeze: 'Quarter end', by: [personIn(deps, 'operations-lead').id, personIn(deps, 'technical-lead').id] },
    ]);
    expect([...(page.ok?.words.values() ?? [])].map(({ text }) => text)).toContain('The books are closed already.');
    await sign(story);
    expect(story.machine.at()).toBe('phase-5');
  });
});
