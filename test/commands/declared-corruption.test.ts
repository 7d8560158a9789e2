import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { signingFor } from '../fakes.ts';
import { anew, personIn } from '../given.ts';
import { sinceT0 } from '../rollback-given.ts';
import { type Story, toDeployment } from '../story.ts';

const lead = ({ deps }: Story): PersonCaller => personIn(deps, 'operations-lead');
type Changes = { trigger?: string; evidence?: string[]; shown?: string | undefined };
const trigger = (story: Story, changes: Changes = {}) =>
  triggerRollback(
    signingFor(['people'], story.deps),
    {
      request: anew(),
      run: story.run,
      trigger: 'data-corruption-detected',
      shown: 'orders 4411 to 4420',
      reason: 'Half of the orders have no lines.',
      ...changes,
    },
    lead(story),
  );

describe('data corruption', () => {
  test('is declared with what shows it: in words, or by an event of the run', async () => {
    const story = await toDeployment();
    const [started] = await story.deps.trail.read(`run/${story.run}`, { lane: 'deployment' });
    expect((await trigger(story, { shown: undefined })).refused).toEqual({
      type: 'no-evidence',
      detail: 'Nothing is named that shows "Data corruption detected".',
      got: 'a reason alone',
      expected: expect.stringContaining('ids of rows, a query or a link'),
      fix: expect.stringContaining('--shown'),
    });
    expect(await sinceT0(story.deps, story.run)).toEqual([]);
    const refusals = (await story.deps.trail.read(`run/${story.run}`, { lane: 'refusal' })).filter(isType('request.refused'));
    expect(refusals.map(({ event }) => event.data.type)).toEqual(['no-evidence']);
    expect((await trigger(story, { shown: undefined, evidence: [started?.event.id ?? ''] })).refused).toBeUndefined();
    expect((await trigger(story)).refused).toBeUndefined();
    expect(JSON.stringify(await sinceT0(story.deps, story.run)), 'what shows it is kept with the words of people').not.toContain('4411');
    const { words } = (await readRunFor(story.deps, story.run, true)).ok ?? {};
    expect(words).toContainEqual(
      expect.objectContaining({
        kind: 'rollback-evidence',
        text: 'orders 4411 to 4420',
        by: lead(story).id,
        check: 'data-corruption-detected',
      }),
    );
  });

  test('alone needs it: of another trigger the reason is enough', async () => {
    const story = await toDeployment();
    expect((await trigger(story, { trigger: 'critical-feature-not-working', shown: undefined })).refused).toBeUndefined();
  });
});
