import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { proposalsIn } from '../../lib/folds/profile.ts';
import { answerProfile } from '../../lib/run/commands/answer-profile.ts';
import { profileAnswerSchema } from '../../lib/run/commands/inputs.ts';
import { profileStore } from '../../lib/run/state/registered-profiles.ts';
import { type FakeDependencies, fakeRosterPeople } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { afterDeployment, answer, givenInForce, must, profileFile, propose, serviceScope } from '../profile-given.ts';

const laneOf = (deps: FakeDependencies) => deps.trail.read(serviceScope, { lane: 'profile' });
const refusedAs = async (outcome: Promise<{ readonly refused?: { readonly type: string } | undefined }>): Promise<string | undefined> =>
  (await outcome).refused?.type;

describe('a proposal', () => {
  test('is recorded with digests of profile, definition and checklist, and both can be read', async () => {
    const deps = dependenciesOf(twoGates);
    const said = must(await propose(deps));
    expect(said).toMatchObject({ state: 'proposed', needs: 'technical-lead and the operations-lead', alreadyRecorded: false });
    const [stored] = await laneOf(deps);
    expect(stored?.event).toMatchObject({
      type: 'profile.proposed',
      scope: serviceScope,
      data: { profile: said.profile, definition: said.definition, base: deps.definitions.current().digest, by: 'p-developer1' },
    });
    expect(await deps.definitions.read(said.definition)).toMatchObject({ profile: { digest: said.profile, service: 'shop' } });
    expect(await deps.evidence.get(profileStore, said.profile)).toBeDefined();
    expect(verifyScope(await deps.trail.read(serviceScope, { prefix: '' }))).toBeUndefined();
  });

  test('of the same content is the same event, and one of other content takes its place', async () => {
    const deps = dependenciesOf(twoGates);
    const first = must(await propose(deps));
    // A comment says nothing.
    expect(must(await propose(deps, profileFile(['cart'], '# again\n'), 'operator'))).toMatchObject({
      event: first.event,
      alreadyRecorded: true,
    });
    must(await answer(deps, first.profile, 'technical-lead'));
    const second = must(await propose(deps, profileFile(['cart', 'orders'])));
    expect(await refusedAs(answer(deps, first.profile, 'operations-lead'))).toBe('profile-unknown');
    const third = must(await propose(deps));
    expect(third).toMatchObject({ profile: first.profile, alreadyRecorded: false });
    expect(proposalsIn(await laneOf(deps)).map(({ event, state, answers }) => [event, state, answers.length])).toEqual([
      [first.event, 'replaced', 1],
      [second.event, 'replaced', 0],
      [third.event, 'open', 0],
    ]);
  });

  test('in a dry run records nothing and stores nothing', async () => {
    const deps = dependenciesOf(twoGates);
    const said = must(await propose(deps, profileFile(), 'developer', true));
    expect(said).toMatchObject({ event: null, state: 'checked', needs: null, diff: { features: { added: [{ id: 'cart' }] } } });
    expect(await laneOf(deps)).toEqual([]);
    expect(await deps.evidence.get(profileStore, said.profile)).toBeUndefined();
    expect(await deps.definitions.read(said.definition)).toBeUndefined();
  });

  test('with mistakes is refused with every one of them and its place, and the refusal is recorded', async () => {
    const deps = dependenciesOf(baseChecklist);
    const wrong = profileFile(['cart'], 'observe: { no-such-check: 2026-04-01, soak-24h: 2029-01-01 }\nservcies: [a]\n');
    const { refused } = await propose(deps, wrong);
    expect(refused).toMatchObject({ type: 'profile-invalid', mistakes: [{ line: 5, column: 1, member: 'servcies' }] });
    const schema = profileFile(['cart'], 'observe: { no-such-check: 2026-04-01, soak-24h: 2029-01-01 }\n');
    const other = await propose(deps, new TextEncoder().encode(new TextDecoder().decode(schema).replace('service: shop', 'service: mail')));
    expect(other.refused?.mistakes).toEqual([
      { line: 1, column: 10, member: 'service', message: 'the profile is put for the service shop' },
      { line: 4, column: 12, member: 'observe.no-such-check', message: 'no gate judges a check no-such-check' },
      { line: 4, column: 49, member: 'observe.soak-24h', message: expect.stringMatching(/^more than 400 days/) },
    ]);
    expect((await deps.trail.read(serviceScope, { lane: 'refusal' })).map(({ event }) => event.type)).toEqual([
      'request.refused',
      'request.refused',
    ]);
  });

  test('whose aliases make it large is refused', async () => {
    const words = `&a "${'w'.repeat(290)}"`;
    const many = Array.from({ length: 90 }, (_, n) => `  - { id: f${n}, title: t, paths: *p }`).join('\n');
    const file = `service: shop\nfeatures:\n  - { id: f, title: ${words}, paths: &p [${Array.from({ length: 99 }, (_, n) => `"src/${'x'.repeat(150)}${n}"`).join(', ')}] }\n${many}\n`;
    const { refused } = await propose(dependenciesOf(twoGates), new TextEncoder().encode(file));
    expect(refused?.mistakes?.[0]?.message).toMatch(/aliases/);
  });

  test('is for people who work on the service, and for a service of the stage', async () => {
    const deps = dependenciesOf(twoGates);
    expect(await refusedAs(propose(deps, profileFile(), 'auditor'))).toBe('role-missing');
    for (const role of ['developer', 'operator', 'product-owner', 'technical-lead'] as const)
      expect((await propose(deps, profileFile([role]), role)).refused).toBeUndefined();
  });

  test('is counted: people do not fill the lane', async () => {
    const deps = dependenciesOf(twoGates);
    let last: string | undefined;
    for (let n = 0; n < 51; n += 1) last = await refusedAs(propose(deps, profileFile([`f${n}`])));
    expect(last).toBe('limit-reached');
  });
});

