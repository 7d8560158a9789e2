import { expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const event = {
  v: 1,
  id: 'a'.repeat(32),
  scope: 'run/r1',
  lane: 'check/phase-1/no-regressions',
  seq: 2,
  prev: 'b'.repeat(64),
  type: 'check.judged',
  at: '2026-03-02T08:00:00.000Z',
  actor: { kind: 'ci', id: 'ci-main' },
  mac: null,
  data: { check: 'no-regressions', verdict: 'fail', reason: '1 of 3 tests failed\n##vso[task.complete]' },
  hash: 'c'.repeat(64),
};

const said = async (argv: readonly string[], answer: object) => {
  const { io, said: texts } = terminal(() => json(answer));
  const code = await run(argv, io);
  return { code, query: Object.fromEntries(new URL(texts.asked[0]?.url ?? 'https://none.test').searchParams), ...texts };
};

test('events searches a run with filters and shows one line for each', async () => {
  const found = await said(['events', 'r1', '--check', 'no-regressions', '--outcome', 'fail'], { events: [event], next: null });
  expect(found.query).toEqual({ run: 'r1', check: 'no-regressions', outcome: 'fail' });
  expect([found.code, found.out]).toEqual([
    0,
    '2026-03-02T08:00:00.000Z  check.judged  no-regressions: fail, 1 of 3 tests failed # #vso[task.complete]  by ci-main  run/r1 check/phase-1/no-regressions#2\n',
  ]);
});

test('events searches a service since a duration, and says how to go on', async () => {
  const found = await said(['events', '--service', 'shop', '--since', '24h', '--until', '2026-03-02', '--limit', '5'], {
    events: [],
    next: 'cursor-2',
    searched: ['r1', 'r2'],
  });
  expect(found.query).toEqual({ service: 'shop', from: '2026-03-01T08:00:00.000Z', to: '2026-03-02T00:00:00Z', limit: '5' });
  expect(found.out).toBe(
    'No event fits here; older ones may.\nSearched: 2 runs of shop.\nMore: repeat the command with --cursor cursor-2\n',
  );
  const nobody = await said(['events', 'r1', '--actor', 'Petra Prodct'], {
    events: [],
    next: null,
    actor: { id: 'Petra Prodct', known: false },
  });
  expect(nobody.query).toEqual({ run: 'r1', actor: 'Petra Prodct' });
  expect(nobody.out).toBe(
    'No event of r1 fits.\nThe roster has nobody of this name or id, and no event that was searched is by such a CI identity.\n',
  );
  const answer = { events: [event], next: null, searched: ['r1'] };
  expect(JSON.parse((await said(['events', '--service', 'shop', '--json'], answer)).out)).toEqual(answer);
});

test('events needs a run or a service, and a time that it knows', async () => {
  expect(await said(['events'], {})).toMatchObject({ code: 2, err: expect.stringContaining('expected RUN or --service NAME'), asked: [] });
  expect(await said(['events', 'r1', '--service', 'shop'], {})).toMatchObject({ code: 2 });
  expect(await said(['events', 'r1', '--since', 'yesterday'], {})).toMatchObject({
    code: 2,
    err: expect.stringContaining('--since yesterday'),
  });
});
