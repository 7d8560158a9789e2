import { describe, expect, test } from 'vitest';
import { toItem } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import { itemBytes } from '../../lib/local/item-size.ts';
import { type EvidenceInput, recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';

/** Which reports of a source count: parts of one result, repetitions, reports that cover others, and reports that cannot be read. */

const unit = check('unit', 'phase-1', { rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } });
const secrets = check('secrets', 'phase-1', {
  rule: { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['gitleaks', 'secretlint'], maxLevel: 'none' },
});
const coverage = check('coverage', 'phase-1', {
  rule: { kind: 'coverage-at-least/1', evidence: 'lcov', metric: 'lines', floorPct: 70, per: 'feature' },
});
const sbom = check('sbom', 'phase-1', { rule: { kind: 'sbom-complete/1', evidence: 'cyclonedx', minComponents: 1 } });
const checklist = checklistOf([gate('phase-1'), gate('phase-2')], [unit, secrets, coverage, sbom, check('later', 'phase-2')]);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const junit = (cases: Readonly<Record<string, 'ok' | 'bad'>>): Uint8Array =>
  text(
    `<testsuite name="s">${Object.entries(cases)
      .map(([name, state]) => `<testcase classname="c" name="${name}">${state === 'bad' ? '<failure message="no"/>' : ''}</testcase>`)
      .join('')}</testsuite>`,
  );
const sarif = (tool: string, findings: number): Uint8Array =>
  text(
    JSON.stringify({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: tool, rules: [{ id: 'r' }] } },
          results: Array.from({ length: findings }, (_, n) => ({ ruleId: `r${n}`, level: 'error', message: { text: 'm' } })),
        },
      ],
    }),
  );

type Sent = Partial<EvidenceInput> & { readonly bytes: Uint8Array };
const begin = async (of = checklist) => {
  const deps = dependenciesOf(of);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const start = deps.clock.now().getTime();
  const send = (sent: Sent, minute = 0) =>
    recordEvidence(
      deps,
      {
        run,
        type: 'junit',
        contentType: 'application/octet-stream',
        source: 'ci',
        commit,
        madeAt: new Date(start - 3_600_000 + minute * 60_000).toISOString(),
        producerRun: 'job-1',
        producerAttempt: 1,
        ...sent,
      },
      ci,
    );
  return { deps, run, send, finding: (of = unit) => findingOf(deps, run, of) };
};

const findingOf = async (deps: FakeDependencies, run: string, of: typeof unit) => {
  const events = await deps.trail.read(`run/${run}`, { lane: `check/phase-1/${of.id}` });
  return foldCheck({ check: of, events, now: deps.clock.now(), components: ['web'], local: false, shortened: false });
};

describe('reports of one attempt', () => {
  test('are parts of one result: a passing shard does not hide a failing one, in either order', async () => {
    for (const parts of [
      [junit({ a: 'bad' }), junit({ b: 'ok' })],
      [junit({ b: 'ok' }), junit({ a: 'bad' })],
    ]) {
      const { send, finding } = await begin();
      for (const bytes of parts) await send({ bytes });
      expect(await finding()).toMatchObject({ verdict: 'fail', attempt: 1 });
    }
  });

  test('all count for a check that is not satisfied by one of them', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }) });
    await send({ bytes: junit({ b: 'ok' }) });
    expect(await finding()).toMatchObject({
      verdict: 'pass',
      reason: expect.stringMatching(/^2 reports, every one passes; .*[^2]$/) as string,
    });
  });
});

