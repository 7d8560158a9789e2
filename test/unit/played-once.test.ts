import { expect, test } from 'vitest';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { copyOf } from '../fakes.ts';
import { ci, dependenciesOf, junitReport, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { playedOnce } from '../played-once.ts';
import { type Story, toGoNoGo, toStability } from '../story.ts';

const started = async (): Promise<Story> => {
  const deps = dependenciesOf(twoGates);
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

const trailOf = async ({ deps, run }: Story): Promise<readonly string[]> =>
  (await deps.trail.read(`run/${run}`, { prefix: '' })).map(({ hash }) => hash);

const passFirstGate = async (story: Story): Promise<void> => {
  await recordEvidence(story.deps, reportOfRun(story.run, story.deps, junitReport(3)), ci);
  await story.machine.settle();
};

/** What a part keeps where everybody sees it. */
const keptBy = (part: object): object =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value instanceof Map || value instanceof Set || Array.isArray(value)));

test('a story is played once, and who changes a copy of it changes no other one', async () => {
  let played = 0;
  const story = playedOnce(async () => {
    played += 1;
    return started();
  });
  const [first, second] = [await story(), await story()];
  const before = await trailOf(second);
  await passFirstGate(first);
  expect([first.machine.at(), second.machine.at(), (await story()).machine.at()]).toEqual(['phase-2', 'phase-1', 'phase-1']);
  expect([await trailOf(second), await trailOf(await story())]).toEqual([before, before]);
  expect(played).toBe(1);
});

test('a copy has all that the fakes keep', async () => {
  const first = await toStability();
  const copy = copyOf(first.deps) ?? expect.fail('it is not over the fakes');
  for (const [name, part] of Object.entries(first.deps.controls))
    if (typeof part === 'object' && !Array.isArray(part)) expect(keptBy(copy.controls[name as 'store']), name).toEqual(keptBy(part));
  expect([...copy.controls.store.tables.keys()]).not.toEqual([]);
});

test('a copy goes on as the story itself would have: clock, tokens, links and requests are the same', async () => {
  const first = await started();
  const deps = copyOf(first.deps) ?? expect.fail('it is not over the fakes');
  const copy: Story = { ...first, deps, machine: first.machine.over(deps) };
  for (const one of [first, copy]) await passFirstGate(one);
  expect(await trailOf(copy)).toEqual(await trailOf(first));
  expect(copy.deps.random.token(32)).toBe(first.deps.random.token(32));
  expect(await copy.deps.index.list({ limit: 10 })).toEqual(await first.deps.index.list({ limit: 10 }));
});

test('what copies share can be changed by none of them', async () => {
  const { deps, run } = await toGoNoGo();
  const [stored] = await deps.trail.read(`run/${run}`, { prefix: '' });
  expect(() => Object.assign(stored?.event.data ?? {}, { reason: 'another one' })).toThrow(TypeError);
  const [mail] = deps.controls.mailer.mails;
  expect(() => Object.assign(mail ?? {}, { text: 'another one' })).toThrow(TypeError);
});

test('a story over dependencies that a test has put together is played each time', async () => {
  let played = 0;
  const story = playedOnce(async () => {
    played += 1;
    const { deps, ...rest } = await started();
    return { ...rest, deps: { ...deps } };
  });
  await story();
  const once = played;
  await story();
  expect(played).toBe(once + 1);
});
