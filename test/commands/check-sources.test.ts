import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import { type EvidenceInput, recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { completeFanOut } from '../../lib/run/writing/fan-out.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, commit, contextOf, dependenciesOf, gate, givenOpen, givenRun, junitReport } from '../given.ts';
import { must } from '../profile-given.ts';

/** Checks with several sources of evidence: what is enough, what must be there, and what fails. */

const scanned = (tool: string) => ({ kind: 'sarif-clean/1', evidence: 'sarif', tools: [tool], maxLevel: 'none' }) as never;
const tests = { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } as never;
const needed = check('secrets', 'phase-1', {
  rule: scanned('gitleaks'),
  sources: [{ id: 'second-tool', rule: scanned('trufflehog'), asks: 'needed' }],
});
const either = check('protected', 'phase-1', { rule: tests, sources: [{ id: 'own-scan', rule: scanned('prober'), asks: 'either' }] });
const beside = check('documented', 'phase-1', { rule: tests, sources: [{ id: 'routes', rule: scanned('router'), asks: 'beside' }] });

const sarif = (tool: string, findings = 0, more: object = {}): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: tool } },
          artifacts: [{ location: { uri: 'src/shop.ts' } }],
          results: Array.from({ length: findings }, (_, n) => ({ ruleId: `r${n}`, level: 'error', message: { text: 'm' } })),
          ...more,
        },
      ],
    }),
  );
const unclear = { invocations: [{ executionSuccessful: false }] };

const begin = async (item: Item) => {
  const deps: FakeDependencies = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [item, check('later', 'phase-2')]));
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const start = deps.clock.now().getTime() - 3_600_000;
  let sent = 0;
  const send = (bytes: Uint8Array, more: Partial<EvidenceInput> = {}) => {
    sent += 1;
    return recordEvidence(
      deps,
      {
        run,
        type: 'sarif',
        contentType: 'application/octet-stream',
        source: 'ci',
        commit,
        madeAt: new Date(start + sent * 60_000).toISOString(),
        // Each job of the same source.
        producerRun: `job-${sent}`,
        producerAttempt: 1,
        bytes,
        ...more,
      },
      ci,
    );
  };
  const lane = (): Promise<readonly Stored[]> => deps.trail.read(`run/${run}`, { lane: `check/phase-1/${item.id}` });
  const finding = async () => {
    const { verdict, reason, basis } = foldCheck({
      check: item,
      events: await lane(),
      now: deps.clock.now(),
      components: [],
      local: false,
      shortened: false,
    });
    return { verdict, reason, basis };
  };
  return { deps, run, send, lane, finding };
};

