import { describe, expect, it } from 'vitest';
import { createDefinitions } from '../../lambdas/adapters/definitions-store.ts';
import { rosterOf } from '../../lambdas/adapters/stage-roster.ts';
import { canonical, digestOf, sha256 } from '../../lib/canonical-json.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { laterChecklist, smallChecklist } from '../contract/definitions.contract.ts';
import { fakeEvidence } from '../fakes/stores.ts';

const current = (checklist = laterChecklist) => ({ checklist, digest: digestOf(checklist), graph: 'f'.repeat(64) });

describe('definitions', () => {
  it('publishes the canonical bytes under their digest', async () => {
    const evidence = fakeEvidence();
    await createDefinitions(evidence, current()).publish();
    expect([...evidence.objects]).toEqual([
      [`definitions/${digestOf(laterChecklist)}`, Uint8Array.from(Buffer.from(canonical(laterChecklist)))],
    ]);
  });

  it('publishes nothing under a digest that is not its own', async () => {
    const evidence = fakeEvidence();
    await expect(createDefinitions(evidence, { ...current(), digest: sha256('else') }).publish()).rejects.toMatchObject({
      name: 'IntegrityFault',
    });
    expect(evidence.objects.size).toBe(0);
  });

  it('reads a definition from storage once', async () => {
    const evidence = fakeEvidence();
    await createDefinitions(evidence, current(smallChecklist)).publish();
    const definitions = createDefinitions(evidence, current());
    expect(await definitions.read(digestOf(smallChecklist))).toEqual(smallChecklist);
    evidence.objects.clear();
    expect(await definitions.read(digestOf(smallChecklist))).toEqual(smallChecklist);
  });

  it('does not take other bytes for a checklist', async () => {
    const evidence = fakeEvidence();
    const bytes = Buffer.from('{"name":"small"}');
    await evidence.put('definitions', sha256(bytes), bytes, 'application/json');
    await expect(createDefinitions(evidence, current()).read(sha256(bytes))).rejects.toThrow('do not parse as a checklist of this version');
  });
});

describe('roster of a stage', () => {
  const roster: Stage['roster'] = [
    {
      id: 'p-aaaaaaaa',
      name: 'Ann',
      address: 'ann@example.com',
      roles: ['technical-lead', 'developer'],
      subjects: [{ issuer: 'https://id.example.com', subject: 'ann' }],
      starters: [],
    },
    {
      id: 'p-bbbbbbbb',
      name: 'Bo',
      address: 'bo@example.com',
      roles: ['technical-lead'],
      subjects: [],
      starters: [{ issuer: 'https://ci.example.com', actor: 'bo' }],
    },
  ];

  it('lists people by id and role, without their sign-in subjects', () => {
    const people = rosterOf({ roster });
    expect(people.size).toBe(2);
    expect(people.person('p-aaaaaaaa')).toEqual({
      id: 'p-aaaaaaaa',
      name: 'Ann',
      address: 'ann@example.com',
      roles: ['technical-lead', 'developer'],
    });
    expect(people.person('p-cccccccc')).toBeUndefined();
    expect(people.holders('technical-lead').map((person) => person.id)).toEqual(['p-aaaaaaaa', 'p-bbbbbbbb']);
    expect(people.holders('auditor')).toEqual([]);
    expect(people.named(' ANN ').map((person) => person.id)).toEqual(['p-aaaaaaaa']);
    expect(people.named('An')).toEqual([]);
  });

  it('has another digest when anybody else could sign in', () => {
    const [ann, bo] = roster;
    if (ann === undefined || bo === undefined) throw new Error('two people are in the roster');
    const other = [{ ...ann, subjects: [{ issuer: 'https://id.example.com', subject: 'mallory' }] }, bo];
    expect(rosterOf({ roster: other }).digest).not.toBe(rosterOf({ roster }).digest);
    expect(rosterOf({ roster }).digest).toBe(rosterOf({ roster: structuredClone(roster) }).digest);
  });
});
