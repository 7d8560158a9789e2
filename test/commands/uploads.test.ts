import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { gitleaks } from '../../lib/evidence/gitleaks.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { limits } from '../../lib/run/commands/limits.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { requestUpload } from '../../lib/run/commands/request-upload.ts';
import { readUpload, takeUpload } from '../../lib/run/commands/take-upload.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, eventsOf, givenOpen, givenRun, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { requested, uploaded, uploadId } from './uploading.ts';

/** The same gates, at which tests are compared with those of an earlier release, too. */
const comparing: typeof twoGates = {
  ...twoGates,
  items: twoGates.items.map((item) =>
    item.rule?.kind === 'junit-passes/1' ? ({ ...item, rule: { ...item.rule, comparedWith: 'last-stable' } } as typeof item) : item,
  ),
};

const opened = async (checklist = twoGates): Promise<{ readonly deps: FakeDependencies; readonly run: string }> => {
  const deps = dependenciesOf(checklist);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  return { deps, run };
};
const take = (deps: FakeDependencies, run: string) => takeUpload(deps, { run, upload: uploadId });
const stateOf = async (deps: FakeDependencies, run: string, caller = ci) => readUpload(deps, { run, upload: uploadId }, caller);
const recordedIn = async (deps: FakeDependencies, run: string) =>
  (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
const leftIn = (deps: FakeDependencies): number => deps.controls.intake.bytes.size;

describe('an uploaded report', () => {
  test.each([
    ['judged by itself', twoGates, false],
    ['compared with an earlier release later', comparing, true],
  ])('is recorded as the same report would be that was sent to the API: %s', async (_, checklist, isCompared) => {
    const direct = await opened(checklist);
    const sent = await recordEvidence(direct.deps, reportOfRun(direct.run, direct.deps, junitReport(3)), ci);
    expect(sent.ok?.judged.map(({ comparedLater }) => comparedLater !== undefined)).toEqual([isCompared]);
    const { deps, run } = await opened(checklist);
    const before = await eventsOf(deps, run);
    const { asked, status } = await uploaded(deps, run, junitReport(3));
    expect(status).toBe(200);
    expect(asked.upload).toBe(uploadId);
    expect((await stateOf(deps, run)).ok).toEqual({ upload: uploadId, state: 'waiting', expires: asked.expires });
    expect(await eventsOf(deps, run), 'a request leaves no event').toEqual(before);
    expect(await take(deps, run)).toEqual({ upload: uploadId, became: 'recorded' });
    const [one] = await recordedIn(deps, run);
    const [other] = await recordedIn(direct.deps, direct.run);
    expect(one?.event.data).toEqual({ ...other?.event.data, madeAt: one?.event.data.madeAt, producer: one?.event.data.producer });
    expect(one?.event.actor).toEqual(other?.event.actor);
    expect((await stateOf(deps, run)).ok).toEqual({
      upload: uploadId,
      state: 'recorded',
      recorded: { ...sent.ok, event: one?.event.id },
    });
    expect(leftIn(deps)).toBe(0);
  });

  test('keeps no secret in the store of evidence, and both digests in the trail', async () => {
    const { deps, run } = await opened();
    const secret = 'AKIAIOSFODNN7EXAMPLE';
    const report = new TextEncoder().encode(
      JSON.stringify([
        { RuleID: 'aws-access-token', File: 'a.ts', StartLine: 1, Secret: secret, Match: secret, Commit: '', Fingerprint: 'x' },
      ]),
    );
    await uploaded(deps, run, report, { type: gitleaks.id });
    await take(deps, run);
    const [one] = await recordedIn(deps, run);
    expect(one?.event.data.received?.digest).toBe(sha256(report));
    expect(one?.event.data.digest).not.toBe(sha256(report));
    expect(deps.controls.evidence.objects.size).toBeGreaterThan(0);
    for (const kept of deps.controls.evidence.objects.values()) expect(Buffer.from(kept).toString()).not.toContain(secret);
  });

  test('whose content tells its type needs none', async () => {
    const { deps, run } = await opened();
    await uploaded(deps, run, junitReport(3), { type: undefined });
    expect(await take(deps, run)).toMatchObject({ became: 'recorded' });
    expect((await recordedIn(deps, run))[0]?.event.data.evidence).toBe('junit');
  });

  test('that its parser refuses is refused with the reason, and its bytes go', async () => {
    const { deps, run } = await opened();
    await uploaded(deps, run, new TextEncoder().encode('<testsuite><testcase'));
    expect(await take(deps, run)).toEqual({ upload: uploadId, became: 'refused' });
    const { ok } = await stateOf(deps, run);
    expect(ok).toMatchObject({ state: 'refused', refused: { type: 'evidence-unreadable' } });
    expect(ok?.state === 'refused' && ok.refused.fix).toBeTruthy();
    expect([await recordedIn(deps, run), leftIn(deps), deps.controls.evidence.objects.size]).toEqual([[], 0, 0]);
  });

  test('is refused when other bytes lie there than were announced', async () => {
    for (const [bytes, got] of [
      [junitReport(3).map((byte, place) => (place === 20 ? byte ^ 1 : byte)), /sha256/],
      [new TextEncoder().encode('short'), /^5 bytes$/],
    ] as const) {
      const { deps, run } = await opened();
      await uploaded(deps, run, junitReport(3));
      for (const key of deps.controls.intake.bytes.keys()) deps.controls.intake.bytes.set(key, bytes);
      await take(deps, run);
      expect((await stateOf(deps, run)).ok).toMatchObject({
        state: 'refused',
        refused: { type: 'upload-mismatch', got: expect.stringMatching(got) },
      });
      expect(await recordedIn(deps, run)).toEqual([]);
    }
  });

  test('is refused when the run has ended meanwhile', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await uploaded(deps, run, junitReport(3));
    await cancelRun(deps, { run, reason: 'The release is not wanted any more.' }, personIn(deps, 'operations-lead'));
    await machine.settle();
    await take(deps, run);
    expect((await stateOf(deps, run)).ok).toMatchObject({ state: 'refused', refused: { type: 'run-ended' } });
    expect(await recordedIn(deps, run)).toEqual([]);
  });

  test('is known to nobody else', async () => {
    const { deps, run } = await opened();
    await uploaded(deps, run, junitReport(3));
    for (const state of [
      await stateOf(deps, run, { ...ci, id: 'another-pipeline' }),
      await readUpload(deps, { run: `${run}x`, upload: uploadId }, ci),
      await readUpload(deps, { run, upload: 'f'.repeat(32) }, ci),
    ])
      expect(state.refused?.type).toBe('upload-unknown');
  });

  test('that nobody asked for is removed and not read', async () => {
    const { deps, run } = await opened();
    deps.controls.intake.bytes.set(`upload/${run}/${uploadId}`, junitReport(3));
    expect(await take(deps, run)).toEqual({ upload: uploadId, became: 'unknown' });
    expect([leftIn(deps), await recordedIn(deps, run)]).toEqual([0, []]);
  });
});

