import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { fitted, jsonText, plain } from '../../lib/cli/plain.ts';
import { json, terminal } from './terminal.ts';

const vso = '##vso[task.setvariable variable=RELEASED]yes';
const hostile = `a \u001b]0;owned\u0007 \u009b31m \u202e\n::error::x\r::set-output name=y::1 ${vso} ##[set-output name=z]1 ##teamcity[buildStop]`;

/** What a runner would obey: GitHub and Forgejo, Azure DevOps, TeamCity. */
const obeyed = /##\S*\[|^\s*::/m;
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('a text of others on a line', () => {
  test.each([
    ['a logging command of Azure DevOps', `failed: ${vso}`, 'failed: # #vso[task.setvariable variable=RELEASED]yes'],
    ['one of GitHub, old form', 'x##[add-mask]y', 'x# #[add-mask]y'],
    ['one of TeamCity', "##teamcity[message text='x']", "# #teamcity[message text='x']"],
    ['one that breaking another would make', '###[error]', '## #[error]'],
    ['one of GitHub, at the start', '::error::x', ': :error::x'],
    ['the same after spaces, where a line may be broken', '  ::error::x ::warning::y', '  : :error::x : :warning::y'],
    ['the same after a no-break space, which runners trim', '\u00a0::error::x', '\u00a0: :error::x'],
    ['the same after a line break', 'a\n::error::x', 'a : :error::x'],
    ['one that a removed character would make', '##\u200bvso[x] :\u200b:error::', '## vso[x] : :error::'],
    ['a scope and a heading, which are no commands', 'std::vector ## Title [1]', 'std::vector ## Title [1]'],
    ['spaces that nothing follows', 'a   b', 'a   b'],
    ['line separators', 'a\u2028b\u2029c', 'a b c'],
    ['a title for the terminal', 'a \u001b]0;owned\u0007 b', 'a ]0;owned b'],
  ])('%s', (_, text, shown) => {
    expect(plain(text)).toBe(shown);
    expect(plain(shown)).toBe(shown);
  });

  test('takes time in proportion to its length', () => {
    const spaces = ' '.repeat(200_000);
    const began = performance.now();
    plain(`${spaces}a${spaces}`);
    plain('#'.repeat(200_000));
    fitted(`a${spaces}`, 80, 2);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test('a JSON document keeps the very text, in a form that no runner and no terminal obeys', () => {
  const text = jsonText({ text: hostile, '##[x]': '###[y]' });
  expect(text).not.toMatch(obeyed);
  expect(text.replaceAll('\n', '')).not.toMatch(steering);
  expect(JSON.parse(text)).toEqual({ text: hostile, '##[x]': '###[y]' });
});

describe('nothing that a server says is obeyed', () => {
  const problem = {
    type: hostile,
    title: hostile,
    status: 400,
    detail: hostile,
    got: hostile,
    expected: hostile,
    fix: hostile,
    instance: 'x',
  };
  const judged = {
    event: hostile,
    digest: 'a'.repeat(64),
    judged: [{ check: hostile, verdict: 'fail', reason: hostile, attempt: 1 }],
    notCounted: [{ check: hostile, why: hostile }],
    unused: hostile,
    alreadyRecorded: false,
  };
  const started = { run: hostile, startedAt: hostile, gate: hostile, definition: hostile };
  const status = ['status', 'r1'];
  const evidence = ['evidence', 'r1', 'unit.xml', '--commit', 'c'.repeat(40)];
  const start = 'start --service s --environment e --version 1 --commit c --reason because'.split(' ');
  const cases: readonly (readonly [string, readonly string[], () => Response])[] = [
    ['a problem document', status, () => json(problem, 400, 'application/problem+json')],
    ['a body that is no problem document', status, () => new Response(`\n${hostile}`, { status: 501 })],
    ['an answer that cannot be parsed', status, () => json({ run: hostile })],
    ['an outcome of evidence', evidence, () => json(judged, 201)],
    ['a started run', [...start, '--artifact', `web=sha256:${'d'.repeat(64)}`], () => json(started, 201)],
    [
      'a fault of the network',
      status,
      () => {
        throw new TypeError('fetch failed', { cause: new Error(hostile) });
      },
    ],
  ];
  test.each(
    cases.flatMap(([what, argv, answer]) => [[what, argv, answer] as const, [`${what}, as JSON`, [...argv, '--json'], answer] as const]),
  )('%s', async (_, argv, answer) => {
    // As on a terminal that breaks lines, so that any word may begin one.
    const { io, said } = terminal(answer, { HOLDPOINT_DEBUG: '1' }, { columns: 20 });
    await run(argv, io);
    const printed = said.out + said.err;
    expect(printed).toMatch(/owned|cannot parse/);
    expect(printed).not.toMatch(obeyed);
    expect(printed.replaceAll('\n', '')).not.toMatch(steering);
  });

  test('an argument or a command that a pipeline passed on', async () => {
    for (const argv of [
      [vso],
      ['status', 'r1', vso],
      ['status', `--${vso}`],
      ['evidence', 'r1', 'unit.xml', '--commit', 'c', '--exit-code', vso],
    ]) {
      const { io, said } = terminal();
      expect(await run(argv, io)).toBe(2);
      expect(said.err).toContain('# #vso[');
      expect(said.err).not.toMatch(obeyed);
    }
  });
});
