import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { rosterFlaws } from '../../lib/checklist/roster.ts';
import { localStage } from '../../lib/local/stage.ts';
import type { Deputy, Notification, Person } from '../../lib/ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { fakeDependencies } from '../fakes.ts';
import type { Story } from '../story.ts';
import {
  answerAs,
  answersOf,
  approvalEvents,
  asking,
  callerFor,
  dara,
  deputy,
  letters,
  linkOf,
  ole,
  pageFor,
  petra,
  tove,
} from './approval-requests.ts';

const day = 24 * 3_600_000;
const began = Date.parse('2026-03-02T08:00:00.000Z');
const at = (days: number): string => new Date(began + days * day).toISOString();
const during = (person: Person, changes: Partial<Deputy> = {}): Deputy => ({ person: person.id, from: at(-1), to: at(3), ...changes });
const away = (principal: Person, ...deputies: readonly Deputy[]): Person => ({ ...principal, deputies });
const told = ({ deps }: Story) =>
  deps.controls.mailer.mails
    .filter(({ subject }) => subject === 'deputy-answered')
    .map((mail) => ({ ...(JSON.parse(mail.text) as Notification), to: mail.to.address }));

describe('a deputy', () => {
  test('is asked beside the person, answers for them, and both names are kept, shown and told', async () => {
    const story = await asking([tove, away(ole, during(deputy)), petra, dara, deputy]);
    expect(letters(story, deputy).map(({ about }) => [about.role, about.forName])).toEqual([['operations-lead', ole.name]]);
    expect(letters(story, ole)).toHaveLength(1);
    expect((await answerAs(story, deputy)).refused).toBeUndefined();
    await story.machine.settle();
    expect((await answersOf(story)).map(({ event: { data } }) => [data.person, data.for, data.role])).toEqual([
      [deputy.id, ole.id, 'operations-lead'],
    ]);
    expect(told(story)).toMatchObject([{ kind: 'deputy-answered', to: ole.address, by: deputy.name, answer: 'approved' }]);
    const page = await pageFor(story, ole);
    expect([page.state, page.answered?.person]).toEqual(['answered', deputy.id]);
    expect(page.answers.find(({ answer }) => answer !== null)).toMatchObject({ person: deputy.id, for: ole.id });
    const gate = (await readRun(story.deps, story.run)).ok?.gates[0];
    expect(gate?.approvals.find(({ answer }) => answer !== null)).toMatchObject({ person: deputy.id, for: ole.id });
    for (const person of [tove, petra]) expect((await answerAs(story, person)).refused).toBeUndefined();
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-2');
    const signed = (await story.deps.trail.read(`run/${story.run}`, { prefix: 'check/phase-1' })).filter(isType('check.judged'));
    expect(signed.map(({ event }) => event.data.reason)).toContainEqual(expect.stringContaining(`${deputy.id} for ${ole.id}`));
    expect(told(story)).toHaveLength(1);
  });

  test('whose answer lets the gate pass at once is told all the same, also when the mail system was down then', async () => {
    const story = await asking([tove, away(ole, during(deputy)), petra, dara, deputy]);
    for (const person of [tove, petra]) await answerAs(story, person);
    story.deps.controls.onCall(async (call) => {
      if (call === 'mailer.send') throw new Error('throttled');
    });
    await answerAs(story, deputy);
    await story.machine.settle().catch(() => undefined);
    story.deps.controls.onCall(undefined);
    for (let n = 0; n < 4; n += 1) {
      story.deps.controls.clock.advance(61_000);
      await sweep(story.deps);
      await story.machine.settle();
    }
    expect(story.machine.at()).toBe('phase-2');
    expect(told(story)).toHaveLength(1);
  });

  test('is asked when the time begins, and refused at the answer when it is over', async () => {
    const story = await asking([tove, away(ole, during(deputy, { from: at(1), to: at(2) })), petra, dara, deputy]);
    expect(letters(story, deputy)).toEqual([]);
    story.deps.controls.clock.advance(day + 60_000);
    await sweep(story.deps);
    await story.machine.settle();
    expect(letters(story, deputy)).toHaveLength(1);
    story.deps.controls.clock.advance(day);
    expect((await answerAs(story, deputy)).refused).toMatchObject({ type: 'role-missing', detail: expect.stringContaining(ole.id) });
    expect(await answersOf(story)).toEqual([]);
  });

  test('for one role is not asked in another', async () => {
    const both: Person = { ...ole, roles: ['operations-lead', 'product-owner'] };
    const story = await asking([tove, away(both, during(deputy, { role: 'operations-lead' })), petra, dara, deputy]);
    expect(letters(story, deputy).map(({ about }) => about.role)).toEqual(['operations-lead']);
  });

  test.each<[string, readonly Person[], Person]>([
    ['a deputy’s deputy', [tove, away(ole, during(dara)), petra, away(dara, during(deputy)), deputy], deputy],
    ['the person who started the run', [tove, away(ole, during(dara)), petra, dara, deputy], dara],
    ['somebody whom the gate asks in their own name', [tove, away(ole, during(tove)), petra, dara], tove],
    [
      'somebody in the place of a person who has lost the role',
      [tove, ole, petra, away({ ...dara, roles: [] }, during(deputy)), deputy],
      deputy,
    ],
  ])('is never %s', async (_who, people, never) => {
    const story = await asking(people);
    expect(letters(story, never).filter(({ about }) => about.forName !== null)).toEqual([]);
    expect((await approvalEvents(story)).filter(isType('approval.requested')).some(({ event }) => event.data.for !== undefined)).toBe(
      false,
    );
  });

  test('counts as both people: neither may sign in a second role of the gate', async () => {
    const both: Person = { ...ole, roles: ['operations-lead', 'product-owner'] };
    const story = await asking([tove, away(both, during(deputy)), petra, dara, deputy]);
    expect((await answerAs(story, deputy, 'approved', linkOf(story, deputy, 'operations-lead'))).refused).toBeUndefined();
    for (const [person, link] of [
      [deputy, linkOf(story, deputy, 'product-owner')],
      [both, linkOf(story, both, 'product-owner')],
    ] as const)
      expect((await answerAs(story, person, 'approved', link)).refused?.type).toBe('approval-second-role');
    expect(await answersOf(story)).toHaveLength(1);
  });

  test('loses the right with the roster, although the link was sent', async () => {
    const story = await asking([tove, away(ole, during(deputy)), petra, dara, deputy]);
    const link = linkOf(story, deputy);
    const { checklist, graph } = story.deps.definitions.current();
    const { roster } = fakeDependencies({ checklist, graph, people: [tove, ole, petra, dara, deputy] });
    const without: Story = { ...story, deps: { ...story.deps, roster } };
    expect((await answerAs(without, deputy, 'approved', link)).refused?.type).toBe('role-missing');
    expect(callerFor(story, deputy).roles).not.toContain('operations-lead');
  });
});

describe('a roster that names deputies', () => {
  const stage = localStage({ publicUrl: 'http://localhost:1', peopleIssuer: 'http://localhost:2', ciIssuer: 'http://localhost:3' });
  const [first, second, ...others] = stage.roster as [(typeof stage.roster)[number], (typeof stage.roster)[number]];
  const flaws = (entry: Deputy) => rosterFlaws({ ...stage, roster: [{ ...first, deputies: [entry] }, second, ...others] });

  test.each<[string, Deputy, string | undefined]>([
    ['fits', during({ ...dara, id: second.id }), undefined],
    ['names nobody', during(dara), 'is not in the roster'],
    ['names the person', during({ ...dara, id: first.id }), 'name another person'],
    ['ends before it begins', during({ ...dara, id: second.id }, { to: at(-2) }), 'the end must be later'],
    ['is for a role that the person lacks', during({ ...dara, id: second.id }, { role: 'product-owner' }), 'does not have'],
  ])('and %s', (_what, entry, words) => {
    expect(flaws(entry)).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
  });
});
