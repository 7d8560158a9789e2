import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { findingsIn } from '../../lib/producers/scan.ts';
import { scanTools } from '../../lib/producers/scan-rules.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { sarifClean } from '../../lib/rules/sarif-clean.ts';
import { terminal } from './terminal.ts';

const rules = scanTools.flatMap((one) => [...one.rules]);
const found = (path: string, source: string): string[] =>
  (findingsIn({ path, source }, rules) ?? []).map(({ rule, line }) => `${rule} ${line}`);
// Put together here, because this repository has no such words in its own sources.
const todo = 'TO' + 'DO';
const fixme = 'FIX' + 'ME';

describe('a scan finds', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['a.ts', `const a = 1;\n// ${todo}: finish\n`, ['todo-comment 2']],
    ['a.ts', `/*\n * first\n * ${fixme} later\n */`, ['todo-comment 3']],
    ['a.py', `x = 1  # ${todo} finish`, ['todo-comment 1']],
    ['a.py', `def f():\n    """${todo}: document."""\n    return 1`, ['todo-comment 2']],
    ['a.sql', `select 1; -- ${todo}`, ['todo-comment 1']],
    ['a.html', `<p>text</p>\n<!-- ${todo} -->`, ['todo-comment 2']],
    ['Dockerfile', `FROM node\n# ${todo} pin`, ['todo-comment 2']],
    ['a.go', `package a\n// ${todo}(ole): x`, ['todo-comment 2']],
    ['a.ts', '// todo: finish', ['todo-comment 1']],
    ['a.ts', '/** @todo remove */', ['todo-comment 1']],
    ['a.php', '<?php\n/**\n * Pays.\n * @fixme twice\n */', ['todo-comment 4']],
    ['a.py', 'x = 1  # fixme', ['todo-comment 1']],
    ['a.go', 'package a\n// todo wire it up', ['todo-comment 2']],
    ['a.ts', "import sinon from 'sinon';", ['mock-library 1']],
    ['a.ts', "const x = require('nock');", ['mock-library 1']],
    ['a.py', 'from unittest.mock import patch', ['mock-library 1']],
    ['A.java', 'import org.mockito.Mockito;', ['mock-library 1']],
    ['a.go', 'import (\n\t"github.com/stretchr/testify/mock"\n)', ['mock-library 2']],
    ['a.ts', 'vi.mock("./a");', ['mock-call 1']],
    ['a.py', 'client = MagicMock()', ['mock-call 1']],
    ['a.ts', 'class MockPayment {}', ['mock-name 1']],
    ['a.ts', 'const fakeStore = {};', ['mock-name 1']],
    ['A.kt', 'class PaymentStub : Payment', ['mock-name 1']],
    ['a.ts', "throw new Error('not implemented');", ['not-implemented 1']],
    ['a.py', 'raise NotImplementedError', ['not-implemented 1']],
    ['a.rs', 'unimplemented!()', ['not-implemented 1']],
    ['A.cs', 'throw new NotImplementedException();', ['not-implemented 1']],
    ['A.kt', `fun pay() = ${todo}("later")`, ['not-implemented 1']],
    ['A.scala', 'def pay(): Int = ???', ['not-implemented 1']],
    ['A.scala', 'def pay(): Int = {\n  ???\n}', ['not-implemented 2']],
    ['A.php', '<?php\n$a = Mockery::mock(Mail::class);', ['mock-call 2']],
    ['A.php', '<?php\n$a = $this->createMock(Mail::class);', ['mock-call 2']],
    ['a.rb', 'mail = double("mail")', ['mock-call 1']],
    ['a.rb', 'mail = instance_double(Mail)', ['mock-call 1']],
    ['a.rb', 'allow(mail).to receive(:send)', ['mock-call 1']],
    ['bin/start', `#!/bin/sh\n# ${todo} stop`, ['todo-comment 2']],
    ['bin/start', `#!/usr/bin/env -S A=1 python3.12 -u\nx = 1  # ${todo}`, ['todo-comment 2']],
    ['bin/start', `#!/usr/bin/env node\nconst a = 1; // ${todo}`, ['todo-comment 2']],
    ['a.ts', '// stub implementation until the API is there', ['stub-comment 1']],
    ['a.tsx', `const a = (\n  <p>\n    ${todo}: write\n  </p>\n);`, ['todo-text 3']],
    ['a.jsx', 'const a = <b>Not implemented</b>;', ['unfinished-text 1']],
    ['a.tsx', `const a = <b>Don't</b>; // ${todo}`, ['todo-comment 1']],
  ])('in %s: %j', (path, source, expected) => {
    expect(found(path, source)).toEqual(expected);
  });
});

