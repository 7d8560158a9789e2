import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCli, mostCliBytes } from '../../bin/bundle-cli.ts';
import { emptyEnv, packCli } from './pack-cli.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-package-'));
const empty = join(folder, 'empty');
let packed: Awaited<ReturnType<typeof packCli>>;

beforeAll(async () => {
  mkdirSync(empty);
  packed = await packCli(folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in the empty folder. */
const execute = (program: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const child = execFile(program, args, { cwd: empty, env: { ...emptyEnv(folder), ...env }, timeout: 60_000 }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
const npx = (...args: string[]) => execute('npx', ['--yes', './holdpoint-0.1.0.tgz', ...args]);
const bundled = (args: readonly string[], env: Record<string, string> = {}) =>
  execute(process.execPath, [join(packed.copy, 'dist/cli/holdpoint.mjs'), ...args], env);

describe('the bundle', () => {
  test('has no heavy module: none of the CDK, the AWS SDK, the local stage and its servers', async () => {
    const { contents, inputs } = await bundleCli();
    const heavy =
      /node_modules\/(aws-cdk|constructs|@aws-sdk|@smithy|oidc-provider|autocannon|esbuild|tsx|hono|@hono|nodemailer)|lib\/(local|stack|console)\/|lambdas\//;
    expect(inputs.filter((file) => heavy.test(file))).toEqual([]);
    // The check above reads paths of this form.
    expect(inputs).toContain('lib/cli/main.ts');
    // It has an effect and exports nothing, which esbuild would leave out of a package without side effects.
    expect(inputs).toContain('bin/node-version.mjs');
    expect(inputs.some((file) => file.includes('node_modules/openid-client/'))).toBe(true);
    expect(contents.length).toBeLessThan(mostCliBytes);
  });

  // Running modules is what a start costs: of 190 ms that `--help` needed beside Node.js itself, the contract and zod took 100.
  test('runs at its start what every command needs, and no library', async () => {
    expect((await bundleCli()).atStart).toEqual([
      'bin/node-version.mjs',
      'bin/packaged.ts',
      'bin/system.ts',
      'bin/terminal.ts',
      'lib/api/correct-field.ts',
      'lib/api/unreachable.ts',
      'lib/cli/commands.ts',
      'lib/cli/exit-codes.ts',
      'lib/cli/io.ts',
      'lib/cli/main.ts',
      'lib/cli/plain.ts',
      'lib/cli/problem.ts',
      'lib/cli/version.ts',
      'package.json',
    ]);
  });

  test('needs nothing but modules of Node.js at run time', async () => {
    const text = Buffer.from((await bundleCli()).contents).toString();
    const imported = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?"([\w@][\w@/.:-]*)"/g)].map(([, name = '']) => name);
    expect(imported).toContain('node:fs/promises');
    // Ajv writes these names into code that it generates ahead of time, which Holdpoint does not ask for.
    expect(imported.filter((name) => !isBuiltin(name) && !name.startsWith('ajv/dist/runtime/'))).toEqual([]);
    expect(text).not.toContain(root);
  });
});

describe('the package', () => {
  const manifestOf = (text: string) => JSON.parse(text) as Record<string, unknown>;

  test('has one program, no dependencies and no script that an installation runs', async () => {
    const { out } = await execute('tar', ['xzOf', packed.tgz, 'package/package.json']);
    expect(manifestOf(out)).toMatchObject({ name: 'holdpoint', private: true, bin: { holdpoint: 'dist/cli/holdpoint.mjs' } });
    expect(Object.keys(manifestOf(out)).filter((name) => /dependencies/i.test(name))).toEqual([]);
    expect(Object.keys(manifestOf(out).scripts as object)).toEqual(['postpack']);
    const { out: files } = await execute('tar', ['tzf', packed.tgz]);
    expect(files.trim().split('\n').sort()).toEqual(
      ['LICENSE', 'README.md', 'dist/cli/holdpoint.mjs', 'package.json'].map((name) => `package/${name}`),
    );
  });

  test('leaves the package.json of the checkout as it was', () => {
    expect(readFileSync(join(packed.copy, 'package.json'), 'utf8')).toBe(readFileSync(join(root, 'package.json'), 'utf8'));
  });

  test('puts package.json back also after an npm pack that was killed, once it is packed again', async () => {
    const manifest = join(packed.copy, 'package.json');
    const npm = (...args: string[]) => execute('npm', ['--prefix', packed.copy, ...args]);
    expect((await npm('run', '--silent', 'prepack')).code).toBe(0);
    expect(manifestOf(readFileSync(manifest, 'utf8')).dependencies).toBeUndefined();
    expect((await npm('pack', packed.copy)).code).toBe(0);
    expect(readFileSync(manifest, 'utf8')).toBe(readFileSync(join(root, 'package.json'), 'utf8'));
  }, 60_000);

  test('runs in an empty folder, without a registry', async () => {
    cpSync(packed.tgz, join(empty, 'holdpoint-0.1.0.tgz'));
    const { code, out, err } = await npx('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Usage: holdpoint COMMAND [options]');
    expect(await npx('status')).toMatchObject({ code: 2, err: expect.stringContaining('Usage: holdpoint status RUN') as string });
  }, 60_000);

  test('lists the checks and asks a server, with the exit codes of the checkout', async () => {
    expect(await bundled(['checklist', '--json'])).toMatchObject({ code: 0, out: expect.stringContaining('"no-secrets"') as string });
    expect(await bundled(['status', 'r1'])).toMatchObject({ code: 2, err: expect.stringContaining('no server address') as string });
    const nobody = { HOLDPOINT_URL: 'http://127.0.0.1:9', HOLDPOINT_TOKEN: 't' };
    expect(await bundled(['status', 'r1'], nobody)).toMatchObject({ code: 3, out: '' });
    // Loads openid-client, which comes last into the bundle.
    expect(await bundled(['login'], nobody)).toMatchObject({ code: 3, err: expect.stringContaining('oauth-protected-resource') as string });
  });

  test('says that a local stage needs a checkout', async () => {
    const sentence = 'run `npm ci` and `node bin/holdpoint.mjs local up` in one';
    expect(await bundled(['local', 'up'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining(sentence) as string });
    const { code, out } = await bundled(['local', 'up', '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      { type: 'https://holdpoint.dev/problems/needs-checkout', detail: expect.stringContaining(sentence) as string },
    ]);
  });
});

test('a name on a registry that nobody owns is suggested nowhere', () => {
  const files = execFileSync('git', ['ls-files', '*.md', 'lib', 'bin'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(md|ts|mjs)$/.test(file));
  const named = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => /\b(npx|npm (i|install|exec)|pnpm dlx|yarn dlx|bunx)\b(\s+-\S+)*\s+["'`]?holdpoint\b(?!-\d[^ ]*\.tgz)/.test(line))
      .map((line) => `${file}: ${line}`),
  );
  expect(named).toEqual([]);
  expect((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { private: boolean }).private).toBe(true);
});