describe('a source that is needed', () => {
  test('must be there, and its absence is said with its name', async () => {
    const { send, finding } = await begin(needed);
    must(await send(sarif('gitleaks')));
    const one = await finding();
    expect(one.verdict).toBe('missing');
    expect(one.reason).toContain('no evidence yet from the source second-tool: it needs');
    expect(one.reason).toContain('trufflehog');
    must(await send(sarif('trufflehog')));
    expect(await finding()).toMatchObject({ verdict: 'pass' });
  });

  test('does not stand for what the check itself asks', async () => {
    const { send, finding } = await begin(needed);
    must(await send(sarif('trufflehog')));
    expect(await finding()).toMatchObject({ verdict: 'missing', reason: expect.stringContaining('of the check itself') });
  });

  test('fails the check, by name, whatever the other says, and a clean report of the other tool covers nothing', async () => {
    const { send, finding } = await begin(needed);
    must(await send(sarif('trufflehog', 2)));
    must(await send(sarif('gitleaks')));
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(/^second-tool: /) });
    must(await send(sarif('trufflehog')));
    expect(await finding()).toMatchObject({ verdict: 'pass' });
  });

  test('is judged in the same log, where both tools wrote it', async () => {
    const { send, lane, finding } = await begin(needed);
    const runs = [sarif('gitleaks'), sarif('trufflehog', 1)].flatMap(
      (log) => (JSON.parse(new TextDecoder().decode(log)) as { runs: object[] }).runs,
    );
    must(await send(new TextEncoder().encode(JSON.stringify({ version: '2.1.0', runs }))));
    const judged = (await lane()).filter(isType('check.judged')).map(({ event: { data } }) => [data.subject, data.source]);
    expect(judged).toEqual([
      ['*/ci', undefined],
      ['*/ci/second-tool', 'second-tool'],
    ]);
    expect(await finding()).toMatchObject({ verdict: 'fail' });
  });

  test('that cannot be read any more is inconclusive, and the other one stands', async () => {
    const { send, finding } = await begin(needed);
    must(await send(sarif('gitleaks'), { source: 'one' }));
    must(await send(sarif('trufflehog'), { source: 'two' }));
    expect((await send(new TextEncoder().encode('{'), { source: 'two' })).refused).toBeDefined();
    expect(await finding()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/^second-tool: the newest report cannot be used/),
    });
  });

  test('is completed after a crash between the two judgements', async () => {
    const { deps, run, send, lane } = await begin(needed);
    const runs = [sarif('gitleaks'), sarif('trufflehog')].flatMap(
      (log) => (JSON.parse(new TextDecoder().decode(log)) as { runs: object[] }).runs,
    );
    must(await send(new TextEncoder().encode(JSON.stringify({ version: '2.1.0', runs }))));
    const evidence = (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
    expect(evidence[0]?.event.data).toMatchObject({ serves: ['secrets'], sources: { secrets: ['own', 'second-tool'] } });
    const whole = await lane();
    const context = await contextOf(deps, run);
    const { trail } = deps;
    // The lane as it was when the writer died behind the first judgement.
    const cut = {
      ...trail,
      read: async (scope: string, which: never) => (await trail.read(scope, which)).filter(({ hash }) => hash !== whole.at(-1)?.hash),
    };
    const appended: string[] = [];
    const append = (draft: { readonly step: string }) => {
      appended.push(draft.step);
      return { stored: whole.at(-1), adopted: false };
    };
    await completeFanOut({ ...deps, trail: { ...cut, append } as never }, context);
    expect(appended).toEqual([`judged/${evidence[0]?.event.id}/second-tool`]);
    await completeFanOut(deps, context);
    expect(await lane()).toHaveLength(whole.length);
  });
});

describe('a source that proves the same', () => {
  const junit = (failures = 0) => [junitReport(3, failures), { type: 'junit' }] as const;

  test('is enough by itself, as the tests are', async () => {
    const scan = await begin(either);
    must(await scan.send(sarif('prober')));
    expect(await scan.finding()).toMatchObject({ verdict: 'pass', reason: expect.stringMatching(/^own-scan: /), basis: 'measured' });
    const tested = await begin(either);
    must(await tested.send(...junit()));
    expect(await tested.finding()).toMatchObject({ verdict: 'pass' });
  });

  test('fails the check although the tests pass, and the tests fail it although it passes', async () => {
    const { send, finding } = await begin(either);
    must(await send(...junit()));
    must(await send(sarif('prober', 1)));
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(/^own-scan: /) });
    must(await send(...junit(1)));
    must(await send(sarif('prober')));
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.not.stringMatching(/^own-scan: /) });
  });

  test('that is not clear holds nothing which the tests prove, and proves nothing alone', async () => {
    const { send, finding } = await begin(either);
    must(await send(sarif('prober', 0, unclear)));
    expect(await finding()).toMatchObject({ verdict: 'inconclusive' });
    must(await send(...junit()));
    expect(await finding()).toMatchObject({ verdict: 'pass' });
  });

  test('hides no test report that is not clear', async () => {
    const { send, finding } = await begin(either);
    must(await send(new TextEncoder().encode('<testsuite name="s"></testsuite>'), { type: 'junit' }));
    must(await send(sarif('prober')));
    expect((await finding()).verdict).toBe('inconclusive');
  });
});

describe('a source beside a check', () => {
  test('is not asked for and proves nothing, and what it finds fails', async () => {
    const { send, finding } = await begin(beside);
    must(await send(sarif('router')));
    expect(await finding()).toMatchObject({ verdict: 'missing', reason: expect.stringContaining('of the check itself') });
    must(await send(junitReport(3), { type: 'junit' }));
    expect(await finding()).toMatchObject({ verdict: 'pass' });
    must(await send(sarif('router', 1)));
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(/^routes: /) });
  });
});
