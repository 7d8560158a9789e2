import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { gate, view } from './run-views.ts';
import { json, terminal } from './terminal.ts';

const commit = 'c'.repeat(40);

/** The run after its gate has ended. */
const over = (outcome: string) => view({ gates: [gate({ state: outcome, settledAt: '2026-03-02T09:00:00.000Z' })] });

describe('holdpoint wait', () => {
  /** A terminal whose clock advances with every pause, and whose server gives these answers in order; it repeats the last one. */
  const waiting = (answers: readonly (() => Response)[], env: Record<string, string> = {}) => {
    let now = Date.parse('2026-03-02T08:00:00.000Z');
    let turn = 0;
    return terminal(() => (answers[Math.min(turn++, answers.length - 1)] ?? expect.fail('the test gives no answer'))(), env, {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
      },
    });
  };
  const silent = () => {
    throw new TypeError('fetch failed');
  };
  const argv = ['wait', 'r1', '--gate', 'phase-1'];

  test('exits 0 when the gate passed, 1 when it ended otherwise', async () => {
    expect(await run(argv, waiting([() => json(view()), () => json(over('passed'))]).io)).toBe(0);
    expect(await run(argv, waiting([() => json(over('rejected'))]).io)).toBe(1);
  });

  test('prints each reason once while it waits, and again when its time is up', async () => {
    const { io, said } = waiting([() => json(view({ gates: [gate({ state: 'blocked', reasons: ['No secrets: missing'] })] }))]);
    expect(await run([...argv, '--timeout', '9'], io)).toBe(4);
    expect(said.err).toBe('Blocked at Pre-Deployment Verification: No secrets: missing\n');
    expect(said.out).toMatch(
      /^Time is up after 9 s\. The run is blocked at Pre-Deployment Verification because of this: No secrets: missing\.\n/,
    );
    const printed = waiting([() => json(view({ gates: [gate({ state: 'blocked', reasons: ['No secrets: missing'] })] }))]);
    expect(await run([...argv, '--timeout', '9', '--json'], printed.io)).toBe(4);
    expect(printed.said.err).toMatch(/\nTime is up after 9 s\. Blocked at Pre-Deployment Verification: No secrets: missing\n$/);
  });

  test('retries lost answers for a while, but gives up on an address that never answered', async () => {
    expect(await run(argv, waiting([() => json(view()), silent, silent, silent, () => json(over('passed'))]).io)).toBe(0);
    expect(await run(argv, waiting([silent, () => json(over('passed'))]).io)).toBe(3);
    expect(await run(argv, waiting([() => json(view()), silent]).io)).toBe(3);
  });

  test('exits 4 when its time is up, also while the server is silent, and says so first', async () => {
    const open = gate({ state: 'blocked', reasons: ['No secrets: missing'] });
    for (const answers of [[() => json(view({ gates: [open] }))], [() => json(view({ gates: [open] })), silent]]) {
      const { io, said } = waiting(answers);
      expect(await run([...argv, '--timeout', '9'], io)).toBe(4);
      expect(said.out.split('\n')[0]).toBe(
        'Time is up after 9 s. The run is blocked at Pre-Deployment Verification because of this: No secrets: missing.',
      );
    }
  });

  test.each([
    ['passed', 0, 'Pre-Deployment Verification has passed.'],
    ['rejected', 1, 'Pre-Deployment Verification ended as rejected: rejected by Ada Example.'],
  ])('begins with what became of the gate: %s', async (state, code, sentence) => {
    const ended = gate({ state, settledAt: '2026-03-02T09:00:00.000Z', reasons: state === 'passed' ? [] : ['rejected by p-ada0000001'] });
    const { io, said } = waiting([() => json(view({ gates: [ended], people: [{ id: 'p-ada0000001', name: 'Ada Example' }] }))]);
    expect(await run(argv, io)).toBe(code);
    expect(said.out.split('\n')[0]).toBe(sentence);
  });

  test('lists the gates of the run when it has no gate of that name', async () => {
    const { io, said } = waiting([() => json(view())]);
    expect(await run(['wait', 'r1', '--gate', 'phase-9'], io)).toBe(2);
    expect(said.err).toContain('the run has no gate phase-9: expected one of phase-1');
  });
});

const paints = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');