describe('a removed feature', () => {
  test('needs an entry with its reason, which is a deviation of the definition', async () => {
    const deps = dependenciesOf(baseChecklist);
    await givenInForce(deps, profileFile(['cart', 'orders']));
    const { refused } = await propose(deps, profileFile(['cart']));
    expect(refused).toMatchObject({ type: 'profile-invalid', got: expect.stringContaining('the feature orders (orders)') });
    const removal = 'removedFeatures:\n  - { id: orders, reason: "The shop takes no orders any more.", approver: product-owner }\n';
    const said = must(await propose(deps, profileFile(['cart'], removal)));
    expect(said.diff.features.removed).toEqual([
      { id: 'orders', title: 'orders', deviation: expect.objectContaining({ approver: 'product-owner' }) },
    ]);
    const definition = await deps.definitions.read(said.definition);
    expect(definition?.deviations).toEqual([
      expect.objectContaining({
        parameter: 'feature orders',
        document: 'proved',
        here: 'removed',
        reason: 'The shop takes no orders any more.',
      }),
    ]);
    expect(definition?.items.some(({ id }) => id === definition.deviations[0]?.check)).toBe(true);
  });

  test('cannot stand among the features, nor twice', async () => {
    const one = '{ id: cart, reason: "This is a reason of some words.", approver: product-owner }';
    const { refused } = await propose(
      dependenciesOf(baseChecklist),
      profileFile(['cart'], `removedFeatures: [${one}, ${one.replace('cart', 'a')}, ${one.replace('cart', 'a')}]\n`),
    );
    expect(refused?.mistakes?.map(({ member }) => member)).toEqual(['removedFeatures[0].id', 'removedFeatures[2].id']);
  });
});

