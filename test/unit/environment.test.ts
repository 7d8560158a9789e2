import { describe, expect, test } from 'vitest';
import type { DataOf, EventType, Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { holdingIn, liveIn, newestDrill, openProposals, rollbackTargetOf, unaccountedIn } from '../../lib/folds/environment.ts';
import { isTriggerOpen } from '../../lib/folds/trigger.ts';
import { changesExplained } from '../../lib/rules/changes-explained.ts';
import { drillRecent } from '../../lib/rules/drill-recent.ts';
import type { RunInputs } from '../../lib/rules/kind.ts';
import { noAlarmRed, noAlarmReported } from '../../lib/rules/no-alarm-red.ts';
import { rollbackTarget } from '../../lib/rules/rollback-target.ts';
import type { Verdict } from '../../lib/verdict.ts';
import { goodDrill } from '../environment.ts';
import { artifact, startInput } from '../given.ts';

const begin = Date.parse('2026-03-02T08:00:00.000Z');

/** A lane of these events, a minute apart. */
const laneOf = (lane: string, ...events: readonly (readonly [EventType, object])[]): readonly Stored[] =>
  events.map(([type, data], place) =>
    makeEvent(
      {
        scope: 'environment/shop/production',
        lane,
        step: `${place}`,
        type,
        actor: { kind: 'system', id: 'reconciler' },
        data,
      } as never,
      { seq: place + 1, prev: genesis },
      new Date(begin + place * 60_000),
    ),
  );

const claimed = (run: string, supersedes: string | null = null) => ['environment.claimed', { run, why: 't0', supersedes }] as const;
const shared = (run: string) => ['environment.shared', { run }] as const;
const freed = (run: string) => ['environment.freed', { run, end: 'expired', by: null, reason: null }] as const;
const kept = (run: string) => ['environment.kept', { run, end: 'rollback-escalated' }] as const;

describe('who holds an environment', () => {
  test.each([
    ['nobody at first', [], 'free', undefined],
    ['a run from its claim on', [claimed('a')], 'exclusive', 'a'],
    ['it shares after Deployment Success', [claimed('a'), shared('a')], 'shared', 'a'],
    ['nobody once it is freed', [claimed('a'), shared('a'), freed('a')], 'free', undefined],
    ['the newer run that claims', [claimed('a'), shared('a'), claimed('b', 'a')], 'exclusive', 'b'],
    ['still the newer one when the older run ends', [claimed('a'), shared('a'), claimed('b', 'a'), freed('a')], 'exclusive', 'b'],
    ['still the newer one whatever is said of the older', [claimed('a'), claimed('b', 'a'), shared('a'), kept('a')], 'exclusive', 'b'],
    ['alone again for its rollback', [claimed('a'), shared('a'), claimed('a')], 'exclusive', 'a'],
    ['the run that could not be taken back', [claimed('a'), kept('a')], 'kept', 'a'],
    ['nobody after a person has freed that', [claimed('a'), kept('a'), freed('a')], 'free', undefined],
    ['freed stays freed', [claimed('a'), freed('a'), shared('a')], 'free', undefined],
  ] as const)('%s', (_, events, how, run) => {
    const holding = holdingIn(laneOf('claim', ...events));
    expect(holding.how).toBe(how);
    expect('run' in holding ? holding.run : undefined).toBe(run);
  });
});

const live = (run: string | null, level: string, more: Partial<DataOf<'environment.live'>> = {}) =>
  [
    'environment.live',
    { run, version: `v-${run}`, level, components: [web], waitScale: 1, triggered: false, rolledBack: null, ...more },
  ] as const;
const web = { component: 'web', digest: artifact, reference: null };
const adopted = (level: 'adopted' | 'withdraw' = 'adopted') =>
  [
    'target.adopted',
    { version: 'v0', level, components: level === 'adopted' ? [web] : [], by: 'p-2', reason: null, proposed: 'x', proposedBy: 'p-1' },
  ] as const;

describe('where a rollback leads', () => {
  test.each([
    ['nowhere when nothing is known', [], 1, undefined],
    ['to the live version that passed Deployment Success', [live('a', 'production-stable'), live('b', 'deployment-success')], 1, 'v-b'],
    ['not to one with a trigger', [live('a', 'production-stable'), live('b', 'deployment-success', { triggered: true })], 1, 'v-a'],
    ['not to one that was only deployed', [live('a', 'production-stable'), live('b', 'deployed')], 1, 'v-a'],
    ['nowhere from the first release that was only deployed', [live('b', 'deployed')], 1, undefined],
    ['to the newest stable one', [live('a', 'production-stable'), live('b', 'production-stable'), live('c', 'deployed')], 1, 'v-b'],
    ['to the version that people adopted', [adopted()], 1, 'v0'],
    ['to it also after a release that failed', [adopted(), live('b', 'deployed')], 1, 'v0'],
    ['not to a run whose windows were shortened', [live('a', 'production-stable', { waitScale: 60 })], 1, undefined],
    ['to such a run on a stage that shortens them, too', [live('a', 'production-stable', { waitScale: 60 })], 60, 'v-a'],
    ['to nothing where two people accepted it', [adopted('withdraw'), live('b', 'deployed')], 1, 'none'],
    ['but rather to a stable version', [adopted('withdraw'), live('b', 'production-stable'), live('c', 'deployed')], 1, 'v-b'],
    [
      'to the version that a rollback brought back',
      [live('a', 'deployment-success'), live('b', 'deployed'), live('a', 'deployment-success', { rolledBack: 'b' })],
      1,
      'v-a',
    ],
  ] as const)('%s', (_, events, waitScale, version) => {
    const target = rollbackTargetOf(liveIn(laneOf('live', ...events)), waitScale, () => false);
    expect(target?.level === 'withdraw' ? 'none' : target?.version).toBe(version);
  });

  test('an adopted version is read back when the platform confirms every component', () => {
    const [one] = laneOf('live', adopted());
    const said = (digest: string | null) =>
      laneOf('live', adopted(), [
        'target.read-back',
        { adopted: one?.event.id ?? '', component: 'web', digest, reference: '7', detail: '' },
      ]);
    expect(liveIn(laneOf('live', adopted()))[0]?.readBack).toBe(false);
    expect(liveIn(said(null))[0]?.readBack).toBe(false);
    expect(liveIn(said(artifact))[0]?.readBack).toBe(true);
  });

  test('a proposal is open until it is accepted or too old', () => {
    const proposal = [
      'target.proposed',
      { version: 'v0', level: 'adopted', components: [web], by: 'p-1', reason: null, roles: ['operations-lead'] },
    ] as const;
    const [first] = laneOf('live', proposal);
    expect(openProposals(laneOf('live', proposal), '2026-03-01T00:00:00.000Z')).toHaveLength(1);
    expect(openProposals(laneOf('live', proposal), '2026-03-03T00:00:00.000Z')).toHaveLength(0);
    const [type, data] = adopted();
    const accepted = laneOf('live', proposal, [type, { ...data, proposed: first?.event.id ?? '' }]);
    expect(openProposals(accepted, '2026-03-01T00:00:00.000Z')).toHaveLength(0);
  });
});

test('a trigger is open until somebody decides to go on', () => {
  const triggered = ['rollback.triggered', { trigger: 't', by: null, reason: null, detail: 'd', evidence: [], decides: false }] as const;
  const decided = (decision: string) => ['rollback.decided', { round: 1, decision, how: 'person', by: 'p-1', reason: null }] as const;
  expect(isTriggerOpen([])).toBe(false);
  // After a rejected sign-off, and at the cap of a review, people decide without a trigger.
  expect(isTriggerOpen(laneOf('rollback', decided('continue')))).toBe(false);
  expect(isTriggerOpen(laneOf('rollback', decided('roll-back')))).toBe(true);
  expect(isTriggerOpen(laneOf('rollback', triggered))).toBe(true);
  expect(isTriggerOpen(laneOf('rollback', triggered, decided('continue')))).toBe(false);
  expect(isTriggerOpen(laneOf('rollback', triggered, decided('roll-back')))).toBe(true);
  expect(isTriggerOpen(laneOf('rollback', triggered, decided('continue'), triggered))).toBe(true);
  // Whoever declared it decided: the decision to continue came too late.
  expect(isTriggerOpen(laneOf('rollback', [triggered[0], { ...triggered[1], decides: true }], decided('continue')))).toBe(true);
});

describe('the checks before T0', () => {
  const inputs = (environment: readonly Stored[], observation: readonly Stored[] = []): RunInputs => ({
    now: new Date(begin + 10 * 86_400_000),
    release: { ...startInput, waitScale: 1 } as never,
    lanes: { deployment: [], observation, measurement: [], notice: [], approval: [], rollback: [], environment },
    windowEndsAt: undefined,
    entry: undefined,
    finding: () => undefined,
  });

  test('a target is needed; the refusal says what would mend it', () => {
    const judge = (...events: Parameters<typeof laneOf>[1][]) =>
      rollbackTarget.judge(rollbackTarget.of({}), inputs(laneOf('live', ...events)));
    expect(judge()).toMatchObject({ verdict: 'fail' });
    expect(judge()?.reason).toContain('holdpoint target adopt shop --environment production');
    expect(judge(live('a', 'deployed'))?.reason).toContain('Deployment Success');
    expect(judge(live('a', 'production-stable'))).toEqual({
      verdict: 'pass',
      reason:
        'a rollback leads to version v-a (production-stable); nobody named the schema versions of both, so it is not known which a rollback crosses',
    });
    expect(judge(adopted('withdraw'))?.verdict).toBe('pass');
  });

  test.each([
    ['41', 'a rollback crosses the schema from 42 to 41'],
    ['42', 'both have the schema version 42'],
  ])('the schema versions of release and target are compared: %s', (schemaVersion, said) => {
    const given = inputs(laneOf('live', live('a', 'production-stable', { schemaVersion })));
    const named = { ...given, release: { ...given.release, schemaVersion: '42' } };
    expect(rollbackTarget.judge(rollbackTarget.of({}), named)?.reason).toContain(said);
  });

  test('the schema versions of the drill are named', () => {
    const lanes = [...laneOf('live', live('a', 'production-stable')), ...laneOf('drill', ['drill.recorded', goodDrill])];
    expect(rollbackTarget.judge(rollbackTarget.of({}), inputs(lanes))?.reason).toContain('the newest drill crossed 41 to 42');
    const silent = [
      ...laneOf('live', live('a', 'production-stable')),
      ...laneOf('drill', ['drill.recorded', { ...goodDrill, schemaVersions: [] }]),
    ];
    expect(rollbackTarget.judge(rollbackTarget.of({}), inputs(silent))?.reason).toContain('the newest drill does not say which it crossed');
  });

  test.each([
    ['none', [], 'fail', 'holdpoint drill shop'],
    ['a recent one', [goodDrill], 'pass', 'decision 12 of 300 s'],
    ['one that ended otherwise', [{ ...goodDrill, outcome: 'rollback-escalated' }], 'fail', 'ended as rollback-escalated'],
    [
      'one that was too slow',
      [{ ...goodDrill, budgets: { ...goodDrill.budgets, execution: { seconds: 700, limitSeconds: 600, met: false } } }],
      'fail',
      'exceeded execution',
    ],
    ['a bad one after a good one', [goodDrill, { ...goodDrill, outcome: 'rolled-back-unverified' }], 'fail', 'rolled-back-unverified'],
  ] as const)('a drill: %s', (_, drills, verdict, reason) => {
    const lane = laneOf('drill', ...drills.map((data) => ['drill.recorded', data] as const));
    const judged = drillRecent.judge(drillRecent.of({ maxAgeDays: 90 }), inputs(lane));
    expect(judged?.verdict).toBe(verdict);
    expect(judged?.reason).toContain(reason);
  });

  test('a drill gets too old, and the newest one counts wherever it was', () => {
    const lane = laneOf('drill', ['drill.recorded', goodDrill]);
    expect(
      newestDrill([...lane, ...laneOf('drill', ['drill.recorded', { ...goodDrill, run: 'later' }], ['drill.recorded', goodDrill])])?.at,
    ).toBe(new Date(begin + 60_000).toISOString());
    expect(drillRecent.judge(drillRecent.of({ maxAgeDays: 9 }), inputs(lane))?.reason).toContain('10 days old, 9 at most');
  });

  const alarm = (observation: string, bad: boolean) =>
    [
      'observation.recorded',
      {
        observation,
        via: 'api',
        kind: 'alarm',
        bad,
        subject: 'shop-errors',
        summary: 's',
        words: null,
        observedAt: '2026-03-02T08:00:00.000Z',
      },
    ] as const;

  const label = (said: string) =>
    ['observation.labelled', { observation: 'a', label: said, by: 'p-1', explanation: 'c'.repeat(64) }] as const;
  const later = alarm('b', false);
  const cleared = [later[0], { ...later[1], observedAt: '2026-03-02T08:00:30.000Z' }] as const;

  test('a red alarm refuses until it is OK or labelled otherwise', () => {
    const judge = (...events: Parameters<typeof laneOf>[1][]) =>
      noAlarmRed.judge(noAlarmRed.of({ look: 'alarms-ready' }), inputs([], laneOf('observation', ...events)));
    expect(judge(alarm('a', true))).toMatchObject({ verdict: 'fail' });
    expect(judge(alarm('a', true))?.reason).toContain('shop-errors');
    expect(judge(alarm('a', true), label('true'))?.verdict).toBe('fail');
    expect(judge(alarm('a', true), label('false'))?.verdict).toBe('pass');
    expect(judge(alarm('a', true), cleared)?.verdict).toBe('pass');
  });

  test('no state of an alarm proves nothing, and says what would mend it', () => {
    const judge = (...events: Parameters<typeof laneOf>[1][]) =>
      noAlarmRed.judge(noAlarmRed.of({ look: 'alarms-ready' }), inputs([], laneOf('observation', ...events)));
    expect(judge()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('name the alarms of the service in the stage'),
    });
    expect(judge(alarm('b', false))?.verdict).toBe('pass');
    const [type, said] = alarm('a', true);
    expect(judge([type, { ...said, setAside: 'a test of the alarm' }])?.verdict, 'a test that is not over').toBe('inconclusive');
    expect(noAlarmReported.judge(noAlarmReported.of({}), inputs([]))?.verdict, 'as runs pinned it before').toBe('pass');
  });

  test.each<[string, Verdict, Verdict | undefined]>([
    ['read and all OK', 'pass', 'pass'],
    ['red before the run started', 'fail', 'fail'],
    ['not read yet', 'missing', 'inconclusive'],
    ['unreadable', 'inconclusive', 'inconclusive'],
    ['waived, so that the feed decides', 'waived', 'inconclusive'],
  ])('alarms that the stage names are %s', (_how, look, expected) => {
    const given = inputs([], []);
    const named = { ...given, release: { ...given.release, alarms: ['shop-errors'] }, finding: () => ({ verdict: look, reason: 'seen' }) };
    const rule = noAlarmRed.of({ look: 'alarms-ready' });
    expect(noAlarmRed.judge(rule, named)?.verdict).toBe(expected);
    const heard = { ...named, lanes: { ...named.lanes, observation: laneOf('observation', alarm('b', false)) } };
    expect(noAlarmRed.judge(rule, heard)?.verdict, 'with a state from the feed').toBe(look === 'waived' ? 'pass' : expected);
    const red = { ...named, lanes: { ...named.lanes, observation: laneOf('observation', alarm('a', true)) } };
    expect(noAlarmRed.judge(rule, red)?.verdict, 'with an alarm that the feed says is red').toBe('fail');
  });

  test('a change without a run refuses until a person has explained it', () => {
    const seen = [
      'change.unaccounted',
      { event: 'e', what: 'alias moved', seenAt: '2026-03-02T07:00:00.000Z', digest: null, account: null },
    ] as const;
    const [one] = laneOf('unaccounted', seen);
    const judge = (lane: readonly Stored[]) => changesExplained.judge(changesExplained.of({}), inputs(lane));
    expect(judge([])?.verdict).toBe('pass');
    expect(judge(laneOf('unaccounted', seen))?.verdict).toBe('fail');
    expect(judge(laneOf('unaccounted', seen))?.reason).toContain(`--change ${one?.event.id}`);
    const explained = laneOf('unaccounted', seen, [
      'change.explained',
      { change: one?.event.id ?? '', by: 'p-1', explanation: 'c'.repeat(64) },
    ]);
    expect(judge(explained)?.verdict).toBe('pass');
    expect(unaccountedIn(explained)[0]?.explanation?.by).toBe('p-1');
  });
});