describe('a scan does not take for a finding', () => {
  test.each([
    ['a.tsx', `const a = <h1>My ${todo} list</h1>;`],
    ['a.tsx', `const a = <p>How we class FakeNews // ${todo}</p>;`],
    ['a.ts', `const text = 'Not implemented';`],
    ['a.ts', `const text = '// ${todo}';`],
    ['a.ts', `const text = "a \\" // ${todo}";`],
    ['a.ts', `const text = \`// ${todo} \${\`\${1} // ${todo}\`}\`;`],
    ['a.ts', `const form = /['"] \\/\\/ ${todo}/;`],
    ['a.ts', `const url = 'https://example.com/${todo}';`],
    ['a.py', `text = "# ${todo}"`],
    ['a.go', `text := \`// ${todo}\``],
    ['a.sh', `echo "$#${todo}"`],
    ['a.rs', "fn first<'a>(text: &'a str) -> &'a str { text } // keeps"],
    ['a.sh', 'ls ??? && rm log.???'],
    ['A.java', 'double A = 3; double b = Math.double("x");'],
    ['a.cpp', 'auto a = double(total) / 2;'],
    ['a.ts', 'const a = b ?? c; allow(user).to(receive);'],
    ['a.ts', '// a list of todos'],
    ['a.ts', '// todo items are kept for a week'],
    ['a.ts', 'const stubborn = 1; const mocking = 2; function fakir() {}'],
    ['a.ts', '// the mockingbird sings'],
    ['a.ts', 'const half = total / 2; const text = "a / b";'],
  ])('in %s: %j', (path, source) => {
    expect(found(path, source)).toEqual([]);
  });

  test('a file of a kind that it does not know', () => {
    expect(findingsIn({ path: 'logo.png', source: todo }, rules)).toBeUndefined();
  });
});

const scanning = (files: Readonly<Record<string, string>>) => {
  const { io, said } = terminal(
    undefined,
    {},
    {
      output: async (_command, [name]) => ({ code: 0, text: name === 'rev-parse' ? '\n' : `${Object.keys(files).join('\0')}\0` }),
      readFile: async (path) => new TextEncoder().encode(files[path]),
    },
  );
  return { io, said, written: said.files };
};
const judged = (log: string | undefined, tool: string) => judgement(log, tool).verdict;
/** `production`: the files of the run's profile; a run without a profile has none. */
const judgement = (log: string | undefined, tool: string, production?: string[]) => {
  const read = parseEvidence('sarif', new TextEncoder().encode(log));
  if (read.refused) throw new Error(read.refused.detail);
  return judgeEvidence(sarifClean.of({ tools: [tool], maxLevel: 'none', maxSuppressed: 0, ...(production && { production }) }), read.ok);
};
/** A log of a scan that found nothing, as another program might write it in the scanner's name. */
const emptyLog = (name: string, run: object): string =>
  JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name } }, results: [], ...run }] });
const profile = 'service: shop\nfeatures:\n  - { id: orders, title: Orders, paths: ["src/orders/**"] }\n';

