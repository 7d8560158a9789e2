import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { fakeEvidence } from '../fakes/stores.ts';
import { check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';

/** Put together here, so that no scanner takes it for a secret of this repository. */
const secret = ['ghp', 'u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8d'].join('_');
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const leaks = bytes([{ RuleID: 'github-pat', File: 'a.env', StartLine: 1, Secret: secret, Match: secret }]);

const begin = async () => {
  const noSecrets = check('no-secrets', 'phase-1', {
    rule: { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['gitleaks'], maxLevel: 'none', maxSuppressed: 0 },
  });
  const evidence = fakeEvidence();
  const deps = { ...dependenciesOf(checklistOf([gate('phase-1')], [noSecrets])), evidence };
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const madeAt = new Date(deps.clock.now().getTime() - 60_000).toISOString();
  const send = (report: Uint8Array, producerRun = 'job-1') =>
    recordEvidence(
      deps,
      {
        run,
        type: 'gitleaks',
        bytes: report,
        contentType: 'application/json',
        source: 'ci',
        commit,
        madeAt,
        producerRun,
        producerAttempt: 1,
      },
      ci,
    );
  const recorded = async () => (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
  const everything = () => [...evidence.objects.values()].map((one) => new TextDecoder().decode(one)).join('\n');
  return { deps, run, send, recorded, everything, evidence };
};

describe('a report that quotes a secret', () => {
  test('is kept without it; the event has the digest of what was received and of what is kept', async () => {
    const { deps, run, send, recorded, everything } = await begin();
    const answer = await send(leaks);
    expect(answer.ok).toMatchObject({ digest: sha256(leaks), judged: [{ check: 'no-secrets', verdict: 'fail' }] });
    const [one] = await recorded();
    const { digest, bytes: kept, received } = one?.event.data ?? expect.fail('nothing recorded');
    expect(received).toEqual({ digest: sha256(leaks), bytes: leaks.byteLength });
    const stored = await deps.evidence.get(`run/${run}`, digest);
    expect(stored?.byteLength).toBe(kept);
    expect(new TextDecoder().decode(stored)).toContain('github-pat');
    expect(everything()).not.toContain(secret);
    expect(JSON.stringify(await deps.trail.read(`run/${run}`, { prefix: '' }))).not.toContain(secret);
  });

  test('is recognised when it is sent again, and two that differ in the secret only are two', async () => {
    const { send, recorded } = await begin();
    await send(leaks);
    expect((await send(leaks)).ok?.alreadyRecorded).toBe(true);
    expect((await send(bytes(new TextDecoder().decode(leaks).replaceAll(secret, 'another secret')))).ok?.alreadyRecorded).toBe(false);
    expect(await recorded()).toHaveLength(2);
  });

  test('that is cut off leaves nothing of it behind, and its source is inconclusive', async () => {
    const { send, recorded, everything } = await begin();
    await send(bytes('[]'));
    const answer = await send(leaks.slice(0, -2), 'job-2');
    expect(answer.refused).toMatchObject({ type: 'evidence-unreadable' });
    expect(await recorded()).toHaveLength(2);
    expect(everything()).not.toContain(secret);
  });
});

test('a report that quotes nothing is kept as it was received, and the event says nothing of another', async () => {
  const { send, recorded } = await begin();
  await send(bytes('[]\n'));
  const [one] = await recorded();
  expect(one?.event.data).toMatchObject({ digest: sha256('[]\n'), bytes: 3 });
  expect(one?.event.data).not.toHaveProperty('received');
});
