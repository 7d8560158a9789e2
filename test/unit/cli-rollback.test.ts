import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const id = '20260302-080000-abcdefghjk';
const event = 'a'.repeat(32);
const reason = 'Half of the orders fail.';

/** Runs one command line against a server that records everything, and returns what was sent. */
const sent = async (
  argv: readonly string[],
  answer: object = { event, alreadyRecorded: false, gate: '', decision: 'x', step: 's', answer: 'a', choice: 'c' },
) => {
  const { io, said } = terminal(() => json(answer, 201));
  const code = await run(argv, io);
  const [asked] = said.asked;
  const path = asked === undefined ? '' : new URL(asked.url).pathname.replace(`/v1/runs/${id}`, '');
  return { code, path, body: JSON.parse(asked?.body ?? 'null') as unknown, said };
};

describe('the commands of a rollback send', () => {
  test.each([
    [
      ['rollback', id, '--trigger', 'data-corruption-detected', '--reason', reason, '--shown', 'orders 4411 to 4420'],
      '/rollback',
      { trigger: 'data-corruption-detected', reason, shown: 'orders 4411 to 4420', evidence: [], decide: false },
    ],
    [
      ['rollback', id, '--trigger', 't', '--reason', reason, '--evidence', event, '--evidence', event, '--decide'],
      '/rollback',
      { trigger: 't', reason, evidence: [event, event], decide: true },
    ],
    [['rollback-decision', id, '--decision', 'continue', '--reason', reason], '/rollback/decision', { decision: 'continue', reason }],
    [
      ['rollback-step', id, 'stop-requests', '--done', '--attempt', '2', '--undo'],
      '/rollback/steps/stop-requests',
      { answer: 'done', action: 'undo', attempt: 2, detail: '' },
    ],
    [
      ['rollback-step', id, 'stop-requests', '--failed', '--attempt', '1', '--reason', reason],
      '/rollback/steps/stop-requests',
      { answer: 'failed', action: 'do', attempt: 1, detail: reason },
    ],
    [
      ['rollback-step', id, 'revert-version', '--by-hand', '--reason', reason, '--evidence', event],
      '/rollback/steps/revert-version',
      { answer: 'by-hand', reason, evidence: [event] },
    ],
    [['rollback-step', id, 'revert-version', '--retry', '--reason', reason], '/rollback/steps/revert-version', { answer: 'retry', reason }],
    [['rollback-step', id, 'revert-version', '--end', '--reason', reason], '/rollback/steps/revert-version', { answer: 'end', reason }],
    [['rollback-data', id, '--keep', '--reason', reason], '/rollback/data', { choice: 'keep', reason }],
    [
      ['rollback-data', id, '--restore', '--reason', reason, '--backup', '2026-03-02T03:00:00Z'],
      '/rollback/data',
      { choice: 'restore', reason, backupAt: '2026-03-02T03:00:00Z' },
    ],
  ] as const)('%j', async (argv, path, body) => {
    const done = await sent(argv);
    expect(done).toMatchObject({ code: 0, path });
    expect(done.body).toEqual(body);
  });

  test.each([
    [['rollback', id, '--reason', reason], '--trigger is missing'],
    [['rollback-decision', id, '--decision', 'wait', '--reason', reason], 'expected roll-back or continue'],
    [['rollback-step', id, 'sleep', '--retry', '--reason', reason], 'expected one of stop-requests, revert-version'],
    [['rollback-step', id, 'stop-requests'], 'got no answer, expected one of --done'],
    [['rollback-step', id, 'stop-requests', '--done', '--end', '--attempt', '1'], 'got --done and --end'],
    [['rollback-step', id, 'stop-requests', '--done'], '--attempt is missing'],
    [['rollback-step', id, 'stop-requests', '--done', '--attempt', 'one'], 'expected the number of the attempt'],
    [['rollback-step', id, 'stop-requests', '--failed', '--attempt', '1'], '--reason is missing'],
    [['rollback-step', id, 'stop-requests', '--retry', '--attempt', '1', '--reason', reason], '--attempt and --undo belong to'],
    [['rollback-step', id, 'stop-requests', '--end', '--reason', reason, '--evidence', event], 'use it with --by-hand'],
    [['rollback-data', id, '--reason', reason], 'one of --restore, --keep is missing'],
    [['rollback-data', id, '--keep', '--restore', '--reason', reason], 'got --restore and --keep'],
    [['rollback-data', id, '--keep', '--reason', reason, '--backup', 'x'], '--keep restores nothing'],
  ])('nothing for %j', async (argv, why) => {
    const { code, said } = await sent(argv);
    expect(code).toBe(2);
    expect(said.err).toContain(why);
    expect(said.asked).toHaveLength(0);
  });

  test('nothing new a second time, and say so', async () => {
    const { said } = await sent(['rollback-data', id, '--keep', '--reason', reason], { event, choice: 'keep', alreadyRecorded: true });
    expect(said.out).toBe('Decided: the data is kept. It was recorded before.\n');
  });
});