describe('a line that is observed', () => {
  const dropped =
    'deviations:\n  - { check: soak-24h, parameter: mode, document: required, here: observe, reason: "The soak stage is being built anew.", approver: technical-lead }\n';
  const until = (date: string): string => `observe: { soak-24h: ${date} }\n`;
  const after = async (inForce: string, next: string) => {
    const deps = dependenciesOf(baseChecklist);
    await givenInForce(deps, profileFile(['cart'], inForce));
    return { deps, said: await propose(deps, profileFile(['cart'], next)) };
  };

  test.each([
    ['a later date', until('2026-04-01'), until('2026-04-02'), 'observes it until 2026-04-01T00:00:00.000Z'],
    ['a date for a line that was adopted', '', until('2026-04-01'), 'requires it'],
    ['a date that was over', until('2026-01-01'), until('2026-04-01'), 'observes it until 2026-01-01'],
  ])('for longer than in the profile in force needs a deviation: %s', async (_, inForce, next, says) => {
    const { said } = await after(inForce, next);
    expect(said.refused?.mistakes).toEqual([
      {
        line: 4,
        column: 12 + 'soak-24h: '.length,
        member: 'observe.soak-24h',
        message: expect.stringContaining(`the profile in force ${says}`),
      },
    ]);
  });

  test.each([
    ['an earlier date', until('2026-04-02'), until('2026-04-01')],
    ['no date', until('2026-04-02'), ''],
    ['the same date', until('2026-04-02'), until('2026-04-02')],
    ['a date after the line was dropped', dropped, until('2026-04-02')],
    ['a reason', until('2026-04-01'), `${until('2026-04-02')}${dropped}`],
    ['a reason to drop it', until('2026-04-01'), dropped],
  ])('is taken with %s', async (_, inForce, next) => {
    const { deps, said } = await after(inForce, next);
    const definition = await deps.definitions.read(must(said).definition);
    expect(definition?.deviations.length).toBe(next.includes('deviations') ? 1 : 0);
    const { mode, observeUntil } = definition?.items.find(({ id }) => id === 'soak-24h') ?? {};
    expect([mode, observeUntil]).toEqual(
      next === '' ? ['required', undefined] : ['observe', next.includes('observe:') ? expect.stringMatching(/^2026-04-0/) : undefined],
    );
  });

  test('is free in the first profile', async () => {
    expect((await propose(dependenciesOf(baseChecklist), profileFile(['cart'], until('2026-04-01')))).refused).toBeUndefined();
  });
});