describe('a later attempt', () => {
  test('clears the failure of an earlier one and says so', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'bad', b: 'ok' }) });
    await send({ bytes: junit({ a: 'ok', b: 'ok' }), producerAttempt: 2 });
    expect(await finding()).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('passed on attempt 2') as string });
  });

  test('may arrive first', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    await send({ bytes: junit({ a: 'bad' }) });
    expect((await finding()).verdict).toBe('pass');
  });

  test('that fails counts, whatever passed before', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }) });
    await send({ bytes: junit({ a: 'bad' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('fail');
  });

  test('of another run is ordered by the time at which it was made', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'bad' }), producerRun: 'job-2' }, 5);
    await send({ bytes: junit({ a: 'ok' }), producerRun: 'job-1', producerAttempt: 9 }, 4);
    expect((await finding()).verdict).toBe('fail');
    await send({ bytes: junit({ a: 'ok' }), producerRun: 'job-3' }, 6);
    expect((await finding()).verdict).toBe('pass');
  });
});

describe('what a repaired check stores', () => {
  const lane = ({ deps, run }: { deps: FakeDependencies; run: string }) => deps.trail.read(`run/${run}`, { lane: 'check/phase-1/unit' });
  const typesOf = (events: readonly Stored[]) => events.map(({ event }) => event.type);

  test('is one event a report: the later judgement names what it replaces', async () => {
    const story = await begin();
    await story.send({ bytes: junit({ a: 'bad' }) });
    await story.send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    const events = await lane(story);
    expect(typesOf(events)).toEqual(['check.judged', 'check.judged']);
    expect(events[1]?.event.data).toMatchObject({ replaces: [events[0]?.event.id] });
    expect(events[0]?.event.data).not.toHaveProperty('replaces');
  });

  test('is one event more where the later result arrived first, or another writer came in between', async () => {
    const late = await begin();
    await late.send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    await late.send({ bytes: junit({ a: 'bad' }) });
    expect(typesOf(await lane(late))).toEqual(['check.judged', 'check.judged', 'check.replaced']);

    const raced = await begin();
    let sent = false;
    raced.deps.controls.onCall(async (call, caller, [stored]) => {
      if (sent || caller !== 'test' || call !== 'store.insert' || (stored as Stored).event.type !== 'check.judged') return;
      sent = true;
      await raced.send({ bytes: junit({ a: 'bad' }) });
    });
    await raced.send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    expect(typesOf(await lane(raced))).toEqual(['check.judged', 'check.judged', 'check.replaced']);
    expect((await raced.finding()).verdict).toBe('pass');
  });

  test('lets a judgement of 24 repaired checks read within the limit of the bench', async () => {
    const ids = Array.from({ length: 24 }, (_, n) => `check-${n + 10}`);
    const story = await begin(
      checklistOf(
        [gate('phase-1')],
        ids.map((id) => ({ ...unit, id })),
      ),
    );
    await story.send({ bytes: junit({ a: 'bad' }) });
    await story.send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    const events = await story.deps.trail.read(`run/${story.run}`, { prefix: 'check/phase-1/' });
    const bytes = events.reduce((sum, stored) => sum + itemBytes(toItem(stored)), 0);
    // DynamoDB reads 4 KB for a unit.
    expect(Math.ceil(bytes / 4096)).toBeLessThanOrEqual(12);
  });
});

