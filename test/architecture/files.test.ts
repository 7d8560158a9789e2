import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);
const sources = tracked.filter((file) => /\.(ts|mjs)$/.test(file));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Files over 300 lines, each with its reason. */
const long: Readonly<Record<string, string>> = {
  'test/unit/evidence-lcov.test.ts': 'one list of what LCOV files say',
  'test/unit/evidence-log-sample.test.ts': 'one list of what a log may hold and may not',
  'test/unit/records.test.ts': 'one list of what records say, kind by kind',
  'test/unit/profile.test.ts': 'one list of what a profile may say and may not',
  'test/commands/authors.test.ts': 'one story of who signs beside who wrote the release, with its builders',
  'lib/lambda-manifest.ts': 'one list of all functions',
  'lib/notification.ts': 'one list of all mails, with what each tells',
  'test/stack/trusted.test.ts': "one list of what the README's table of trust says",
  'test/commands/writers.ts': 'one list of all writers, which does not compile without a case of each',
};

describe('the house', () => {
  test('no file is over 300 lines without a named reason', () => {
    const over = sources.filter((file) => read(file).split('\n').length > 301 && !(file in long));
    expect(over).toEqual([]);
  });

  test('no folder or file is a bag', () => {
    expect(sources.filter((file) => /(^|\/)(utils?|common|shared|helpers?|managers?|misc)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  test('nothing is left undone, and no test is switched off', () => {
    const words = new RegExp(
      [
        '\\bTO' + 'DO\\b',
        '\\bFIX' + 'ME\\b',
        '\\b(it|test|describe)\\.(skip|only|todo)\\b',
        '@ts-' + 'ignore',
        '@ts-no' + 'check',
        '\\bas a' + 'ny\\b',
      ].join('|'),
    );
    // TAP has a directive of that name.
    const naming = new Set([
      'test/architecture/files.test.ts',
      'lib/checklist/phases/phase-1.ts',
      'lib/cli/commands.ts',
      'lib/cli/scan.ts',
      'lib/producers/markdown.ts',
      'lib/producers/scan-rules.ts',
      'test/unit/evidence-tap.test.ts',
    ]);
    expect(sources.filter((file) => !naming.has(file) && words.test(read(file)))).toEqual([]);
  });

  test('the top level is what it was agreed to be', () => {
    const top = new Set(tracked.map((file) => file.split('/')[0] ?? ''));
    const agreed = [
      'bin',
      'lib',
      'lambdas',
      'test',
      '.ci',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'cdk.json',
      'README.md',
      'LICENSE',
      'SECURITY.md',
      'CHANGELOG.md',
      'biome.json',
      'knip.json',
      'vitest.config.ts',
      '.gitignore',
      '.npmrc',
      '.secretlintrc.json',
      '.secretlintignore',
      '.github',
    ];
    expect([...top].filter((name) => !agreed.includes(name))).toEqual([]);
  });
});

describe('the dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;

  test('are pinned to exact versions', () => {
    expect(
      Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([]);
  });

  test('that only tests may use are no dependencies of the product', () => {
    expect(
      Object.keys(dependencies).filter((name) =>
        /iam-simulate|vitest|playwright|axe-core|fast-check|cdk-nag|client-mock|canonicalize/.test(name),
      ),
    ).toEqual([]);
  });
});