describe('the intake takes', () => {
  test('no other bytes and no other headers than those of the address', async () => {
    const { deps, run } = await opened();
    const { asked, status } = await uploaded(deps, run, junitReport(3), { sent: junitReport(3, 1) });
    expect(status).toBe(400);
    const bound = { ...asked.address.headers, 'content-length': '1' };
    expect(deps.controls.intake.put({ ...asked.address, headers: bound }, new Uint8Array(1))).toBe(403);
    expect(leftIn(deps)).toBe(0);
    expect(await take(deps, run)).toEqual({ upload: uploadId, became: 'gone' });
    expect((await stateOf(deps, run)).ok?.state).toBe('waiting');
  });
});

describe('an upload is refused before its bytes are sent', () => {
  const megabyte = 1024 * 1024;
  test.each<[string, Parameters<typeof requested>[3], string]>([
    ['above the limit of its type', { type: 'sarif', bytes: 4 * megabyte + 1 }, 'body-too-large'],
    ['above the limit of every type', { type: undefined, bytes: 50 * megabyte + 1 }, 'body-too-large'],
    ['of a type that is not known', { type: 'junk' }, 'evidence-type-unknown'],
    ['of a type that cannot be uploaded', { type: 'attestation' }, 'check-proved-otherwise'],
    ['for another commit', { commit: 'f'.repeat(40) }, 'commit-mismatch'],
    ['from the future', { madeAt: '2999-01-01T00:00:00.000Z' }, 'evidence-time'],
    ['for a component that the run does not have', { component: 'nobody' }, 'component-unknown'],
    ['for a run that is not there', { run: '01J00000000000000000000000' }, 'run-unknown'],
  ])('%s', async (_, changes, type) => {
    const { deps, run } = await opened();
    expect((await requested(deps, run, junitReport(1), changes)).refused?.type).toBe(type);
    expect(deps.controls.uploads.items.size).toBe(0);
  });

  test('for a service of somebody else', async () => {
    const { deps, run } = await opened();
    const { bytes, contentType: _, ...parameters } = reportOfRun(run, deps, junitReport(1));
    const announced = { ...parameters, bytes: bytes.byteLength, sha256: sha256(bytes), request: '0'.repeat(64) };
    expect((await requestUpload(deps, announced, { ...ci, services: ['other'] })).refused?.type).toBe('role-missing');
  });

  test('when the run holds as many bytes as it may; and what was counted then is not counted again', async () => {
    const { deps, run } = await opened();
    const before = deps.controls.quotas.counters.get(`run/${run}`)?.counts.get('bytes') ?? 0;
    const report = junitReport(3);
    await uploaded(deps, run, report);
    await take(deps, run);
    const counts = deps.controls.quotas.counters.get(`run/${run}`)?.counts;
    expect(counts?.get('pieces')).toBe(1);
    const facts = [...deps.controls.evidence.objects.values()].reduce((sum, one) => sum + one.byteLength, 0) - report.byteLength;
    expect((counts?.get('bytes') ?? 0) - before).toBe(report.byteLength + facts);
    const full = limits.bytes.most.run;
    for (let taken = 0; taken < full; taken += 50 * megabyte)
      await requested(deps, run, report, { bytes: 50 * megabyte, request: `${taken}`.padStart(64, '0') });
    expect((await requested(deps, run, report, { bytes: 50 * megabyte, request: 'f'.repeat(64) })).refused?.type).toBe('limit-reached');
  });
});