describe('holdpoint scan', () => {
  test('writes a log that the checks judge, one run for each of them', async () => {
    const { io, written } = scanning({ 'src/a.ts': `// ${todo} finish`, 'test/a.test.ts': 'vi.mock("./a");' });
    expect(await run(['scan'], io)).toBe(1);
    expect(judged(written.get('scan.sarif'), 'holdpoint-scan-comments')).toBe('fail');
    expect(judged(written.get('scan.sarif'), 'holdpoint-scan-mocks')).toBe('pass');
  });

  test.each([
    [[], 'pass', /^TOOL in 2 files: 0 errors, /],
    [
      ['src/a.ts'],
      'inconclusive',
      /^TOOL in 2 files: .*; only a part of the repository was scanned: run `holdpoint scan` in its top folder/,
    ],
    [['--exclude', 'lib/**'], 'inconclusive', /only a part of the repository was scanned/],
  ] as const)('with %j says in its log how much it read, and the checks are %s', async (more, verdict, says) => {
    const { io, written } = scanning({ 'src/a.ts': '1', 'src/b.ts': '1' });
    expect(await run(['scan', ...more], io)).toBe(0);
    for (const tool of ['holdpoint-scan-mocks', 'holdpoint-scan-comments']) {
      const { reason, ...rest } = judgement(written.get('scan.sarif'), tool);
      expect(rest.verdict).toBe(verdict);
      expect(reason.replace(tool, 'TOOL')).toMatch(says);
    }
  });

  test('reads a script without an ending by its first line, and no other file without one', async () => {
    const files = { 'bin/start': `#!/usr/bin/env bash\n# ${todo} stop\n`, LICENSE: `# ${todo}`, 'src/a.ts': '1' };
    const { io, said, written } = scanning(files);
    expect(await run(['scan', '--json'], io)).toBe(1);
    expect(JSON.parse(said.out)).toMatchObject({ files: 2, notRead: 1, found: 1, scope: 'whole' });
    expect(written.get('scan.sarif')).toContain('"uri": "bin/start"');
  });

  test('a reason in a comment suppresses a finding, and the check says how many it accepts', async () => {
    const { io, written } = scanning({ 'src/a.py': '# holdpoint-allow not-implemented: an abstract method\nraise NotImplementedError\n' });
    expect(await run(['scan'], io)).toBe(0);
    expect(judged(written.get('scan.sarif'), 'holdpoint-scan-mocks')).toBe('fail');
    expect(written.get('scan.sarif')).toContain('an abstract method');
  });

  test('lists the files that it read, and reads with a profile those of its features alone', async () => {
    const files = {
      'p.yaml': profile,
      'src/orders/place.ts': '1',
      'src/orders/place.test.ts': '1',
      'src/other/left.ts': `// ${todo} finish`,
      'scripts/left.sh': 'exit',
      'logo.png': '1',
    };
    const { io, written, said } = scanning(files);
    expect(await run(['scan', '--profile', 'p.yaml', '--json'], io)).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject({
      files: 1,
      notRead: 0,
      found: 0,
      inNoFeature: ['p.yaml', 'src/other/left.ts', 'scripts/left.sh'],
    });
    const log = JSON.parse(written.get('scan.sarif') ?? '') as { runs: { artifacts: unknown }[] };
    for (const { artifacts } of log.runs) expect(artifacts).toEqual([{ location: { uri: 'src/orders/place.ts' } }]);
    const plain = scanning(files);
    expect(await run(['scan', '--profile', 'p.yaml'], plain.io)).toBe(0);
    expect(plain.said.out).toContain('Not read, because no feature of the profile lists them: p.yaml, src/other/left.ts, scripts/left.sh');
    const whole = scanning(files);
    expect(await run(['scan'], whole.io)).toBe(1);
  });

  test('with a profile that leaves files out proves nothing for a run without one', async () => {
    const files = { 'p.yaml': profile, 'src/orders/place.ts': '1', 'src/other/left.ts': `// ${todo} finish`, 'logo.png': '1' };
    const { io, written } = scanning(files);
    expect(await run(['scan', '--profile', 'p.yaml'], io)).toBe(0);
    const log = written.get('scan.sarif');
    const tool = 'holdpoint-scan-comments';
    expect(judgement(log, tool)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('; features of a profile left out 2 files, and the run has no profile: scan without --profile'),
    });
    expect(judgement(log, tool, ['src/orders/**']).verdict).toBe('pass');
    expect(judgement(log, tool, ['src/**']).verdict).toBe('inconclusive');
    // A log of an older version does not say what it left out.
    expect(judged(log?.replaceAll('"inNoFeature"', '"other"'), tool)).toBe('inconclusive');
    const wrong = log?.replace(/"inNoFeature": 2/, '"inNoFeature": "0"').replaceAll('"inNoFeature": 2', '"inNoFeature": 0');
    expect(['holdpoint-scan-mocks', tool].map((one) => judged(wrong, one))).toEqual(['inconclusive', 'pass']);
  });

  test('with a profile whose features list everything counts as whole for every run', async () => {
    const all = 'service: shop\nfeatures:\n  - { id: all, title: All, paths: ["**"] }\n';
    const { io, written } = scanning({ 'p.yaml': all, 'src/orders/place.ts': '1', 'logo.png': '1' });
    expect(await run(['scan', '--profile', 'p.yaml'], io)).toBe(0);
    expect(judged(written.get('scan.sarif'), 'holdpoint-scan-mocks')).toBe('pass');
    expect(judgement(written.get('scan.sarif'), 'holdpoint-scan-mocks', ['src/**']).verdict).toBe('pass');
  });

  test.each([
    ['lists no production file', { 'p.yaml': profile, 'src/other/left.ts': '1' }, 'listed by a feature of p.yaml'],
    ['is wrong', { 'p.yaml': 'features: 7', 'src/orders/a.ts': '1' }, 'p.yaml:1:'],
  ])('refuses a profile that %s', async (_, files, says) => {
    const { io, written, said } = scanning(files as Record<string, string>);
    expect(await run(['scan', '--profile', 'p.yaml'], io)).toBe(2);
    expect(said.err).toContain(says);
    expect(written.size).toBe(0);
  });

  test.each([
    ['holdpoint-scan-mocks', {}, 'inconclusive'],
    ['holdpoint-scan-mocks', { artifacts: [] }, 'inconclusive'],
    ['holdpoint-scan-comments', { artifacts: null }, 'inconclusive'],
    ['holdpoint-scan-mocks', { artifacts: [{ location: { uri: 'src/a.ts' } }], properties: { scope: 'whole' } }, 'pass'],
    ['holdpoint-scan-mocks', { artifacts: [{ location: { uri: 'src/a.ts' } }], properties: { scope: 'part' } }, 'inconclusive'],
    ['holdpoint-scan-mocks', { artifacts: [{ location: { uri: 'src/a.ts' } }], properties: { scope: 7 } }, 'inconclusive'],
    ['holdpoint-scan-mocks', { artifacts: [{ location: { uri: 'src/a.ts' } }] }, 'inconclusive'],
    ['secretlint', {}, 'inconclusive'],
    ['secretlint', { artifacts: [] }, 'inconclusive'],
    ['secretlint', { artifacts: [{ location: { uri: 'src/a.ts' } }] }, 'pass'],
    ['secretlint', { invocations: [{ executionSuccessful: false }] }, 'inconclusive'],
  ])('an empty log of %s with %j is %s', (tool, more, verdict) => {
    expect(judged(emptyLog(tool, more), tool)).toBe(verdict);
  });

  test.each([
    ['only tests', { 'test/a.test.ts': '1' }, []],
    ['no file', {}, []],
    ['only files of other kinds', { 'logo.png': '1' }, []],
    ['everything excluded', { 'src/a.ts': '1' }, ['--exclude', 'src/**']],
  ])('refuses to prove something from %s', async (_, files, more) => {
    const { io, written } = scanning(files as Record<string, string>);
    expect(await run(['scan', ...more], io)).toBe(2);
    expect(written.size).toBe(0);
  });
});
