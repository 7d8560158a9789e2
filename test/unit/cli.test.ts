import { describe, expect, test } from 'vitest';
import { problemSchema } from '../../lib/api/problem.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { commands } from '../../lib/cli/commands.ts';
import { run } from '../../lib/cli/main.ts';
import { argvOf, commit, digest, exampleWorld } from './example-world.ts';
import { json, terminal } from './terminal.ts';

const startArgs = [
  'start',
  '--service',
  'shop',
  '--environment',
  'production',
  '--version',
  '1',
  '--commit',
  commit,
  '--artifact',
  `web=${digest}`,
  '--reason',
  'a release for the tests',
];

const loaded = await Promise.all(
  commands.map(async ({ name, short, summary, load }) => [name, { short, summary, ...(await load()) }] as const),
);

describe('the command line', () => {
  test('without a command prints the help and exits 2', async () => {
    const { io, said } = terminal();
    expect(await run([], io)).toBe(2);
    expect(said.out).toContain('holdpoint COMMAND');
  });

  test('an unknown command and an unknown option are wrong usage', async () => {
    const { io, said } = terminal();
    expect(await run(['launch'], io)).toBe(2);
    expect(said.err).toContain('no such command: launch');
    expect(await run(['status', 'r', '--verbose'], io)).toBe(2);
    expect(said.err).toContain('Usage: holdpoint status');
  });

  describe.each(loaded)('%s --help', (name, command) => {
    test('says what it is bound to and what its defaults are, with two examples at least', () => {
      expect(new Set(command.examples).size).toBeGreaterThanOrEqual(2);
      for (const text of [command.binds, command.defaults]) expect(text).toMatch(/^.{3,}[^.]$/s);
    });

    test('shows the usage and the examples', async () => {
      const { io, said } = terminal();
      expect(await run([...name.split(' '), '--help'], io)).toBe(0);
      for (const part of [command.summary, command.usage, command.binds, command.defaults, ...command.examples])
        expect(said.out).toContain(part);
      expect(command.usage).toMatch(new RegExp(`^holdpoint ${name}\\b`));
    });

    // 3: the arguments were understood and the request was sent, but the server did not answer. 0: the command needs no server.
    // 1: a probe got no answer.
    test.each(command.examples)('the example can be copied: %s', async (example) => {
      const { io } = terminal(
        () => {
          throw new TypeError('fetch failed');
        },
        { XDG_CONFIG_HOME: '/nowhere', GITLAB_TOKEN: 'gitlab-token' },
        exampleWorld,
      );
      expect(example).toMatch(new RegExp(`^holdpoint (${name}|${command.short ?? name})( |$)`));
      const argv = argvOf(example);
      expect(name === 'probe' ? [1] : [0, 3]).toContain(await run(argv, io));
    });
  });

  test('checklist --json is the built-in listing when there is no server', async () => {
    const { io, said } = terminal();
    expect(await run(['checklist', '--json'], { ...io, env: {} })).toBe(0);
    const { evidenceTypes, ...list } = JSON.parse(said.out) as { evidenceTypes: { id: string; fileNames: string[] }[] };
    expect(list).toEqual(JSON.parse(JSON.stringify(listing(baseChecklist))));
    expect(evidenceTypes.find(({ id }) => id === 'series')?.fileNames).toEqual(['*series*.json']);
    expect(said.asked).toHaveLength(0);
  });

  test('start sends the release with an idempotency key', async () => {
    const { io, said } = terminal(() =>
      json({ run: '20260302-080000-abcdefghjk', startedAt: '2026-03-02T08:00:00.000Z', gate: 'phase-1', definition: 'e'.repeat(64) }, 201),
    );
    expect(await run(startArgs, io)).toBe(0);
    expect(said.asked[0]).toMatchObject({ method: 'POST', url: 'https://holdpoint.test/v1/runs' });
    expect(said.asked[0]?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(said.asked[0]?.body ?? '{}')).toMatchObject({
      service: 'shop',
      artifacts: [{ component: 'web', digest }],
      plannedT0: 'when-released',
    });
    expect(said.out).toContain('run 20260302-080000-abcdefghjk started\npage https://holdpoint.test/runs/20260302-080000-abcdefghjk\n');
    const asJson = terminal(() =>
      json({ run: 'r1', startedAt: '2026-03-02T08:00:00.000Z', gate: 'phase-1', definition: 'e'.repeat(64) }, 201),
    );
    expect(await run([...startArgs, '--json'], asJson.io)).toBe(0);
    expect(JSON.parse(asJson.said.out)).toMatchObject({ run: 'r1', page: 'https://holdpoint.test/runs/r1', gate: 'phase-1' });
  });

  test('a malformed digest is wrong usage, and nothing is sent', async () => {
    const { io, said } = terminal();
    expect(
      await run(
        startArgs.map((arg) => (arg.startsWith('web=') ? 'web=latest' : arg)),
        io,
      ),
    ).toBe(2);
    expect(said.err).toContain('expected COMPONENT=sha256:');
    expect(said.asked).toHaveLength(0);
  });

  test('evidence recognises a report by its file name, and exits 1 when a check does not pass', async () => {
    const { io, said } = terminal(() =>
      json(
        {
          event: 'f'.repeat(32),
          digest: 'a'.repeat(64),
          judged: [{ check: 'no-regressions', verdict: 'fail', reason: '3 tests, 1 failed', attempt: 1 }],
          notCounted: [],
          unused: null,
          alreadyRecorded: false,
        },
        201,
      ),
    );
    expect(await run(['evidence', 'r1', 'unit.xml', '--commit', commit], io)).toBe(1);
    expect(said.asked[0]?.url).toContain('/v1/runs/r1/evidence/junit?');
    expect(said.asked[0]?.body).toBe('<testsuite/>');
    expect(said.out).toContain('3 tests, 1 failed');
    // As old as the file, and a result by itself: the same file sent again is the same report.
    const query = new URL(said.asked[0]?.url ?? '').searchParams;
    expect([query.get('madeAt'), query.get('producerRun')]).toEqual(['2026-03-02T07:30:00.000Z', 'by-hand-2026-03-02T07:30:00.000Z']);
  });

  test('evidence that serves no check is an error, unless it is allowed, and the exit code of the tool goes along', async () => {
    const unused = { event: 'f'.repeat(32), digest: 'a'.repeat(64), judged: [], notCounted: [], alreadyRecorded: false };
    const reply = () => json({ ...unused, unused: 'no-secrets needs a SARIF log of gitleaks' }, 201);
    const argv = ['evidence', 'r1', 'unit.xml', '--commit', commit, '--exit-code', '1'];
    const { io, said } = terminal(reply);
    expect(await run(argv, io)).toBe(1);
    expect(said.out).toContain('no-secrets needs a SARIF log of gitleaks');
    expect(new URL(said.asked[0]?.url ?? '').searchParams.get('exitCode')).toBe('1');
    expect(await run([...argv, '--allow-unused'], terminal(reply).io)).toBe(0);
    expect(await run(['evidence', 'r1', 'unit.xml', '--commit', commit, '--exit-code', '$?'], io)).toBe(2);
  });

  test('prints a refusal as sentences and exits 1', async () => {
    const problem = {
      type: 'https://holdpoint.dev/problems/run-unknown',
      title: 'No such run',
      status: 404,
      detail: 'There is no run r1.',
      fix: 'List the runs.',
      instance: 'x',
    };
    const { io, said } = terminal(() => json(problem, 404, 'application/problem+json'));
    expect(await run(['status', 'r1'], io)).toBe(1);
    expect(said.err).toContain('No such run. There is no run r1.');
    expect(said.err).toContain('List the runs.');
  });

  test('no answer exits 3', async () => {
    const { io, said } = terminal(() => {
      throw new TypeError('connect ECONNREFUSED');
    });
    expect(await run(['status', 'r1'], io)).toBe(3);
    expect(said.err).toContain('no answer');
  });

  test('no server address is wrong usage, and the message says what to set', async () => {
    const { io, said } = terminal();
    expect(await run(['status', 'r1'], { ...io, env: {} })).toBe(2);
    expect(said.err).toContain('HOLDPOINT_URL');
  });

  test.each([
    [['status', 'r1'], 3, 'unreachable'],
    [['status'], 2, 'usage'],
    [['launch'], 2, 'usage'],
    [['status', 'r1', '--url', 'nonsense'], 2, 'usage'],
    [['evidence', 'r1', 'unit.xml', '--commit', commit, '--producer-attempt', 'x'], 2, 'usage'],
  ])('%j --json prints the fault as one document', async (argv, code, type) => {
    const { io, said } = terminal(() => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') });
    });
    expect(await run([...argv, '--json'], io)).toBe(code);
    const problem = problemSchema.parse(JSON.parse(said.out));
    expect(problem.type).toBe(`https://holdpoint.dev/problems/${type}`);
    expect(said.err).toBe('');
    if (code === 3) expect(said.out).toContain('connect ECONNREFUSED 127.0.0.1:9');
  });

  test('prints an unexpected fault as one sentence, without its stack', async () => {
    const { io, said } = terminal(
      undefined,
      {},
      {
        local: async () => {
          throw new RangeError('out of range');
        },
      },
    );
    expect(await run(['status', 'r1'], { ...io, env: {} })).toBe(1);
    expect(said.err).toBe('holdpoint status: out of range\n');
  });

  test('an artifact is one component and one digest, with nothing after it', async () => {
    const { io } = terminal();
    expect(
      await run(
        startArgs.map((arg) => (arg.startsWith('web=') ? `${arg}=more` : arg)),
        io,
      ),
    ).toBe(2);
  });
});
