import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { fakeRosterPeople, signingFor } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import {
  answerAs,
  approvalEvents,
  asking,
  callerFor,
  letters,
  linkOf,
  ole,
  pageFor,
  petra,
  roles,
  startedAfter,
  tove,
  week,
} from './approval-requests.ts';

const overtakings = async (story: Story) => (await approvalEvents(story)).filter(isType('approval.overtaken'));
/** The list of runs does not show the older run to the other one, which therefore asks it for nothing. */
const deaf = async <T>({ deps, run }: Story, work: () => Promise<T>): Promise<T> => {
  const open = deps.index.open;
  Object.assign(deps.index, { open: async (...of: Parameters<typeof open>) => (await open(...of)).filter((one) => one.run !== run) });
  try {
    return await work();
  } finally {
    Object.assign(deps.index, { open });
  }
};
const mailsTo = ({ deps }: Story, kind: string) =>
  deps.controls.mailer.mails
    .filter(({ subject }) => subject === kind)
    .map(({ to }) => to.address)
    .sort();

describe('a newer run that asks for the same approvals before T0', () => {
  test('ends the open requests of the older one, which says so to everybody who was asked and asks nobody', async () => {
    const older = await asking();
    expect((await answerAs(older, tove)).refused).toBeUndefined();
    await older.machine.settle();
    const link = linkOf(older, petra);
    const newer = await startedAfter(older);
    await older.machine.settle();

    expect((await overtakings(older)).map(({ event }) => event.data.by)).toEqual([newer.run]);
    expect(await overtakings(newer)).toEqual([]);
    const gate = (await readRun(older.deps, older.run)).ok?.gates[0];
    expect([gate?.state, gate?.reasons[0]]).toEqual(['blocked', expect.stringContaining(`the newer run ${newer.run} asks for the same`)]);
    const page = await pageFor(older, petra, link);
    expect([page.state, page.recalled]).toEqual(['recalled', expect.objectContaining({ by: null, newer: newer.run, reason: null })]);
    expect((await answerAs(older, petra, 'approved', link)).refused).toMatchObject({
      type: 'approval-closed',
      detail: expect.stringContaining(newer.run),
    });
    expect(mailsTo(older, 'approval-recalled')).toEqual([ole, petra, tove].map(({ address }) => address).sort());

    for (const person of [tove, ole, petra]) expect((await answerAs(newer, person)).refused).toBeUndefined();
    await newer.machine.settle();
    expect([newer.machine.at(), older.machine.at()]).toEqual(['phase-2', 'phase-1']);
  });

  test('ends them once: people who are asked again after that are asked in peace', async () => {
    const older = await asking();
    await startedAfter(older);
    const before = letters(older).length;
    const again = { run: older.run, gate: 'phase-1', action: 'ask-again', reason: 'The newer one is withdrawn.' } as const;
    older.deps.controls.clock.advance(60_000);
    expect((await recallApproval(signingFor(['people'], older.deps), again, callerFor(older, ole))).refused).toBeUndefined();
    await older.machine.settle();
    expect(
      letters(older)
        .slice(before)
        .map(({ about }) => about.round),
    ).toEqual([2, 2, 2]);
    for (const person of [tove, ole, petra]) expect((await answerAs(older, person)).refused).toBeUndefined();
    await older.machine.settle();
    expect([older.machine.at(), (await overtakings(older)).length]).toEqual(['phase-2', 1]);
  });

  test.each([
    ['of another service', { service: 'mail' }],
    ['for another environment', { environment: 'staging' }],
  ])('%s ends nothing', async (_what, changes) => {
    const older = await asking();
    await startedAfter(older, changes);
    await older.machine.settle();
    expect(await overtakings(older)).toEqual([]);
  });

  test('ends no request that is decided', async () => {
    const older = await asking();
    for (const person of [tove, ole, petra]) expect((await answerAs(older, person)).refused).toBeUndefined();
    await older.machine.settle();
    await startedAfter(older);
    expect([older.machine.at(), await overtakings(older)]).toEqual(['phase-2', []]);
  });

  test('whose request is lost is seen at the next reminder, and nobody is reminded of what has ended', async () => {
    const older = await asking();
    await deaf(older, () => startedAfter(older));
    expect(await overtakings(older)).toEqual([]);
    const before = letters(older).filter(({ about }) => about.run === older.run).length;
    older.deps.controls.clock.advance(week / 2 + 60_000);
    await sweep(older.deps);
    await older.machine.settle();
    expect(await overtakings(older)).toHaveLength(1);
    expect(letters(older).filter(({ about }) => about.run === older.run)).toHaveLength(before);
  });

  test('ends nothing once its own requests were recalled', async () => {
    const older = await asking();
    const newer = await deaf(older, () => startedAfter(older));
    const taken = { run: newer.run, gate: 'phase-1', action: 'recall', reason: 'It is broken.' } as const;
    expect((await recallApproval(signingFor(['people'], newer.deps), taken, callerFor(newer, ole))).refused).toBeUndefined();
    older.deps.controls.clock.advance(week / 2 + 60_000);
    await sweep(older.deps);
    await older.machine.settle();
    expect(await overtakings(older)).toEqual([]);
  });

  test('also ends requests that a changed report has ended, before they are made again', async () => {
    const older = await atGoNoGo();
    expect(await said(older, 'On second thoughts, only half of it is ready.')).toBe(true);
    await older.machine.settle();
    const types = async (): Promise<readonly string[]> =>
      (await older.deps.trail.read(`run/${older.run}`, { lane: 'approval/go-no-go' }))
        .map(({ event }) => event.type)
        .filter((type) => type !== 'approval.mailed');
    expect((await types()).slice(3)).toEqual(['approval.invalidated']);
    older.deps.controls.clock.advance(60_000);
    await atGoNoGo(older.deps);
    older.deps.controls.clock.advance(20 * 60_000);
    await sweep(older.deps);
    await older.machine.settle();
    expect((await types()).slice(3)).toEqual(['approval.invalidated', 'approval.overtaken']);
  });
});

/** A run whose approvers are asked about a statement that was made at the gate before. */
const atGoNoGo = async (
  deps = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('go-no-go', { role: 'approval', asks: [...roles], reports: ['phase-1'], deadlineSeconds: week / 1000 })],
      [
        check('ready', 'phase-1', {
          rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' },
          owner: 'operations-lead',
        }),
        ...roles.map((role) => check(`s-${role}`, 'go-no-go', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
      ],
    ),
    { people: fakeRosterPeople },
  ),
): Promise<Story> => {
  const run = await givenRun(deps, { version: '1.2.5' }, { ...ci, token: sha256(anew()) });
  const story: Story = { deps, run, machine: machineOf(deps, run) };
  await story.machine.begin();
  expect(await said(story, 'Everything is ready.')).toBe(true);
  await story.machine.settle();
  expect(story.machine.at()).toBe('go-no-go');
  return story;
};
const said = async ({ deps, run }: Story, statement: string): Promise<boolean> => {
  const input = { request: anew(), run, check: 'ready', statement };
  return (await attest(signingFor(['people'], deps), input, personIn(deps, 'operations-lead'))).refused === undefined;
};
