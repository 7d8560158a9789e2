import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const commit = 'c'.repeat(40);
const digest = `sha256:${'d'.repeat(64)}`;

const view = (change: object = {}) => ({
  run: 'r1',
  service: 'shop',
  environment: 'production',
  version: '1',
  commit,
  artifacts: [{ component: 'web', digest }],
  changes: [],
  risk: 'low',
  impact: 'low',
  startedAt: '2026-03-02T08:00:00.000Z',
  starter: 'p-1',
  plannedT0: 'when-released',
  definition: { name: 'Production Deployment Checklist', version: '1.0.0', digest: 'e'.repeat(64) },
  graph: 'f'.repeat(64),
  stage: 'production',
  local: false,
  waitScale: 1,
  outcome: 'running',
  gate: 'phase-1',
  gates: [gate()],
  deviations: [],
  disclosures: [],
  deployments: [],
  observations: [],
  checkCounts: { pass: 0, fail: 1, inconclusive: 0, missing: 0, error: 0, waived: 0, notApplicable: 0 },
  events: 7,
  closed: false,
  ...change,
});
const gate = (change: object = {}) => ({
  id: 'phase-1',
  title: 'Pre-Deployment Verification',
  state: 'waiting',
  openedAt: '2026-03-02T08:00:00.000Z',
  settledAt: null,
  due: null,
  reasons: [],
  checks: [],
  approvals: [],
  regressions: [],
  ...change,
});
const settled = (outcome: string) => view({ gates: [gate({ state: outcome, settledAt: '2026-03-02T09:00:00.000Z' })] });

describe('holdpoint wait', () => {
  /** A terminal whose clock goes on with every pause, and whose server answers one thing after the other. */
  const waiting = (answers: readonly (() => Response)[], env: Record<string, string> = {}) => {
    let now = Date.parse('2026-03-02T08:00:00.000Z');
    let turn = 0;
    return terminal(() => (answers[Math.min(turn++, answers.length - 1)] ?? expect.fail('no answer is left'))(), env, {
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

  test('exits 0 when the gate is released, 1 when it ended otherwise', async () => {
    expect(await run(argv, waiting([() => json(view()), () => json(settled('passed'))]).io)).toBe(0);
    expect(await run(argv, waiting([() => json(settled('rejected'))]).io)).toBe(1);
  });

  test('says each reason once while it waits, and that its time is over', async () => {
    const { io, said } = waiting([() => json(view({ gates: [gate({ state: 'blocked', reasons: ['No secrets: missing'] })] }))]);
    expect(await run([...argv, '--timeout', '9'], io)).toBe(1);
    expect(said.err).toBe(
      'Pre-Deployment Verification: held, No secrets: missing\nPre-Deployment Verification has not settled within 9 s\n',
    );
  });

  test('puts up with lost answers for a while, but not with an address that never answered', async () => {
    expect(await run(argv, waiting([() => json(view()), silent, silent, silent, () => json(settled('passed'))]).io)).toBe(0);
    expect(await run(argv, waiting([silent, () => json(settled('passed'))]).io)).toBe(3);
    expect(await run(argv, waiting([() => json(view()), silent]).io)).toBe(3);
  });

  test('names the gates there are when there is none of that name', async () => {
    const { io, said } = waiting([() => json(view())]);
    expect(await run(['wait', 'r1', '--gate', 'phase-9'], io)).toBe(2);
    expect(said.err).toContain('the run has no gate phase-9; it has phase-1');
  });
});

const paints = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');

describe('holdpoint status', () => {
  const hostile = 'a test \u001b[2Jnamed | <img src=x> \u202eevil\nand more';
  const line = {
    check: 'no-secrets',
    title: 'No secrets in the code',
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
    said: null,
    subjects: [],
  };
  const shown = () => json(view({ gates: [gate({ state: 'blocked', reasons: [hostile], checks: [line] })], disclosures: [hostile] }));

  test('shows nothing that steers the terminal, whatever a report says', async () => {
    const { io, said } = terminal(shown);
    expect(await run(['status', 'r1'], io)).toBe(0);
    expect(said.out).toContain('a test [2Jnamed | <img src=x> evil and more');
    expect(said.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('fits a narrow terminal, and breaks nothing where there is none', async () => {
    const narrow = terminal(shown, {}, { columns: 60, coloured: true });
    await run(['status', 'r1'], narrow.io);
    const visible = narrow.said.out.replace(paints, '').split('\n');
    expect(Math.max(...visible.map((one) => one.length))).toBeLessThanOrEqual(60);
    const wide = terminal(shown);
    await run(['status', 'r1'], wide.io);
    expect(wide.said.out.split('\n').length).toBeLessThan(visible.length);
  });

  test('writes the summary of a CI job with nothing in it that is markup, and is not failed by it', async () => {
    const { io, said } = terminal(shown, { GITHUB_STEP_SUMMARY: '/summary' });
    expect(await run(['status', 'r1', '--json'], io)).toBe(0);
    expect(said.summary).toContain('| ✗ fail | No secrets in the code | observed | a test \\[2Jnamed \\| \\<img src=x\\> evil and more |');
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
    expect(readOnly.said.err).toContain('no job summary: EACCES');
  });
});

describe('who speaks on a local stage', () => {
  const asked = async (...argv: string[]) => {
    const who: string[] = [];
    const { io } = terminal(
      () => new Response('{}', { status: 500 }),
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

  test('is the owner of the line, unless somebody else is named', async () => {
    expect(await asked(...attest('backup-of-production'))).toBe('operations-lead');
    expect(await asked(...attest('users-positive'))).toBe('product-owner');
    expect(await asked('waive', 'r1', 'final-code-review', '--reason', 'ill', '--until', '2026-12-01T00:00:00Z')).toBe('technical-lead');
    expect(await asked(...attest('backup-of-production'), '--as', 'tove')).toBe('tove');
  });

  test('is CI for what CI does, and an auditor for what only reads', async () => {
    expect(await asked('evidence', 'r1', 'unit.xml', '--commit', commit)).toBe('ci');
    expect(await asked('status', 'r1')).toBe('auditor');
  });
});

test('deviations of one line are one sentence', async () => {
  const deviation = {
    check: 'soak-24h',
    document: 86_400,
    here: 15,
    reason: 'A laptop is not watched for a day.',
    approver: 'operations-lead',
  };
  const deviations = [
    { ...deviation, parameter: 'minDurationSeconds' },
    { ...deviation, parameter: 'minPoints', document: 1440, here: 30 },
  ];
  const { io, said } = terminal(() => json(view({ deviations })));
  await run(['status', 'r1'], io);
  expect(said.out.split('\n')).toContain(
    'Deviation: soak-24h: minDurationSeconds 15 instead of 86400, minPoints 30 instead of 1440. A laptop is not watched for a day. Accepted by operations-lead.',
  );
});
