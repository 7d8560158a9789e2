import { expect, test } from 'vitest';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { anew } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';

/** Every act by which a person steers a run holds where they did it from. */

const address = '203.0.113.77';
const from = (story: given.Story) => ({ ...given.callerOf(story, given.operations), address });
const reason = 'Seen on the dashboard.';

const acts: Readonly<Record<string, () => Promise<given.Story>>> = {
  'rollback.triggered': async () => {
    const story = await back.released();
    const input = { request: anew(), run: story.run, trigger: 'security-vulnerability-discovered', reason, decide: false };
    expect((await triggerRollback(story.deps, input, from(story))).refused).toBeUndefined();
    return story;
  },
  'rollback.decided': async () => {
    const story = await back.undecided();
    expect((await decideRollback(story.deps, { run: story.run, decision: 'continue', reason }, from(story))).refused).toBeUndefined();
    return story;
  },
  'incident.decided': async () => {
    const story = await given.inSecond();
    await story.machine.breakOff();
    await story.machine.settle();
    expect((await decideIncident(story.deps, { run: story.run, decision: 'resume', reason }, from(story))).refused).toBeUndefined();
    return story;
  },
};

test.each(Object.keys(acts))('%s holds the digest of the address, and not the address', async (type) => {
  const { deps, run } = await (acts[type] ?? expect.fail())();
  const events = await deps.trail.read(`run/${run}`, { prefix: '' });
  const { data } = events.find(({ event }) => event.type === type)?.event ?? expect.fail('no such event');
  const digest = 'sourceAddress' in data ? String(data.sourceAddress) : '';
  expect((await deps.people.read([digest])).get(digest)).toMatchObject({ run, text: address });
  expect(JSON.stringify(events)).not.toContain(address);
});
