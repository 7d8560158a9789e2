import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { loadAtPeak } from '../../lib/rules/load-passes.ts';
import { record } from '../../lib/rules/record-within.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { type EvidenceInput, recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { findingFrom } from '../../lib/run/state/findings.ts';
import type { FakeDependencies } from '../fakes.ts';
import {
  anew,
  artifact,
  check,
  checklistOf,
  ci,
  commit,
  contextOf,
  dependenciesOf,
  gate,
  givenOpen,
  givenRun,
  junitReport,
  personIn,
} from '../given.ts';
import { must } from '../profile-given.ts';
import { timelessSampleOf } from '../samples.ts';

/** Tests in staging count when they were made while staging runs the release. */

const teller = check('deployed-to-staging', 'phase-1', {
  rule: record('read-back', { environment: 'staging', minRunning: 1 }) as never,
  scope: 'artifact',
  tells: 'staging.deployed',
});
const smoke = check('smoke', 'phase-1', {
  after: 'staging.deployed',
  rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } as never,
});

/** Counts whenever it was made. */
const unit = check('unit', 'phase-1', { rule: smoke.rule });

type Components = NonNullable<Parameters<typeof givenRun>[1]>['artifacts'];

const begin = async (
  telling: Item = teller,
  others: readonly Item[] = [],
  artifacts: Components = [{ component: 'web', digest: artifact }],
) => {
  const deps: FakeDependencies = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [telling, smoke, ...others, check('later', 'phase-2', { rule: record('backup', {}) as never })],
    ),
  );
  const run = await givenRun(deps, { artifacts });
  await givenOpen(deps, run, 'phase-1');
  const start = deps.clock.now().getTime() - 3_600_000;
  const atMinute = (minute: number): string => new Date(start + minute * 60_000).toISOString();
  const send = (bytes: Uint8Array, minute: number, more: Partial<EvidenceInput> = {}) =>
    recordEvidence(
      deps,
      {
        run,
        type: 'junit',
        contentType: 'application/octet-stream',
        source: 'ci',
        commit,
        madeAt: atMinute(minute),
        producerRun: `job-${minute}`,
        producerAttempt: 1,
        bytes,
        ...more,
      },
      ci,
    );
  const readBack = (minute: number, more: object = {}, component = 'web', further: readonly object[] = []) =>
    send(
      new TextEncoder().encode(
        JSON.stringify({
          schema: 'holdpoint.read-back/1',
          at: atMinute(minute),
          environment: 'staging',
          tool: 'lambda GetAlias',
          components: [{ component: 'web', platform: 'lambda shop:staging', deployed: artifact, running: artifact, ...more }, ...further],
        }),
      ),
      minute,
      { type: 'record', component, artifact, source: `ci-${component}` },
    );
  const tested = async (minute: number) => must(await send(junitReport(3), minute));
  const finding = async () => {
    const context = await contextOf(deps, run);
    const events = await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/smoke' });
    const deployment = await deps.trail.read(`run/${run}`, { lane: 'deployment' });
    return findingFrom(smoke, events, context, { now: deps.clock.now(), deployment });
  };
  /** What each event of the reports says that it serves. */
  const recorded = async () =>
    (await deps.trail.read(`run/${run}`, { lane: 'evidence/junit/ci' }))
      .filter(isType('evidence.recorded'))
      .map(({ event }) => event.data.serves);
  return { deps, run, atMinute, send, readBack, tested, finding, recorded };
};

