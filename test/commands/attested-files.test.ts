import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { findEvidence } from '../../lib/query/evidence-address.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { readStanding } from '../../lib/query/standing-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { attestForService } from '../../lib/run/commands/attest-for-service.ts';
import { limits } from '../../lib/run/commands/limits.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, dependenciesOf, gate, personIn } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { decideAs, judgedIn, standingChecklist } from '../standing-given.ts';

const hour = 3_600_000;
const rule = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
/** What is attested for the first gate must still hold at T0. */
const checklist = checklistOf(
  [gate('phase-1'), gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
  [
    check('ready', 'phase-1', { rule, maxAgeSeconds: 86_400 }),
    check('backup', 't-minus-2h', { rule }),
    check('after', 'phase-5', { rule }),
  ],
);
const statement = 'All four dashboards show the shop.';
const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

const inHours = (deps: FakeDependencies, hours: number): string => new Date(deps.clock.now().getTime() + hours * hour).toISOString();
const begun = async () => {
  const deps = dependenciesOf(checklist);
  const { run, machine } = await atFirstGate(deps);
  const say = (changes: { validUntil?: string; file?: Uint8Array; request?: string } = {}) =>
    attest(deps, { request: anew(), run, check: 'ready', statement, ...changes }, personIn(deps, 'technical-lead'));
  const recorded = async () =>
    (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded')).map(({ event }) => event.data);
  return { deps, run, machine, say, recorded };
};

describe('a file with an attestation', () => {
  test('is evidence: the event has its digest, and it can be downloaded by it', async () => {
    const { deps, run, say, recorded } = await begun();
    expect((await say({ file: picture })).ok).toMatchObject({
      verdict: 'pass',
      reason: `attested by p-technical1 as technical lead, with a file (image/png, 16 bytes, sha256 ${sha256(picture).slice(0, 12)})`,
    });
    const [data] = await recorded();
    expect(data).toMatchObject({ digest: sha256(picture), bytes: 16, evidence: 'attestation' });
    expect(data?.facts, 'the facts, which approvals cover, name it').not.toBe(data?.digest);
    expect(data).not.toHaveProperty('received');
    expect((await findEvidence(deps, { run, digest: sha256(picture) })).ok).toMatchObject({ bytes: 16, evidence: 'attestation' });
    expect(await deps.evidence.get(`run/${run}`, sha256(picture))).toEqual(new Uint8Array(picture));
  });

  test('of text is kept without secrets, and both digests are recorded', async () => {
    const { deps, run, say, recorded } = await begun();
    const received = new TextEncoder().encode('Asked ada@acme.test.');
    await say({ file: received });
    const [data] = await recorded();
    expect(data?.received).toEqual({ digest: sha256(received), bytes: received.byteLength });
    const kept = await deps.evidence.get(`run/${run}`, data?.digest ?? '');
    expect(new TextDecoder().decode(kept)).toBe('Asked [removed: e-mail address].');
    expect([...deps.controls.evidence.objects.keys()].some((key) => key.includes(sha256(received)))).toBe(false);
  });

  test('that is nothing of the kind is refused, and neither file nor words are kept', async () => {
    const { deps, say, recorded } = await begun();
    const before = deps.controls.calls.length;
    expect((await say({ file: Buffer.from('7f454c46', 'hex') })).refused?.type).toBe('evidence-unreadable');
    expect(deps.controls.calls.slice(before).filter((call) => /^(evidence\.put|people\.keep)$/.test(call))).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  test('counts among what a person may store in a day', async () => {
    const { deps, say } = await begun();
    const key = `person/p-technical1/${deps.clock.now().toISOString().slice(0, 10)}`;
    const { day } = limits.pieces.most;
    await deps.quotas.take([{ key, until: new Date(inHours(deps, 24)), amounts: [{ name: 'pieces', add: day, most: day }] }]);
    expect((await say({ file: picture })).refused?.type).toBe('limit-reached');
    expect((await say()).ok?.verdict, 'words alone are not counted').toBe('pass');
  });

  test('that is sent twice under one request is one attestation', async () => {
    const { say, recorded } = await begun();
    const request = anew();
    const first = await say({ file: picture, request });
    expect((await say({ file: picture, request })).ok).toEqual({ ...first.ok, alreadyRecorded: true });
    expect(await recorded()).toHaveLength(1);
  });
});

describe('an attestation that is valid until a time', () => {
  test('counts no more from then on: T0 is blocked by it until somebody attests it again', async () => {
    const { deps, run, machine, say, recorded } = await begun();
    const validUntil = inHours(deps, 2);
    expect((await say({ validUntil })).ok?.reason).toBe(`attested by p-technical1 as technical lead, valid until ${validUntil}`);
    expect((await recorded())[0]?.validUntil).toBe(validUntil);
    await machine.settle();
    expect(machine.at()).toBe('t-minus-2h');
    deps.controls.clock.advance(2 * hour);
    await attest(deps, { request: anew(), run, check: 'backup', statement }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at(), 'everything else has passed').toBe('t-minus-2h');
    const gates = (await readRun(deps, run)).ok?.gates ?? expect.fail('no run');
    const reason = `the attestation was valid until ${validUntil}, as its person said: it has to be attested again`;
    expect(JSON.stringify(gates.find(({ id }) => id === 't-minus-2h'))).toContain(reason);
    expect((await say()).ok?.verdict).toBe('pass');
    await machine.settle();
    expect(machine.at()).toBe('phase-5');
  });

  test('that ends after T0 has come changes nothing any more', async () => {
    const { deps, run, machine, say } = await begun();
    await say({ validUntil: inHours(deps, 2) });
    await attest(deps, { request: anew(), run, check: 'backup', statement }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('phase-5');
    deps.controls.clock.advance(3 * hour);
    await attest(deps, { request: anew(), run, check: 'after', statement }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('end production-stable');
  });

  test.each([
    ['that is over', -1],
    ['beyond the maximum age of the check', 25],
  ])('%s is refused', async (_, hours) => {
    const { deps, say, recorded } = await begun();
    const validUntil = inHours(deps, hours);
    expect((await say({ validUntil })).refused).toMatchObject({
      type: 'attestation-validity',
      got: validUntil,
      expected: expect.stringMatching(/^after 2026-03-02T08:.*, not after 2026-03-03T08:/) as unknown,
    });
    expect(await recorded()).toEqual([]);
  });

  test('of a service counts in every run until then, and no longer', async () => {
    const deps = dependenciesOf(standingChecklist);
    const validUntil = inHours(deps, 10 * 24);
    const input = { service: 'shop', check: 'trained', statement: 'All eight were trained in September.', request: anew() };
    const said = await attestForService(deps, { ...input, validUntil, file: picture }, personIn(deps, 'operations-lead'));
    const event = said.ok?.event ?? expect.fail('refused');
    await decideAs(deps, event, personIn(deps, 'product-owner'));
    expect((await findEvidence(deps, { service: 'shop', digest: sha256(picture) })).ok?.event).toBe(event);
    const standing = async () => (await readStanding(deps, 'shop')).evidence.map(({ state, until }) => [state, until]);
    expect(await standing()).toEqual([['counts', validUntil]]);
    const { run } = await atFirstGate(deps);
    expect(await judgedIn(deps, run, 'trained')).toMatchObject([{ verdict: 'pass', goodUntil: validUntil, validUntil }]);
    deps.controls.clock.advance(10 * 24 * hour);
    expect(await standing()).toEqual([['too-old', validUntil]]);
    const checks = (await readRun(deps, run)).ok?.gates.flatMap((one) => one.checks) ?? [];
    expect(checks.find((one) => one.check === 'trained')).toMatchObject({
      verdict: 'missing',
      reason: `the attestation was valid until ${validUntil}, as its person said: it has to be attested again`,
    });
  });
});
