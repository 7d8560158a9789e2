import { describe, expect, test } from 'vitest';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { fakeRoster } from '../fakes/services.ts';
import { fakeRosterPeople } from '../fakes.ts';
import { dependenciesOf, personIn, twoGates } from '../given.ts';
import { manyRuns, type Query, siteOf } from './audit-site.ts';
import { bearer, jobOf } from './requests.ts';

describe('a search by actor', () => {
  const tove = fakeRosterPeople.find(({ roles }) => roles.includes('technical-lead')) ?? expect.fail('nobody');
  const started = async () => {
    const deps = dependenciesOf(twoGates);
    const [run = ''] = await manyRuns(deps, 1);
    await cancelRun(deps, { run, reason: 'not needed' }, personIn(deps, 'technical-lead'));
    return { deps, run, ...siteOf(deps) };
  };
  const byOf = ({ events, actor }: Awaited<ReturnType<ReturnType<typeof siteOf>['search']>>) => [
    actor,
    [...new Set(events.map((event) => event.actor.id))],
  ];

  test('takes the name of a person in any case, in a run and in a service', async () => {
    const { run, search } = await started();
    for (const actor of [tove.id, tove.name, ` ${tove.name.toUpperCase().replace(' ', '  ')}`])
      for (const where of [{ run }, { service: 'shop' }] as Query[])
        expect(byOf(await search({ ...where, actor }))).toEqual([{ id: tove.id, known: true }, [tove.id]]);
  });

  test('knows a CI identity of an event that other filters leave out, and says who is unknown', async () => {
    const { run, search } = await started();
    const [job0, job9] = [jobOf('j').id, 'ci-nobody'];
    for (const where of [{ run }, { service: 'shop' }] as Query[]) {
      const left = { ...where, type: 'run.cancelled' };
      expect(byOf(await search({ ...left, actor: job0 }))).toEqual([{ id: job0, known: true }, []]);
      expect(byOf(await search({ ...left, actor: job9 }))).toEqual([{ id: job9, known: false }, []]);
    }
    // Of a person of the roster, that nothing was found is a fact.
    expect(byOf(await search({ run, actor: 'Anna Auditor' }))).toEqual([{ id: 'p-auditor1', known: true }, []]);
  });

  test('names the people where several have the name, and tells a CI job nothing about names', async () => {
    const { deps, run, search } = await started();
    const twin = { ...tove, id: 'p-technical9' };
    const { get } = siteOf({ ...deps, roster: fakeRoster([...fakeRosterPeople, twin]) });
    const several = await get('/v1/audit/events', { run, actor: tove.name }, bearer(personIn(deps, 'operations-lead')));
    expect([several.status, several.problem.type]).toEqual([422, 'https://holdpoint.dev/problems/actor-ambiguous']);
    expect((await get('/audit', { run, actor: tove.name })).text).toContain(
      `this name: ${tove.id}, ${twin.id}. Give the id of one of them.`,
    );
    expect(byOf(await search({ run, actor: tove.name }, bearer(jobOf('j'))))).toEqual([{ id: tove.name, known: false }, []]);
  });
});
