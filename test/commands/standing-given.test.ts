import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readStanding } from '../../lib/query/standing-view.ts';
import { attestForService } from '../../lib/run/commands/attest-for-service.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, personIn } from '../given.ts';
import {
  attestedForService,
  begun,
  carriedIn,
  decideAs,
  give,
  given,
  guidesOnly,
  judgedIn,
  serviceScope,
  standingCheck,
  standingChecklist,
  typeOf,
} from '../standing-given.ts';

describe('a report that does not stand', () => {
  const checklist = checklistOf(
    [gate('phase-1')],
    [standingCheck('firewall', { scope: 'environment' }), check('unit-tests', 'phase-1', { rule: { kind: 'lcov-coverage/1' } as never })],
  );

  test.each([
    ['about an environment that is not named', checklist, {}, 'name the environment'],
    ['about an environment, for the whole service', guidesOnly, { environment: 'production' }, 'leave the environment out'],
    ['of the release', checklistOf([gate('phase-1')], [check('unit-tests', 'phase-1')]), {}, 'send it to the run'],
  ] as const)('%s is refused with what to do', async (_, definition, changes, fix) => {
    const deps = dependenciesOf(
      definition.items[1]?.id === 'unit-tests' ? { ...definition, items: definition.items.toSpliced(1, 1) } : definition,
    );
    const answer = await give(deps, changes);
    expect(answer.refused).toMatchObject({ type: 'evidence-not-standing', fix: expect.stringContaining(fix) });
    expect((await deps.trail.read(serviceScope, { lane: 'refusal' })).map(({ event }) => event.type)).toEqual(['request.refused']);
  });

  test.each([
    ['of a service that is not there', { service: 'nowhere' }, 'service-unknown'],
    ['of an environment that is not there', { environment: 'nowhere' }, 'environment-unknown'],
    ['from the future', { madeAt: '2027-01-01T00:00:00.000Z' }, 'evidence-time'],
    ['that is too old', { madeAt: '2025-01-01T00:00:00.000Z' }, 'evidence-time'],
    ['of a type that people say', { type: 'attestation' }, 'check-proved-otherwise'],
    ['of no type', { type: 'nonsense' }, 'evidence-type-unknown'],
  ])('%s is refused', async (_, changes, type) => {
    expect(typeOf(await give(dependenciesOf(guidesOnly), changes as never))).toBe(type);
  });

  test('of another service, or another environment of the identity', async () => {
    const deps = dependenciesOf(checklist);
    expect(typeOf(await give(deps, { caller: { ...ci, services: ['other'] } }))).toBe('role-missing');
    expect(typeOf(await give(deps, { caller: { ...ci, environments: ['staging'] }, environment: 'production' }))).toBe('role-missing');
  });

  test('counts in the environment that it is about, and in no other', async () => {
    const only = checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [standingCheck('firewall', { scope: 'environment' }), check('b', 'phase-2')],
    );
    const { deps, run, machine } = await begun(only);
    await given(deps, { environment: 'staging' });
    await machine.settle();
    expect(await carriedIn(deps, run)).toEqual([]);
    await given(deps, { environment: 'production', source: 'scanner' });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
  });
});

describe('what a person gives', () => {
  const given1 = async () => {
    const story = await begun(standingChecklist);
    await given(story.deps);
    const event = await attestedForService(story.deps);
    await story.machine.settle();
    return { ...story, event };
  };

  test('counts when a second person has confirmed it', async () => {
    const { deps, run, machine, event } = await given1();
    expect(machine.at()).toBe('phase-1');
    expect(await carriedIn(deps, run)).toHaveLength(1);
    const answer = await decideAs(deps, event, personIn(deps, 'technical-lead'));
    expect(answer.ok).toMatchObject({ evidence: event, decision: 'confirmed', alreadyRecorded: false });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    const lead = personIn(deps, 'operations-lead').id;
    expect((await carriedIn(deps, run)).at(-1)).toMatchObject({ by: lead, confirmed: { by: personIn(deps, 'technical-lead').id, seq: 3 } });
    expect((await judgedIn(deps, run, 'trained')).at(-1)).toMatchObject({ verdict: 'pass', by: lead, carried: { scope: serviceScope } });
    expect((await decideAs(deps, event, personIn(deps, 'technical-lead'))).ok).toMatchObject({ alreadyRecorded: true });
  });

  test('is not confirmed by themselves, without a role, with an old sign-in, or after another decision', async () => {
    const { deps, event } = await given1();
    const second = personIn(deps, 'technical-lead');
    expect(typeOf(await decideAs(deps, event, personIn(deps, 'operations-lead')))).toBe('evidence-own');
    expect(typeOf(await decideAs(deps, event, { ...personIn(deps, 'auditor'), roles: ['auditor'] }))).toBe('role-missing');
    expect(typeOf(await decideAs(deps, event, { ...second, signedInAt: new Date(0) }))).toBe('sign-in-stale');
    expect(typeOf(await decideAs(deps, '0'.repeat(32), second))).toBe('evidence-unknown');
    expect((await decideAs(deps, event, second, 'rejected')).ok).toMatchObject({ decision: 'rejected' });
    expect(typeOf(await decideAs(deps, event, personIn(deps, 'product-owner')))).toBe('evidence-decided');
    expect(typeOf(await decideAs(deps, event, second, 'confirmed'))).toBe('evidence-decided');
  });

  test('that was rejected counts in no run', async () => {
    const { deps, run, machine, event } = await given1();
    await decideAs(deps, event, personIn(deps, 'technical-lead'), 'rejected');
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(await carriedIn(deps, run)).toHaveLength(1);
    expect((await readStanding(deps, 'shop')).evidence).toMatchObject([{ state: 'rejected' }, { state: 'counts' }]);
  });

  test('of two who decide at the same time the first counts', async () => {
    const { deps, event } = await given1();
    const answers = await Promise.all([
      decideAs(deps, event, personIn(deps, 'technical-lead'), 'rejected'),
      decideAs(deps, event, personIn(deps, 'product-owner')),
    ]);
    expect(answers.map(typeOf).filter((one) => one !== undefined)).toEqual(['evidence-decided']);
    expect((await deps.trail.read(serviceScope, { lane: 'standing' })).filter(isType('standing.decided'))).toHaveLength(1);
  });

  test('may be a report of a check that they own', async () => {
    const { deps, machine } = await begun();
    expect(typeOf(await give(deps, { caller: personIn(deps, 'product-owner') }))).toBe('role-missing');
    const answer = await given(deps, { caller: personIn(deps, 'technical-lead') });
    expect(answer).toMatchObject({ state: 'waits', confirmedBy: ['technical-lead', 'operations-lead', 'product-owner'] });
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    await decideAs(deps, answer.event, personIn(deps, 'operations-lead'));
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
  });

  test('is an attestation only for checks that stand and are attested', async () => {
    const deps = dependenciesOf(standingChecklist);
    const said = (id: string, environment?: string) =>
      attestForService(
        deps,
        { service: 'shop', check: id, statement: 'I have looked at it.', request: anew(), environment },
        personIn(deps, 'operations-lead'),
      );
    expect(typeOf(await said('later'))).toBe('evidence-not-standing');
    expect(typeOf(await said('guides'))).toBe('check-proved-otherwise');
    expect(typeOf(await said('nonsense'))).toBe('check-unknown');
    expect(typeOf(await said('trained', 'production'))).toBe('evidence-not-standing');
  });
});