describe('a later report of part of the tests', () => {
  test('clears a failure only when the failing test passed in it', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'bad', b: 'ok' }) });
    await send({ bytes: junit({ b: 'ok' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('fail');
    await send({ bytes: junit({ a: 'ok' }), producerAttempt: 3 });
    expect(await finding()).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('passed on attempt 3') as string });
  });

  test('clears failures together with other parts of its attempt', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'bad', b: 'bad' }) });
    await send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('fail');
    await send({ bytes: junit({ b: 'ok' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('pass');
  });

  test('clears a failure that names no test only when everything that was shown passed again', async () => {
    const { send, finding } = await begin();
    const broken = text(
      '<testsuite name="s" tests="2" errors="1"><testcase name="a" classname="c"/><testcase name="b" classname="c"/></testsuite>',
    );
    await send({ bytes: broken });
    expect((await finding()).verdict).toBe('fail');
    await send({ bytes: junit({ a: 'ok' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('fail');
    await send({ bytes: junit({ b: 'ok' }), producerAttempt: 2 });
    expect((await finding()).verdict).toBe('pass');
  });
});

test('the coverage of one package does not clear that of another', async () => {
  const { send, finding } = await begin();
  const tracefile = (file: string, hit: number): Uint8Array => text(`SF:${file}\nDA:1,${hit}\nend_of_record\n`);
  const lcov = (file: string, hit: number, job: number) =>
    send({ type: 'lcov', bytes: tracefile(file, hit), producerRun: `job-${job}` }, job);
  await lcov('src/a.ts', 0, 1);
  await lcov('src/b.ts', 1, 2);
  expect((await finding(coverage)).verdict).toBe('fail');
  await lcov('src/a.ts', 1, 3);
  expect((await finding(coverage)).verdict).toBe('pass');
});

describe('the log of another tool', () => {
  test('clears no finding; the log of the same tool does', async () => {
    const { send, finding } = await begin();
    const log = (tool: string, findings: number, job: number) =>
      send({ type: 'sarif', bytes: sarif(tool, findings), producerRun: `job-${job}` }, job);
    await log('secretlint', 1, 1);
    await log('gitleaks', 0, 2);
    expect((await finding(secrets)).verdict).toBe('fail');
    await log('secretlint', 0, 3);
    expect((await finding(secrets)).verdict).toBe('pass');
  });
});

describe('a report that cannot be read', () => {
  test('leaves no older pass of its source standing, until a report of it can be read again', async () => {
    const { deps, run, send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }) }, 0);
    const refused = await send({ bytes: text('<testsuite'), producerAttempt: 2 }, 1);
    expect(refused.refused?.type).toBe('evidence-unreadable');
    expect(await finding()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the newest report cannot be used') as string,
    });
    expect((await reconcileGate(deps, { run })).did).toBe('blocked');
    await send({ bytes: junit({ a: 'ok' }), producerAttempt: 3 }, 2);
    expect((await finding()).verdict).toBe('pass');
  });

  test('of another source or of a source that never reported changes nothing', async () => {
    const { deps, run, send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }) });
    expect((await send({ bytes: text('no xml'), source: 'other' }, 1)).refused?.type).toBe('evidence-unreadable');
    expect((await finding()).verdict).toBe('pass');
    const recorded = (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
    expect(recorded).toHaveLength(1);
  });
});

describe('the exit code of the tool', () => {
  test('other than 0 never passes, and a later attempt that ended well does', async () => {
    const { send, finding } = await begin();
    await send({ bytes: junit({ a: 'ok' }), exitCode: 1 });
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('exit code 1') as string });
    await send({ bytes: junit({ a: 'ok' }), exitCode: 0, producerAttempt: 2 });
    expect((await finding()).verdict).toBe('pass');
  });
});

describe('a report that serves no check', () => {
  test('is answered with what the checks would need', async () => {
    const { send } = await begin();
    expect((await send({ type: 'sarif', bytes: sarif('semgrep', 0) })).ok).toMatchObject({
      judged: [],
      unused: 'secrets needs a SARIF log of gitleaks or secretlint',
    });
    expect((await send({ bytes: junit({ a: 'ok' }) })).ok?.unused).toBeNull();
  });
});

test('reports give the same verdict in every order of arrival', async () => {
  const reports: readonly Sent[] = [
    { bytes: junit({ a: 'bad', b: 'ok' }) },
    { bytes: junit({ c: 'ok' }) },
    { bytes: junit({ a: 'ok', b: 'ok' }), producerAttempt: 2 },
    { bytes: junit({ c: 'bad' }), producerAttempt: 2 },
  ];
  const verdicts = new Set<string>();
  for (const order of permutations([0, 1, 2, 3])) {
    const { send, finding } = await begin();
    for (const place of order) await send(reports[place] as Sent, 0);
    verdicts.add((await finding()).verdict);
  }
  expect([...verdicts]).toEqual(['fail']);
});

const permutations = (all: readonly number[]): number[][] =>
  all.length === 0 ? [[]] : all.flatMap((one) => permutations(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));