describe('an approval', () => {
  test('takes both leads, and then the profile is in force', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile, event } = must(await propose(deps));
    expect(must(await answer(deps, profile, 'operations-lead'))).toMatchObject({ state: 'proposed', needs: 'technical-lead' });
    const second = must(await answer(deps, profile, 'technical-lead'));
    expect(second).toMatchObject({ state: 'in-force', needs: null, alreadyRecorded: false });
    expect(must(await answer(deps, profile, 'technical-lead'))).toMatchObject({
      event: second.event,
      state: 'in-force',
      alreadyRecorded: true,
    });
    expect(must(await propose(deps))).toMatchObject({ event, state: 'in-force', alreadyRecorded: true });
    expect(verifyScope(await deps.trail.read(serviceScope, { prefix: '' }))).toBeUndefined();
  });

  test('is not for who proposed it, nor for another role, nor long after the sign-in', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps, profileFile(), 'technical-lead'));
    expect(await refusedAs(answer(deps, profile, 'technical-lead'))).toBe('profile-own');
    expect(await refusedAs(answer(deps, profile, 'product-owner'))).toBe('role-missing');
    const late = new Date(deps.clock.now().getTime() - 16 * 60_000);
    const tired = { kind: 'person', id: 'p-operations1', roles: ['operations-lead'], signedInAt: late } as const;
    expect(await refusedAs(answerProfile(deps, { service: 'shop', profile, answer: 'approved' }, tired))).toBe('sign-in-stale');
    expect((await laneOf(deps)).filter(isType('profile.answered'))).toEqual([]);
  });

  test('is for what was shown: not for another definition, nor for a checklist that has changed since', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile, definition } = must(await propose(deps));
    const lead = { kind: 'person', id: 'p-technical1', roles: ['technical-lead'], signedInAt: deps.clock.now() } as const;
    const given = { service: 'shop', profile, answer: 'approved' } as const;
    expect(await refusedAs(answerProfile(deps, { ...given, definition: 'f'.repeat(64) }, lead))).toBe('profile-outdated');
    must(await answerProfile(deps, { ...given, definition }, lead));
    const later = afterDeployment(deps, { ...twoGates, version: '2' });
    expect(await refusedAs(answer(later, profile, 'operations-lead'))).toBe('profile-outdated');
    const again = must(await propose(later));
    expect(again).toMatchObject({ profile, alreadyRecorded: false, needs: 'technical-lead and the operations-lead' });
    expect(again.definition).not.toBe(definition);
  });

  test('of two people in one role at once is taken once', async () => {
    const second = { id: 'p-technical2', name: 'Tom', address: 'tom@example.com', roles: ['technical-lead'] } as const;
    const deps = dependenciesOf(twoGates, { people: [...fakeRosterPeople, second] });
    const { profile } = must(await propose(deps));
    const by = (id: string) =>
      answerProfile(
        deps,
        { service: 'shop', profile, answer: 'approved' },
        { kind: 'person', id, roles: ['technical-lead'], signedInAt: deps.clock.now() },
      );
    const outcomes = await Promise.all(['p-technical1', 'p-technical2'].map(by));
    expect(outcomes.map((one) => one.refused?.type ?? 'ok').sort()).toEqual(['ok', 'profile-answered']);
    expect((await laneOf(deps)).filter(isType('profile.answered'))).toHaveLength(1);
    expect(proposalsIn(await laneOf(deps)).at(-1)?.state).toBe('open');
  });

  test('and a rejection at once: whichever stands first counts', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    must(await answer(deps, profile, 'technical-lead'));
    const outcomes = await Promise.all([
      answer(deps, profile, 'operations-lead', 'approved'),
      answer(deps, profile, 'operations-lead', 'rejected'),
      propose(deps, profileFile(['other'])),
    ]);
    const [proposal] = proposalsIn(await laneOf(deps));
    expect(['approved', 'rejected', 'replaced']).toContain(proposal?.state);
    expect(outcomes.filter((one) => one.refused === undefined).length).toBeGreaterThanOrEqual(1);
    expect(proposal?.answers.filter(({ by }) => by === 'p-operations1').length).toBeLessThanOrEqual(1);
  });

  test('of a person who holds both roles leaves either of them to another person', async () => {
    const both = { id: 'p-both', name: 'Bo', address: 'bo@example.com', roles: ['technical-lead', 'operations-lead'] } as const;
    for (const other of ['technical-lead', 'operations-lead'] as const) {
      const deps = dependenciesOf(twoGates, { people: [both, ...fakeRosterPeople] });
      const { profile } = must(await propose(deps));
      expect(must(await answer(deps, profile, other)).needs).toBe('technical-lead or the operations-lead');
      const person = fakeRosterPeople.find(({ roles }) => roles.includes(other));
      const caller = { kind: 'person', id: person?.id ?? '', roles: [other], signedInAt: deps.clock.now() } as const;
      expect(must(await answerProfile(deps, { service: 'shop', profile, answer: 'approved' }, caller)).state).toBe('in-force');
    }
  });

  test('a rejection needs a reason and ends the proposal', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    expect(profileAnswerSchema.safeParse({ profile, answer: 'rejected' }).success).toBe(false);
    expect(must(await answer(deps, profile, 'technical-lead', 'rejected'))).toMatchObject({ state: 'rejected', needs: null });
    expect(await refusedAs(answer(deps, profile, 'operations-lead'))).toBe('profile-unknown');
    expect(must(await propose(deps))).toMatchObject({ profile, state: 'proposed', alreadyRecorded: false });
  });
});