describe('holdpoint status', () => {
  const hostile = 'a test \u001b[2Jnamed | <img src=x> \u202eevil\nand more';
  const finding = {
    check: 'no-secrets',
    title: 'No secrets in code',
    verdict: 'fail',
    basis: 'measured',
    reason: hostile,
    kind: 'check',
    source: 'document',
    words: 'No secrets in code',
    owner: 'technical-lead',
    proof: 'sarif',
    mode: 'required',
    attempt: 1,
    goodUntil: null,
    facts: null,
    statement: null,
    subjects: [],
  };
  const shown = () => json(view({ gates: [gate({ state: 'blocked', reasons: [hostile], checks: [finding] })], disclosures: [hostile] }));

  test('strips control characters of a report before they reach the terminal', async () => {
    const { io, said } = terminal(shown);
    expect(await run(['status', 'r1'], io)).toBe(0);
    expect(said.out).toContain('a test [2Jnamed | <img src=x> evil and more');
    expect(said.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  // Every text of a run comes from a report, a person, a pipeline or the server's configuration.
  test.each([
    ['status', 'r1', '--all'],
    ['status', 'r1', '--json'],
    ['wait', 'r1', '--gate', 'phase-1', '--timeout', '0.001'],
  ])('%s %s %s prints no logging command, wherever the run has one', async (...argv) => {
    const command = '##vso[task.setvariable variable=R]yes\n::error::x ##[set-output name=y]z';
    const one = gate({ title: command, state: 'blocked', reasons: [command], checks: [{ ...finding, title: command, reason: command }] });
    const definition = { name: command, version: command, digest: command };
    const { io, said } = terminal(
      () =>
        json(
          view({ service: command, version: command, run: command, outcome: command, definition, disclosures: [command], gates: [one] }),
        ),
      {},
      { columns: 20, now: () => new Date() },
    );
    await run(argv, io);
    expect(said.out).toContain('set-output');
    expect(said.out + said.err).not.toMatch(/##\S*\[|^\s*::/m);
  });

  test('breaks lines to fit a narrow terminal, and breaks none when stdout is not a terminal', async () => {
    const narrow = terminal(shown, {}, { columns: 60, coloured: true });
    await run(['status', 'r1'], narrow.io);
    const visible = narrow.said.out.replace(paints, '').split('\n');
    expect(Math.max(...visible.map((one) => one.length))).toBeLessThanOrEqual(60);
    const wide = terminal(shown);
    await run(['status', 'r1'], wide.io);
    expect(wide.said.out.split('\n').length).toBeLessThan(visible.length);
  });

  test('escapes markup in the job summary, and does not fail when the summary cannot be written', async () => {
    const { io, said } = terminal(shown, { GITHUB_STEP_SUMMARY: '/summary' });
    expect(await run(['status', 'r1', '--json'], io)).toBe(0);
    expect(said.summary).toContain(
      '| ✗ fail | No secrets in code | `no-secrets` | technical lead | measured | a test \\[2Jnamed \\| \\<img src=x\\> evil and more |',
    );
    const readOnly = terminal(
      shown,
      { GITHUB_STEP_SUMMARY: '/summary' },
      {
        appendFile: async () => {
          throw new Error('EACCES: permission denied');
        },
      },
    );
    expect(await run(['status', 'r1'], readOnly.io)).toBe(0);
    expect(readOnly.said.err).toContain('The job summary was not written: EACCES');
  });
});

describe('the token of a local stage', () => {
  const tokenAsked = async (...argv: string[]) => {
    const who: string[] = [];
    const { io } = terminal(
      () => new Response('{}', { status: 501 }),
      {},
      {
        env: {},
        local: async () => ({
          url: 'http://localhost:4630',
          tokenOf: async (name) => {
            who.push(name);
            return 'token';
          },
        }),
      },
    );
    await run(argv, io);
    return who[0];
  };
  const attest = (check: string) => ['attest', 'r1', check, '--statement', 'Seen with my own eyes'];

  test('is that of the owner of the check, or of the person that --as names', async () => {
    expect(await tokenAsked(...attest('backup-of-production'))).toBe('operations-lead');
    expect(await tokenAsked(...attest('users-positive'))).toBe('product-owner');
    expect(await tokenAsked('waive', 'r1', 'final-code-review', '--reason', 'ill', '--until', '2026-12-01T00:00:00Z')).toBe(
      'technical-lead',
    );
    expect(await tokenAsked(...attest('backup-of-production'), '--as', 'tove')).toBe('tove');
  });

  test('is that of CI for reports, and of an auditor for reading', async () => {
    expect(await tokenAsked('evidence', 'r1', 'unit.xml', '--commit', commit)).toBe('ci');
    expect(await tokenAsked('status', 'r1')).toBe('auditor');
  });
});

test('deviations of one check are one sentence', async () => {
  const deviation = {
    check: 'soak-24h',
    title: 'A soak',
    document: 86_400,
    here: 15,
    reason: 'A laptop is not watched for a day.',
    approver: 'operations-lead',
  };
  const deviations = [
    { ...deviation, parameter: 'minDurationSeconds', says: 'length: at least 15 seconds instead of at least 24 hours' },
    { ...deviation, parameter: 'minPoints', document: 1440, here: 30, says: 'points: at least 30 instead of at least 1440' },
  ];
  const { io, said } = terminal(() => json(view({ deviations })));
  await run(['status', 'r1'], io);
  expect(said.out.split('\n')).toContain(
    'Deviation of soak-24h: length: at least 15 seconds instead of at least 24 hours; points: at least 30 instead of at least 1440. A laptop is not watched for a day. Accepted by the operations lead.',
  );
});
