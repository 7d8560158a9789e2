import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import type { StartRun } from '../../lib/run/commands/inputs.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { signingFor } from '../fakes.ts';
import { artifact, ci, dependenciesOf, personIn, startInput } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import { answerFunctions, handle, readBack, shopTargets } from '../way-back.ts';

const laneOf = (story: Story) => story.deps.trail.read(scopes.run(story.run), { lane: lanes.rollback });

describe('a drill', () => {
  const back = `sha256:${'e'.repeat(64)}`;
  const drill = { version: '1.3.2', components: [{ component: 'web', digest: back, reference: '7' }] };
  const staging = () => ({ ...shopTargets(), staging: true });

  const started = async (changes: Partial<StartRun> = {}, targets = staging()) => {
    const deps = dependenciesOf(baseChecklist, { stage: { targets: { shop: { staging: targets } } } });
    const answer = await startRun(signingFor([], deps), { ...startInput, environment: 'staging', drill, ...changes }, ci);
    return { deps, answer };
  };
  /** A drill that has begun: it has asked what runs. */
  const begun = async (...given: Parameters<typeof started>): Promise<Story> => {
    const { deps, answer } = await started(...given);
    if (answer.refused) throw new Error(answer.refused.detail);
    const { run } = answer.ok;
    const machine = machineOf(deps, run);
    await machine.begin();
    await machine.settle();
    return { deps, run, machine };
  };

  test('rehearses the whole way back, proves each step and ends as rolled back', async () => {
    const story = await begun();
    const { deps } = story;
    expect(story.machine.at()).toBe('stop-requests');
    expect(deps.controls.collector.tasks.splice(0).at(-1)?.task).toEqual({ kind: 'read-back', before: true });
    await readBack(story, artifact);
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
    const lane = await laneOf(story);
    expect(lane.find(isType('rollback.target-fixed'))?.event.data).toMatchObject({
      version: '1.3.2',
      level: 'drill',
      components: drill.components,
    });
    expect(budgetsOf(lane).map(({ budget, until }) => [budget, until !== null])).toEqual([
      ['decision', true],
      ['execution', true],
      ['verification', true],
      ['total', true],
    ]);
  });

  test.each([
    ['named both', '42', '41', ['42', '41']],
    ['named one only', '42', undefined, []],
  ] as const)('says which schema versions it crossed where its start %s', async (_, before, after, crossed) => {
    const named = after === undefined ? drill : { ...drill, schemaVersion: after };
    const story = await begun({ schemaVersion: before, drill: named });
    const { deps } = story;
    await readBack(story, artifact);
    await answerFunctions(story);
    const recorded = await deps.trail.read(scopes.environment('shop', 'staging'), { lane: lanes.drill });
    expect(recorded.filter(isType('drill.recorded')).map(({ event }) => event.data.schemaVersions)).toEqual([crossed]);
  });

  test('begins nothing where another version runs than it says', async () => {
    const story = await begun();
    const { deps } = story;
    await readBack(story, `sha256:${'d'.repeat(64)}`);
    expect(deps.controls.actuator.attempts).toEqual([]);
    expect(story.machine.at()).toBe('stop-requests');
  });

  test('begins nothing where every component would go back to what it runs', async () => {
    const same = { version: '1.3.2', components: [{ component: 'web', digest: artifact, reference: '7' }] };
    const story = await begun({ drill: same });
    const { deps } = story;
    await readBack(story, artifact);
    expect([story.machine.at(), deps.controls.actuator.attempts]).toEqual(['stop-requests', []]);
  });

  test('that rehearses nothing says why and how it ends; it is not cancelled', async () => {
    const story = await begun();
    const { deps, run } = story;
    await readBack(story, `sha256:${'d'.repeat(64)}`);
    const { reasons = [] } = (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 'stop-requests') ?? {};
    expect(reasons.join('\n')).toContain(`end this drill with holdpoint rollback-step ${run} stop-requests --end`);
    const lead = personIn(deps, 'operations-lead');
    const cancelled = await cancelRun(signingFor(['people'], deps), { run, reason: 'The wrong version.' }, lead);
    expect(cancelled.refused).toMatchObject({ type: 'cancel-after-deployment', fix: expect.stringContaining('--end') });
    await handle(story, 'stop-requests', 'end');
    expect(story.machine.at()).toBe('end rollback-escalated');
  });

  test.each([
    ['production', {}, shopTargets(), 'drill-not-allowed'],
    [
      'other components',
      { drill: { version: '1', components: [{ component: 'api', digest: back, reference: null }] } },
      staging(),
      'drill-not-allowed',
    ],
  ])('is refused in %s', async (_case, changes, targets, type) => {
    const { answer } = await started(changes, targets as ReturnType<typeof staging>);
    expect(answer.refused?.type).toBe(type);
  });
});