describe('a function that dies at any of its writes and is called again', () => {
  const writes = /^(store\.insert|evidence\.put|due\.(put|done)|quotas\.take|uploads\.close|objects\.remove)$/;
  const given = async () => {
    const { deps, run } = await opened();
    await uploaded(deps, run, junitReport(3));
    return { deps, run };
  };

  test('records the report once, keeps its outcome, and leaves no bytes', async () => {
    const clean = await given();
    const calls: string[] = [];
    clean.deps.controls.onCall((call) => {
      if (writes.test(call)) calls.push(call);
    });
    await take(clean.deps, clean.run);
    clean.deps.controls.onCall(undefined);
    expect(calls.slice(-2)).toEqual(['uploads.close', 'objects.remove']);
    const expected = await eventsOf(clean.deps, clean.run);
    for (const when of ['before', 'after'] as const)
      for (const place of calls.keys()) {
        const { deps, run } = await given();
        let seen = -1;
        deps.controls.onCall((call) => {
          if (!writes.test(call)) return;
          seen += 1;
          if (seen === place) deps.controls.failNext(call, when);
        });
        // An insert whose answer is lost finds its own event.
        await take(deps, run).catch(() => undefined);
        deps.controls.onCall(undefined);
        await take(deps, run);
        // A third delivery changes nothing.
        await take(deps, run);
        const failure = `${calls[place]} (${place}) failing ${when} it persisted`;
        expect(await eventsOf(deps, run), failure).toEqual(expected);
        expect((await stateOf(deps, run)).ok?.state, failure).toBe('recorded');
        expect(leftIn(deps), failure).toBe(0);
      }
  });

  test('answers a request for the same upload that is repeated with the same upload', async () => {
    for (const call of ['uploads.open', 'intake.address'])
      for (const when of ['before', 'after'] as const) {
        const { deps, run } = await opened();
        deps.controls.failNext(call, when);
        await expect(requested(deps, run, junitReport(3))).rejects.toThrow();
        await uploaded(deps, run, junitReport(3));
        expect(await take(deps, run)).toMatchObject({ became: 'recorded' });
        expect(deps.controls.uploads.items.size).toBe(1);
      }
  });

  test('twice at once records the report once', async () => {
    const { deps, run } = await given();
    await Promise.all([take(deps, run), take(deps.controls.as('other', []), run)]);
    expect(await recordedIn(deps, run)).toHaveLength(1);
    expect((await stateOf(deps, run)).ok?.state).toBe('recorded');
  });
});