describe('tests in staging', () => {
  test('count once something tells that staging runs the release, and the sender learns what to send first', async () => {
    const { readBack, tested, finding } = await begin();
    expect(await tested(10)).toMatchObject({
      judged: [],
      notCounted: [{ check: 'smoke', why: expect.stringContaining('send what deployed-to-staging needs first') }],
    });
    expect(await finding()).toMatchObject({ verdict: 'missing' });
    must(await readBack(20));
    expect((await tested(15)).notCounted).toMatchObject([{ why: expect.stringContaining('before staging runs the release since') }]);
    expect(await tested(20)).toMatchObject({ judged: [{ check: 'smoke', verdict: 'pass' }], notCounted: [] });
    expect(await finding()).toMatchObject({ verdict: 'pass' });
  });

  test('count since the deployment, where the platform tells it', async () => {
    const { atMinute, readBack, tested } = await begin();
    must(await readBack(20, { since: atMinute(8) }));
    expect((await tested(7)).notCounted).toHaveLength(1);
    expect((await tested(9)).judged).toHaveLength(1);
  });

  test('of load count when they began while staging ran the release: the sample took six seconds', async () => {
    const peak = check('peak', 'phase-1', {
      after: 'staging.deployed',
      rule: loadAtPeak.of({ expectedPeak: 100, minShareOfPeakPct: 150, minRequests: 500, maxErrorPct: 1, maxP99Ms: 1000 }),
    });
    const { atMinute, readBack, send } = await begin(teller, [peak]);
    must(await readBack(20, { since: atMinute(8) }));
    const ended = async (minute: number) => must(await send(timelessSampleOf('load'), minute, { type: 'load' }));
    expect((await ended(8.1)).notCounted).toMatchObject([
      { check: 'peak', why: expect.stringContaining('before staging runs the release') },
    ]);
    expect((await ended(8.2)).judged).toMatchObject([{ check: 'peak', verdict: 'pass' }]);
  });

  test('count after a reading that another version runs only when the release does', async () => {
    const { readBack, tested } = await begin();
    must(await readBack(5, { running: null }));
    expect((await tested(6)).judged).toEqual([]);
    must(await readBack(7));
    expect((await tested(8)).judged).toHaveLength(1);
  });

  test('count no more since a reading that another version runs, until the release runs again', async () => {
    const { atMinute, readBack, tested } = await begin();
    must(await readBack(5));
    must(await readBack(10, { running: null }));
    expect((await tested(12)).judged).toEqual([]);
    must(await readBack(20, { since: atMinute(4) }));
    expect((await tested(9)).notCounted).toMatchObject([{ why: expect.stringContaining(`since ${atMinute(10)}`) }]);
    expect((await tested(21)).judged).toHaveLength(1);
  });

  test('that were sent before the reading count once they are sent again, and only once', async () => {
    const { atMinute, readBack, tested, finding, recorded } = await begin(teller, [unit]);
    const early = { judged: [{ check: 'unit' }], notCounted: [{ check: 'smoke' }] };
    expect(await tested(10)).toMatchObject({ ...early, alreadyRecorded: false });
    expect(await tested(10)).toMatchObject({ ...early, alreadyRecorded: true });
    must(await readBack(20, { since: atMinute(8) }));
    const again = await tested(10);
    expect(again).toMatchObject({
      judged: [{ check: 'unit' }, { check: 'smoke', verdict: 'pass' }],
      notCounted: [],
      alreadyRecorded: false,
    });
    expect(await finding()).toMatchObject({ verdict: 'pass' });
    expect(await tested(10)).toEqual({ ...again, alreadyRecorded: true });
    expect(await recorded()).toEqual([['unit'], ['smoke']]);
  });

  test('that are sent again are judged where a writer died in between', async () => {
    const { deps, atMinute, readBack, tested, finding, recorded } = await begin();
    await tested(10);
    must(await readBack(20, { since: atMinute(8) }));
    deps.controls.onCall((call, _caller, [event]) => {
      if (call === 'store.insert' && (event as Stored).event.type === 'check.judged') throw new Error('died');
    });
    await expect(tested(10)).rejects.toThrow('died');
    deps.controls.onCall(undefined);
    expect(await finding()).toMatchObject({ verdict: 'missing' });
    expect(await tested(10)).toMatchObject({ judged: [{ check: 'smoke', verdict: 'pass' }], alreadyRecorded: true });
    expect(await recorded()).toEqual([[], ['smoke']]);
  });

  test('that counted stay, whatever is read later', async () => {
    const { readBack, tested, finding } = await begin();
    must(await readBack(5));
    await tested(6);
    must(await readBack(30));
    expect(await finding()).toMatchObject({ verdict: 'pass' });
  });

  test('follow nothing while people have waived that staging runs the release', async () => {
    const { deps, run, tested } = await begin();
    const until = new Date(deps.clock.now().getTime() + 60_000).toISOString();
    const waiver = { run, check: teller.id, reason: 'There is no staging yet.', until, request: anew() };
    must(await waive(deps, waiver, personIn(deps, 'technical-lead')));
    expect((await tested(10)).judged).toHaveLength(1);
    deps.controls.clock.advance(60_000);
    expect((await tested(11)).notCounted).toHaveLength(1);
  });

  test('follow the other components while people have waived it of one', async () => {
    const { deps, run, readBack, tested } = await begin(
      teller,
      [],
      ['web', 'api'].map((component) => ({ component, digest: artifact })),
    );
    const stopped = [{ component: 'api', platform: 'lambda api:staging', deployed: artifact, running: null }];
    must(await readBack(5, {}, 'api', stopped));
    const until = new Date(deps.clock.now().getTime() + 60_000).toISOString();
    const subject = { kind: 'component', id: 'api' } as const;
    const waiver = { run, check: teller.id, subject, reason: 'The api stays as it is.', until, request: anew() };
    must(await waive(deps, waiver, personIn(deps, 'technical-lead')));
    expect((await tested(8)).notCounted).toMatchObject([{ check: 'smoke', why: expect.stringContaining('nothing tells yet') }]);
    must(await readBack(10, {}, 'web', stopped));
    expect((await tested(9)).notCounted).toMatchObject([{ check: 'smoke', why: expect.stringContaining('before staging runs') }]);
    expect((await tested(11)).judged).toMatchObject([{ check: 'smoke', verdict: 'pass' }]);
    deps.controls.clock.advance(60_000);
    expect((await tested(12)).notCounted).toHaveLength(1);
  });

  test('follow nothing where it is declared not applicable', async () => {
    const { deps, run, tested } = await begin({ ...teller, optional: true });
    const declared = { run, check: teller.id, reason: 'There is no staging.', request: anew() };
    must(await declareNotApplicable(deps, declared, personIn(deps, 'technical-lead')));
    expect((await tested(10)).judged).toHaveLength(1);
  });

  test('follow nothing where the service does not have to tell it', async () => {
    const { tested } = await begin({ ...teller, mode: 'observe' });
    expect((await tested(10)).judged).toHaveLength(1);
  });
});
